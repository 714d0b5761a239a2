/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_TRACKER_H
#define VSOCKHDR_TRACKER_H

/*
 * The flow tracker: fed one record after another, it follows every connection through
 * set-up, credit and teardown (virtio specification 1.3, 5.10.6), tells what each packet
 * meant, and reports findings.
 *
 * It has no clock: time is what the records' time stamps say. It works in bounded
 * memory: at most max_flows connections are remembered. Those that are over make room
 * first, the one that ended first before the others; then the one that was silent
 * longest. What it cannot know, as of a connection that began before the capture, it says
 * is unknown.
 *
 * A tracker belongs to one thread at a time; different trackers are independent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vsockhdr/finding.h>
#include <vsockhdr/record.h>

VSOCKHDR_BEGIN_DECLS

struct vsockhdr_tracker;

/** enum vsockhdr_setup - How a connection began */
enum vsockhdr_setup {
	/** REQUEST without an answer so far, or at all */
	VSOCKHDR_SETUP_UNANSWERED,
	/** RESPONSE */
	VSOCKHDR_SETUP_ACCEPTED,
	/** RST by the server */
	VSOCKHDR_SETUP_REFUSED,
	/** RST or SHUTDOWN by the client before an answer */
	VSOCKHDR_SETUP_ABORTED,
	/** It began before the capture */
	VSOCKHDR_SETUP_MIDSTREAM
};

/** enum vsockhdr_close - How a connection ended, as far as seen */
enum vsockhdr_close {
	/** Not at all */
	VSOCKHDR_CLOSE_OPEN,
	/** One direction is shut down, or both and no RST */
	VSOCKHDR_CLOSE_HALF_OPEN_STATE,
	/** RST after both directions were shut down */
	VSOCKHDR_CLOSE_CLEAN,
	/** RST before that */
	VSOCKHDR_CLOSE_RESET_STATE,
	/** RST in answer to the REQUEST */
	VSOCKHDR_CLOSE_REFUSED
};

/** vsockhdr_setup_name() - accepted, refused, unanswered, aborted, midstream; or NULL */
VSOCKHDR_API const char *vsockhdr_setup_name(enum vsockhdr_setup setup);

/** vsockhdr_close_name() - open, half_open, clean, reset, refused; or NULL */
VSOCKHDR_API const char *vsockhdr_close_name(enum vsockhdr_close close);

/** A number that is not known, or a time that there is none of */
#define VSOCKHDR_UNKNOWN_NUMBER UINT64_MAX
#define VSOCKHDR_NO_TIME        INT64_MIN

/** Index of an end in an array of two */
enum vsockhdr_end { VSOCKHDR_CLIENT = 0, VSOCKHDR_SERVER = 1 };

/**
 * struct vsockhdr_flow_end - What one end of a connection did
 * @packets:	Packets that it sent
 * @bytes:	Payload bytes that it sent, as its headers say
 * @min_free:	Smallest credit that it had left to send into, after any of its RW
 *		packets; VSOCKHDR_UNKNOWN_NUMBER where it sent none or it is not known
 * @stall_ns:	How long it was without credit, altogether
 */
struct vsockhdr_flow_end {
	uint64_t packets;
	uint64_t bytes;
	uint64_t min_free;
	int64_t stall_ns;
};

/**
 * struct vsockhdr_flow - A connection, as it stands
 * @number:	From 0, in order of first packets
 * @address:	Of client and server. The client is who sent REQUEST; of a connection
 *		that began before the capture, who sent its first packet here (or who
 *		got it, if that was a RESPONSE)
 * @type:	Field type of its first packet
 * @setup:	How it began
 * @setup_ns:	From REQUEST to its answer; VSOCKHDR_NO_TIME without both
 * @close:	How it ended
 * @closed_by:	Which end: of a clean close who sent the first SHUTDOWN, of a reset or
 *		a refusal who sent the RST, of a half-open one who shut down first; valid
 *		unless @close is VSOCKHDR_CLOSE_OPEN
 * @first_frame:	Its first packet
 * @last_frame:	Its last packet
 * @first_ns:	Their times
 * @last_ns:	Likewise
 * @end:	What its two ends did
 * @findings:	How many of each kind it has
 *
 * Frames and numbers of packets are exact for the 2^32 frames from its first one on.
 */
struct vsockhdr_flow {
	uint64_t number;
	struct vsockhdr_addr address[2];
	uint16_t type;
	enum vsockhdr_setup setup;
	int64_t setup_ns;
	enum vsockhdr_close close;
	enum vsockhdr_end closed_by;
	uint64_t first_frame;
	uint64_t last_frame;
	int64_t first_ns;
	int64_t last_ns;
	struct vsockhdr_flow_end end[2];
	uint32_t findings[VSOCKHDR_FINDING_COUNT];
};

/**
 * struct vsockhdr_tracker_options - How to track; all zero is the default
 * @connect_ns:	Time to answer a REQUEST (0: 2 s)
 * @close_ns:	Time for the RST after both directions are shut down, and for the second
 *		direction to be shut down (0: 8 s)
 * @stall_ns:	Time without credit that is worth a finding (0: 1 s)
 * @request_ns:	Time to answer a CREDIT_REQUEST (0: 1 s)
 * @max_flows:	Connections to remember (0: 1,000,000)
 * @only_count:	Nobody wants to know of a connection that is over more than that it was:
 *		@on_flow and vsockhdr_tracker_walk() give none of its figures. It takes
 *		64 bytes at most then, and 128 otherwise, its place in the table included
 * @on_finding:	Called for each finding, in the order in which they become known;
 *		NULL: nobody wants them. It must not call the tracker
 * @on_flow:	Called for each connection when the tracker lets go of it: the next on
 *		its pair of addresses begins, it makes room, or the capture ends; NULL:
 *		nobody wants them. It must not call the tracker
 * @context:	Given to both
 */
struct vsockhdr_tracker_options {
	int64_t connect_ns;
	int64_t close_ns;
	int64_t stall_ns;
	int64_t request_ns;
	size_t max_flows;
	bool only_count;
	void (*on_finding)(void *context, const struct vsockhdr_finding *finding);
	void (*on_flow)(void *context, const struct vsockhdr_flow *flow);
	void *context;
};

/**
 * struct vsockhdr_seen - A record, as the tracker is given it
 * @frame:	Its number in the capture, from 1, larger than the last one's. Numbers may
 *		be left out, and begin anew after vsockhdr_tracker_finish()
 * @time_ns:	Its time stamp, nanoseconds since 1970; may go backwards
 * @rec:	What it was decoded to
 * @err:	What vsockhdr_record_decode() returned
 * @lost:	Packets that the capture itself has lost so far, as far as known: grows
 */
struct vsockhdr_seen {
	uint64_t frame;
	int64_t time_ns;
	const struct vsockhdr_record *rec;
	int err;
	uint64_t lost;
};

/**
 * struct vsockhdr_told - What a packet meant
 * @flow:	Its connection, or VSOCKHDR_NO_FLOW
 * @from:	Which end sent it; valid if there is a flow
 * @credit_known:	The next four are valid: it is an RW, CREDIT_UPDATE or
 *		CREDIT_REQUEST of a flow whose credit is known. They concern the
 *		direction that the packet concerns: of RW and CREDIT_REQUEST that in which
 *		it goes, of CREDIT_UPDATE the other
 * @peer_free:	Bytes that the sender of that direction may still send, after this
 *		packet (5.10.6.3); 0 also where it has sent more than it may
 * @in_flight:	Bytes that it has sent and that are not known to be consumed
 * @peer_buf_alloc:	The receiver's buffer, as it last said
 * @peer_fwd_cnt:	Bytes that the receiver has consumed, as it last said, as a
 *counter that does not wrap. With @peer_buf_alloc added it is the byte of that direction
 *up to which may be sent; with @in_flight added, how many were sent
 * @offset:	Of an RW of a connection that is not over: payload bytes that its sender
 *		had sent before it, since the connection's first packet in the capture;
 *		of another packet VSOCKHDR_UNKNOWN_NUMBER
 * @first_ns:	Time of the connection's first packet; valid if there is a flow
 * @previous_ns:	Time of the packet before this one in the connection; or
 *		VSOCKHDR_NO_TIME
 * @setup_ns:	The packet answers a REQUEST after so long; or VSOCKHDR_NO_TIME
 * @setup_frame:	That REQUEST; valid with @setup_ns
 * @stall_ns:	The packet ends a time without credit that lasted so long; or
 *		VSOCKHDR_NO_TIME
 * @request_ns:	The packet is the first with credit after a CREDIT_REQUEST of its
 *		receiver, after so long; or VSOCKHDR_NO_TIME. Also if it is late
 * @request_frame:	That CREDIT_REQUEST, or of several the first; valid with
 *		@request_ns
 * @ended:	The packet ended the connection: @close and @closed_by tell how
 * @close:	How it stands
 * @closed_by:	As in struct vsockhdr_flow
 */
struct vsockhdr_told {
	uint64_t flow;
	enum vsockhdr_end from;
	bool credit_known;
	uint64_t peer_free;
	uint64_t in_flight;
	uint32_t peer_buf_alloc;
	uint64_t peer_fwd_cnt;
	uint64_t offset;
	int64_t first_ns;
	int64_t previous_ns;
	int64_t setup_ns;
	uint64_t setup_frame;
	int64_t stall_ns;
	int64_t request_ns;
	uint64_t request_frame;
	bool ended;
	enum vsockhdr_close close;
	struct vsockhdr_addr closed_by;
};

/**
 * struct vsockhdr_tracker_stats - Figures of a tracker
 * @records:	Records fed
 * @flows:	Connections seen
 * @live:	Connections remembered now
 * @evicted:	Connections that had to make room while they were not closed
 * @setups:	Connections that the tracker let go of, by enum vsockhdr_setup
 * @closes:	Likewise, by enum vsockhdr_close
 * @findings:	Findings, by enum vsockhdr_finding_id
 */
struct vsockhdr_tracker_stats {
	uint64_t records;
	uint64_t flows;
	uint64_t live;
	uint64_t evicted;
	uint64_t setups[VSOCKHDR_SETUP_MIDSTREAM + 1];
	uint64_t closes[VSOCKHDR_CLOSE_REFUSED + 1];
	uint64_t findings[VSOCKHDR_FINDING_COUNT];
};

/**
 * vsockhdr_tracker_new() - Make a tracker
 * @options:	How to track; copied
 *
 * Return: the tracker, for vsockhdr_tracker_free(); NULL where there is no memory
 */
VSOCKHDR_API struct vsockhdr_tracker *
vsockhdr_tracker_new(const struct vsockhdr_tracker_options *options);

/**
 * vsockhdr_tracker_free() - Free a tracker
 * @tracker:	The tracker, or NULL. Nothing is reported: vsockhdr_tracker_finish() does
 */
VSOCKHDR_API void vsockhdr_tracker_free(struct vsockhdr_tracker *tracker);

/**
 * vsockhdr_tracker_feed() - Give the next record to a tracker
 * @tracker:	The tracker
 * @seen:	The record
 * @told:	Where what it meant goes
 *
 * Memory that cannot be had makes the tracker remember fewer connections, which counts
 * as eviction.
 */
VSOCKHDR_API void vsockhdr_tracker_feed(struct vsockhdr_tracker *tracker,
					const struct vsockhdr_seen *seen,
					struct vsockhdr_told *told);

/**
 * vsockhdr_tracker_expect() - Say that a packet will come soon
 * @tracker:	The tracker
 * @src:	Its sender
 * @dst:	Its receiver
 *
 * For who knows packets before they are fed, as of a file: called in their order about 8
 * packets ahead, it makes vsockhdr_tracker_feed() faster, because what that will need is
 * fetched from memory meanwhile. It changes nothing else, also if the packet never comes.
 *
 * Return: false where it makes nothing faster, because there are few connections: it will
 * not for some time
 */
VSOCKHDR_API bool vsockhdr_tracker_expect(struct vsockhdr_tracker *tracker,
					  const struct vsockhdr_addr *src,
					  const struct vsockhdr_addr *dst);

/**
 * vsockhdr_tracker_lost() - Say that the capture has lost packets since the last record
 * @tracker:	The tracker
 * @lost:	Packets that it has lost so far, as in struct vsockhdr_seen
 *
 * To be called before vsockhdr_tracker_expire() or vsockhdr_tracker_finish(): what seems
 * to be missing may be what was lost.
 */
VSOCKHDR_API void vsockhdr_tracker_lost(struct vsockhdr_tracker *tracker, uint64_t lost);

/**
 * vsockhdr_tracker_expire() - Report what is overdue
 * @tracker:	The tracker
 * @now_ns:	The time; the latest record's where it is earlier than that
 *
 * For live reports: goes through all connections, and reports those findings whose time
 * limit has passed. vsockhdr_tracker_feed() does so for the connection at hand only.
 */
VSOCKHDR_API void vsockhdr_tracker_expire(struct vsockhdr_tracker *tracker,
					  int64_t now_ns);

/**
 * vsockhdr_tracker_finish() - The capture has ended
 * @tracker:	The tracker; it forgets all connections
 *
 * Reports the findings that only the end shows, and hands all connections to on_flow, in
 * the order of their numbers (in any order where there is no memory to sort them).
 */
VSOCKHDR_API void vsockhdr_tracker_finish(struct vsockhdr_tracker *tracker);

/**
 * vsockhdr_tracker_walk() - Look at all connections that are remembered
 * @tracker:	The tracker
 * @on_flow:	Called for each, in the order of their numbers; must not call the tracker
 * @context:	Given to it
 *
 * Where there is no memory to sort them, they come in any order.
 */
VSOCKHDR_API void vsockhdr_tracker_walk(const struct vsockhdr_tracker *tracker,
					void (*on_flow)(void *context,
							const struct vsockhdr_flow *flow),
					void *context);

/**
 * vsockhdr_tracker_stats() - Figures of a tracker
 * @tracker:	The tracker
 * @stats:	Where they go
 */
VSOCKHDR_API void vsockhdr_tracker_stats(const struct vsockhdr_tracker *tracker,
					 struct vsockhdr_tracker_stats *stats);

VSOCKHDR_END_DECLS

#endif
