/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_TRACK_H
#define VSOCKHDR_TRACK_H

/*
 * What the rooms of the tracker share. Private to the library.
 *
 * tracker.c owns the public functions and the life of a flow; each of the others knows
 * one part of the protocol: track_header.c a header by itself, track_setup.c REQUEST and
 * its answers, track_credit.c buffer space, track_close.c SHUTDOWN and RST,
 * track_message.c seqpacket messages, track_split.c packets that vhost cuts.
 * track_report.c makes findings of what they see.
 */

#include <stdbool.h>
#include <stdint.h>
#include <vsockhdr/tracker.h>

#include "flow_table.h"

/**
 * struct vsockhdr_tracker - A tracker
 * @options:	As given, defaults filled in
 * @frame:	The last record's
 * @calling:	on_finding() or on_flow() is running
 * @table:	Connections
 * @held:	Findings that are held back, struct held_finding
 * @stats:	Figures
 * @has_begun:	A record was fed
 * @begin_ns:	Time of the first record
 * @now_ns:	Time of the last record
 * @reserved_cid_seen: A packet other than an RST had a CID that no end can have
 * @cut:	Records whose header the snap length cut
 * @lost:	Packets that the capture has lost so far, and those
 */
struct vsockhdr_tracker {
	struct vsockhdr_tracker_options options;
	uint64_t frame;
	bool calling;
	struct flow_table table;
	struct pool held;
	struct vsockhdr_tracker_stats stats;
	bool has_begun;
	bool reserved_cid_seen;
	int64_t begin_ns;
	int64_t now_ns;
	uint64_t cut;
	uint32_t lost;
};

/**
 * struct held_finding - A finding that waits until it is known whether it is one
 * @next:	The next of its flow
 * @finding:	The finding
 */
struct held_finding {
	uint32_t next;
	struct vsockhdr_finding finding;
};

/**
 * struct packet_context - The packet at hand
 * @tracker:	The tracker
 * @seen:	The record
 * @hdr:	Its header, if it has one
 * @told:	What the caller will be told
 * @flow:	Its flow, or NULL
 * @from:	End of @flow that sent it
 * @to:		The other
 * @ns:		Its time
 */
struct packet_context {
	struct vsockhdr_tracker *tracker;
	const struct vsockhdr_seen *seen;
	const struct vsockhdr *hdr;
	struct vsockhdr_told *told;
	struct flow *flow;
	enum vsockhdr_end from;
	enum vsockhdr_end to;
	int64_t ns;
};

/** elapsed() - Time between two time stamps, which may be anything; 0 where they go
 * backwards */
static inline int64_t elapsed(int64_t from, int64_t to)
{
	uint64_t ns = (uint64_t)to - (uint64_t)from;

	if (to <= from)
		return 0;
	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

/** add_time() - Make a time longer, at most to the longest that there is */
static inline void add_time(int64_t *ns, int64_t more)
{
	*ns = more > INT64_MAX - *ns ? INT64_MAX : *ns + more;
}

static inline enum vsockhdr_end other_end(enum vsockhdr_end end)
{
	return end == VSOCKHDR_CLIENT ? VSOCKHDR_SERVER : VSOCKHDR_CLIENT;
}

/** here() - The packet at hand as a mark */
struct mark here(const struct packet_context *at);

/* track_report.c */

/** No end is at fault */
#define NOBODY (-1)

/** finding_here() - Begin a finding about the packet at hand, its sender at fault */
struct vsockhdr_finding finding_here(const struct packet_context *at,
				     enum vsockhdr_finding_id id);

/**
 * finding_of() - Begin a finding about an earlier packet of a flow
 * @id:		Which
 * @flow:	The flow
 * @mark:	The packet
 * @sender:	End that sent it
 * @fault:	End at fault, or NOBODY
 */
struct vsockhdr_finding finding_of(enum vsockhdr_finding_id id, const struct flow *flow,
				   struct mark mark, enum vsockhdr_end sender, int fault);

/** blame() - Change who is at fault in a finding: an end of a flow, or NOBODY */
void blame(struct vsockhdr_finding *finding, const struct flow *flow, int fault);

/** add_figure() - Add a number to a finding */
void add_figure(struct vsockhdr_finding *finding, const char *name, uint64_t value);

/**
 * report() - Hand a finding out, or hold it back while a duplicate is undecided
 * @tracker:	The tracker
 * @flow:	Its flow, or NULL
 * @finding:	The finding; its severity is lowered where the capture lost packets
 */
void report(struct vsockhdr_tracker *tracker, struct flow *flow,
	    struct vsockhdr_finding *finding);

/** release_held() - Hand out the findings of a flow that were held back */
void release_held(struct vsockhdr_tracker *tracker, struct flow *flow);

/** drop_held() - Forget them */
void drop_held(struct vsockhdr_tracker *tracker, struct flow *flow);

/** report_here() - finding_here() and report() */
void report_here(const struct packet_context *at, enum vsockhdr_finding_id id);

/* track_header.c */

/** check_record() - Findings of a record that is not whole */
void check_record(const struct packet_context *at);

/** check_header() - Findings of a header by itself */
void check_header(const struct packet_context *at);

/** is_trackable() - Whether a header's op and type are ones that exist */
bool is_trackable(const struct vsockhdr *hdr);

/* tracker.c */

/** begin_flow() - The packet at hand begins a flow, which becomes at->flow; the old one
 * is let go of. False where there is no memory */
bool begin_flow(struct packet_context *at, bool from_server);

/* track_setup.c */

/** on_request() - A REQUEST; at->flow is that of its pair so far, or NULL. Return:
 * whether its credit counts */
bool on_request(struct packet_context *at);

/** on_response() - A RESPONSE, of a flow that is not over, or of none. Return: whether
 * its credit counts */
bool on_response(struct packet_context *at);

/** end_setup() - The capture ends, or the next flow begins */
void end_setup(struct vsockhdr_tracker *tracker, struct flow *flow);

/** on_shared() - There are two connections with one pair of addresses */
void on_shared(struct packet_context *at);

/** check_overdue_setup() - What is overdue at a time */
void check_overdue_setup(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns);

/** settle_duplicate() - The duplicate REQUEST was one: report it */
void settle_duplicate(struct vsockhdr_tracker *tracker, struct flow *flow);

/** is_credible() - Whether credit and teardown of a flow can be judged */
static inline bool is_credible(const struct flow *flow)
{
	return !flow->same && !flow->shared;
}

/* track_credit.c */

/** on_credit() - The credit that any packet but an RST carries */
void on_credit(struct packet_context *at);

/**
 * on_stray_credit() - The credit of a packet whose op does not exist
 *
 * Linux drops such a packet, but takes its credit first. So a peer may use the room that
 * it gives; what else it says may be as wrong as its op.
 */
void on_stray_credit(struct packet_context *at);

/** has_plausible_credit() - Whether the packet at hand can be of its flow, which began in
 * the capture, as far as its fwd_cnt tells */
bool has_plausible_credit(const struct packet_context *at);

/** end_sending() - The sender of the packet at hand will send no more, so it does not
 * wait for credit any longer */
void end_sending(struct packet_context *at);

/** on_rw() - The payload of an RW */
void on_rw(struct packet_context *at);

/** on_credit_request() - A CREDIT_REQUEST */
void on_credit_request(struct packet_context *at);

/** tell_credit() - Fill in what the caller is told of credit */
void tell_credit(struct packet_context *at);

/** check_overdue_credit() - What is overdue at a time */
void check_overdue_credit(struct vsockhdr_tracker *tracker, struct flow *flow,
			  int64_t ns);

/**
 * end_credit() - A flow has ended, or the capture has
 * @ns:		When
 * @ender:	End that ended it by an RST, or NOBODY
 */
void end_credit(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns,
		int ender);

/** credit_is_known() - Whether it is known how much an end may send */
static inline bool credit_is_known(const struct flow *flow, enum vsockhdr_end sender)
{
	return flow->begun && !flow->same && !flow->shared &&
	       flow->end[other_end(sender)].said_credit;
}

/** in_flight() - Bytes sent by an end and not known to be consumed */
uint64_t in_flight(const struct flow *flow, enum vsockhdr_end sender);

/* track_close.c */

/** on_shutdown() - A SHUTDOWN */
void on_shutdown(struct packet_context *at);

/** on_rst() - An RST, of a flow that is not over */
void on_rst(struct packet_context *at);

/** on_over() - Any packet but a REQUEST, of a flow that is over */
void on_over(struct packet_context *at);

/** is_shut() - Whether anything is shut down */
static inline bool is_shut(const struct flow *flow)
{
	return (flow->end[VSOCKHDR_CLIENT].shut | flow->end[VSOCKHDR_SERVER].shut) != 0;
}

/** is_complete() - Whether both directions are shut down */
bool is_complete(const struct flow *flow);

/** report_no_rst() - The RST after SHUTDOWN did not come */
void report_no_rst(struct vsockhdr_tracker *tracker, struct flow *flow);

/** check_overdue_close() - What is overdue at a time */
void check_overdue_close(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns);

/** end_close() - The capture ends, with this flow not over */
void end_close(struct vsockhdr_tracker *tracker, struct flow *flow);

/* track_split.c */

/** check_split() - Whether an RW that was longer than its len is continued */
void check_split(struct packet_context *at);

/* track_message.c */

/** on_message() - An RW of a seqpacket connection */
void on_message(struct packet_context *at);

/** end_message() - A flow is over, perhaps in the middle of a message */
void end_message(struct vsockhdr_tracker *tracker, struct flow *flow);

#endif
