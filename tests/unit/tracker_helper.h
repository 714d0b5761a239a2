/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_TRACKER_HELPER_H
#define TEST_TRACKER_HELPER_H

/*
 * A story of two ends, told packet by packet to a tracker, and what is expected of the
 * tracker at each point. The client is 3:1024, the server 2:1234; each packet comes a
 * millisecond after the one before it, and says of its sender's buffer what the story
 * has about it.
 */

#include "build.h"
#include "helper.h"

#define CLIENT VSOCKHDR_CLIENT
#define SERVER VSOCKHDR_SERVER
#define NOBODY (-1)

/* Flags of a SHUTDOWN */
#define RECEIVE VSOCKHDR_SHUTDOWN_RECEIVE
#define SEND    VSOCKHDR_SHUTDOWN_SEND
#define BOTH    (RECEIVE | SEND)

#define STORY_FRAMES 512

/**
 * struct story - Where the story is
 * @now_ns:	Time of the last packet
 * @lost:	Packets that the capture has lost
 * @type:	Of the packets to come
 * @addr:	Client and server
 * @buf_alloc:	What they say about their buffers
 * @fwd_cnt:	Likewise
 * @expected:	Findings that have been expected
 * @time_ns:	When the frames came, from frame 1 on
 * @flow:	Their connections
 */
struct story {
	struct watch watch;
	int64_t now_ns;
	uint64_t lost;
	uint16_t type;
	struct vsockhdr_addr addr[2];
	uint32_t buf_alloc[2];
	uint32_t fwd_cnt[2];
	size_t expected;
	int64_t time_ns[STORY_FRAMES];
	uint64_t flow[STORY_FRAMES];
};

extern struct story story;

/** STORY() - A test that begins with begin_story() and ends with end_story() */
#define STORY(test) cmocka_unit_test_setup_teardown(test, begin_story, end_story)

int begin_story(void **state);

/** end_story() - Fails where there is a finding that was not expected */
int end_story(void **state);

/** with_options() - Begin again, with a tracker that has these options */
void with_options(const struct vsockhdr_tracker_options *options);

/** pass() - Time passes, before the millisecond of the next packet */
void pass(int64_t ns);

/** say() - A packet; returns its frame */
uint64_t say(int from, uint16_t op);

/** say_rw() - An RW packet */
uint64_t say_rw(int from, uint32_t len);

/** say_flags() - A packet with flags and, of RW, a payload */
uint64_t say_flags(int from, uint16_t op, uint32_t flags, uint32_t len);

/** say_credit() - A CREDIT_UPDATE, which changes what the sender says about its buffer */
uint64_t say_credit(int from, uint32_t buf_alloc, uint32_t fwd_cnt);

/** say_rst0() - An RST of an end that knows no such connection */
uint64_t say_rst0(int from);

/** say_packet() - The packet that say() would send, for the caller to change */
struct packet say_packet(int from, uint16_t op);

/** say_this() - A packet of the caller's */
uint64_t say_this(const struct packet *packet);

/** set_up() - REQUEST and RESPONSE: frames 1 and 2 of a story */
void set_up(void);

/** capture_ends() - No more packets, and all findings that the end shows */
void capture_ends(void);

/**
 * expect() - The next finding
 * @id:		Its kind, which has its usual severity
 * @frame:	Its packet, which tells time, flow and addresses
 * @fault:	CLIENT, SERVER or NOBODY
 * @figures:	Its figures, as in "len 5, allowed 4, over 1"
 */
void expect(enum vsockhdr_finding_id id, uint64_t frame, int fault, const char *figures);

/** expect_note() - The same, but it is a note, be it for a capture that lost packets or
 * for one that ended early */
void expect_note(enum vsockhdr_finding_id id, uint64_t frame, int fault,
		 const char *figures, bool capture_loss);

/** expect_nothing() - No finding but those expected so far */
void expect_nothing(void);

/** expect_credit() - What the last packet was told to leave */
void expect_credit(uint64_t peer_free, uint64_t in_flight, uint32_t peer_buf_alloc);

/** expect_end() - The last packet ended its connection */
void expect_end(enum vsockhdr_close close, int closed_by);

#endif
