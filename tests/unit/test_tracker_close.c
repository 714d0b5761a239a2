/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Teardown: specification 1.3, 5.10.6.5. SHUTDOWN closes directions, RST closes the
 * connection, and Linux sends more RSTs than it must.
 */

#include "tracker_helper.h"

static void close_flow(int from)
{
	say_flags(from, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(!from, VSOCKHDR_OP_RST);
}

static void test_clean(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	assert_false(story.watch.told.ended);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
	/* Linux: a second RST, which ends nothing any more */
	say(SERVER, VSOCKHDR_OP_RST);
	assert_int_equal(story.watch.told.flow, 0);
	assert_false(story.watch.told.ended);
	capture_ends();
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_CLEAN);
	assert_int_equal(story.watch.flow[0].closed_by, CLIENT);
	assert_int_equal(story.watch.flow[0].end[SERVER].packets, 3);
	assert_int_equal(story.watch.flow[0].last_frame, 5);
}

/* Each of these closes both directions; who said the first SHUTDOWN closed it. */
static void test_completed_by_both(void **state)
{
	static const struct {
		uint32_t client;
		uint32_t server;
	} ways[] = { { SEND, SEND }, { RECEIVE, RECEIVE }, { SEND, BOTH } };

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		story.addr[CLIENT].port = 2000 + (uint32_t)i;
		set_up();
		say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, ways[i].server, 0);
		say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, ways[i].client, 0);
		say(SERVER, VSOCKHDR_OP_RST);
		expect_end(VSOCKHDR_CLOSE_CLEAN, SERVER);
	}
}

/* One end sends no more and the other receives no more: that is one direction. */
static void test_one_direction(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, RECEIVE, 0);
	say_rw(SERVER, 100);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_RESET_STATE, SERVER);
	expect(VSOCKHDR_CLOSE_RESET, 6, SERVER,
	       "unconsumed_client 0, unconsumed_server 100");
}

/* Flags add up: one SHUTDOWN need not repeat the one before. */
static void test_flags_add_up(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, RECEIVE, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
}

static void test_reset(void **state)
{
	(void)state;
	set_up();
	say_rw(CLIENT, 100);
	say_rw(SERVER, 30);
	say_credit(CLIENT, 262144, 10);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_RESET_STATE, SERVER);
	expect(VSOCKHDR_CLOSE_RESET, 6, SERVER,
	       "unconsumed_client 100, unconsumed_server 20");
	capture_ends();
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_RESET_STATE);
	assert_int_equal(story.watch.flow[0].closed_by, SERVER);
	assert_int_equal(story.watch.flow[0].findings[VSOCKHDR_CLOSE_RESET], 1);
}

static void test_no_rst(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	pass(8 * SECOND - MILLISECOND);
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	expect_nothing();
	vsockhdr_tracker_expire(story.watch.tracker, story.now_ns + 1);
	expect(VSOCKHDR_CLOSE_NO_RST, 3, SERVER, "");
	capture_ends();
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_HALF_OPEN_STATE);
	assert_int_equal(story.watch.flow[0].closed_by, CLIENT);
}

/* The closer gives up and sends RST itself, as the specification has it. */
static void test_no_rst_in_time(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	pass(8 * SECOND);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_NO_RST, 3, SERVER, "");
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
}

/* Its clock began before its SHUTDOWN was seen. */
static void test_no_rst_gives_up_early(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	pass(7900 * MILLISECOND);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_NO_RST, 3, SERVER, "");
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
	/* The RST that was waited for, late but in time */
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	pass(7900 * MILLISECOND);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_nothing();
	/* One that is no time-out: the closer answers something */
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	pass(6900 * MILLISECOND);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect_nothing();
}

static void test_close_limit(void **state)
{
	(void)state;
	with_options(&(struct vsockhdr_tracker_options) { .close_ns = MILLISECOND });
	set_up();
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(CLIENT, VSOCKHDR_OP_RST);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	pass(1);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_NO_RST, 7, CLIENT, "");
}

/* The capture ended before the time was up. */
static void test_no_rst_yet(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	capture_ends();
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_HALF_OPEN_STATE);
}

static void test_half_open(void **state)
{
	(void)state;
	set_up();
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	pass(8 * SECOND + MILLISECOND);
	say_rw(CLIENT, 1);
	expect(VSOCKHDR_CLOSE_HALF_OPEN, 3, NOBODY, "");
	pass(9 * SECOND);
	say_rw(CLIENT, 1);
	capture_ends();
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_HALF_OPEN_STATE);
	assert_int_equal(story.watch.flow[0].closed_by, SERVER);
	assert_int_equal(story.watch.flow[0].findings[VSOCKHDR_CLOSE_HALF_OPEN], 1);
}

static void test_half_open_at_the_end(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	capture_ends();
	expect(VSOCKHDR_CLOSE_HALF_OPEN, 4, NOBODY, "");
}

/* Something follows in time: a half-closed connection in use is nothing special. */
static void test_half_closed(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	for (int i = 0; i < 4; i++) {
		pass(3 * SECOND);
		say_rw(SERVER, 1);
	}
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
}

static void test_rw_after_shutdown(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say_rw(CLIENT, 10);
	expect(VSOCKHDR_CLOSE_RW_AFTER_SHUTDOWN, 4, CLIENT, "");
	say_rw(SERVER, 10);
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, RECEIVE, 0);
	say_rw(CLIENT, 11);
	expect(VSOCKHDR_CLOSE_RW_AFTER_SHUTDOWN, 7, CLIENT, "");
	expect(VSOCKHDR_CLOSE_RW_TO_CLOSED, 7, SERVER, "len 11");
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 8, CLIENT,
	       "violation_frame 7, unconsumed_client 21, unconsumed_server 10");
}

/* A reset is to be blamed on the violation that it answers, not on an older one. */
static void test_reset_after_violation(void **state)
{
	(void)state;
	story.buf_alloc[SERVER] = 100;
	set_up();
	say_rw(CLIENT, 101);
	expect(VSOCKHDR_CREDIT_OVERRUN, 3, CLIENT, "len 101, allowed 100, over 1");
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 4, CLIENT,
	       "violation_frame 3, unconsumed_client 101, unconsumed_server 0");
	set_up();
	say_rw(CLIENT, 101);
	expect(VSOCKHDR_CREDIT_OVERRUN, 7, CLIENT, "len 101, allowed 100, over 1");
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 9, SERVER,
	       "unconsumed_client 101, unconsumed_server 0");
	/* Nor on one of the connection before. */
	set_up();
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 12, SERVER,
	       "unconsumed_client 0, unconsumed_server 0");
	/* Who did it may break off the connection, too. */
	set_up();
	say_rw(CLIENT, 101);
	expect(VSOCKHDR_CREDIT_OVERRUN, 15, CLIENT, "len 101, allowed 100, over 1");
	say(CLIENT, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 16, CLIENT,
	       "unconsumed_client 101, unconsumed_server 0");
}

static void test_rw_to_closed(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, RECEIVE, 0);
	say_rw(SERVER, 10);
	expect(VSOCKHDR_CLOSE_RW_TO_CLOSED, 4, CLIENT, "len 10");
	capture_ends();
}

static void test_after_rst(void **state)
{
	(void)state;
	set_up();
	close_flow(CLIENT);
	say_credit(CLIENT, 1000, 0);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 5, CLIENT, "");
	assert_int_equal(story.watch.told.flow, 0);
	assert_false(story.watch.told.credit_known);
	say_rw(SERVER, 70000);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 6, SERVER, "");
	expect(VSOCKHDR_HDR_OVERSIZE, 6, SERVER, "len 70000");
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[SERVER].packets, 3);
	assert_int_equal(story.watch.flow[0].end[CLIENT].packets, 3);
}

/* A, A and A, B are what Linux does; A, B, A is an answer to an RST. */
static void test_rst_reply_to_rst(void **state)
{
	(void)state;
	set_up();
	close_flow(CLIENT);
	say(SERVER, VSOCKHDR_OP_RST);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect_nothing();
	say_rst0(SERVER);
	expect(VSOCKHDR_CLOSE_RST_REPLY_TO_RST, 7, SERVER, "");
	say_rst0(CLIENT);
	expect(VSOCKHDR_CLOSE_RST_REPLY_TO_RST, 8, CLIENT, "");
}

/* Linux, when a program closes a socket whose peer has shut down both directions: an RST
 * by the kernel at once, its own SHUTDOWNs, an RST for each of them by the peer, who has
 * no socket any more, and an RST of the socket when it is closed at last. */
static void test_closed_after_peer(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, 3, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, VSOCKHDR_SHUTDOWN_SEND, 0);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 5, SERVER, "");
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, 3, 0);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 6, SERVER, "");
	say_rst0(CLIENT);
	say(SERVER, VSOCKHDR_OP_RST);
	say_rst0(CLIENT);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_nothing();
	/* Both SHUTDOWNs have been answered. */
	say_rst0(CLIENT);
	expect(VSOCKHDR_CLOSE_RST_REPLY_TO_RST, 11, CLIENT, "");
}

/* Something came in between that an RST may answer. */
static void test_rst_reply_to_other(void **state)
{
	(void)state;
	set_up();
	close_flow(CLIENT);
	say(CLIENT, VSOCKHDR_OP_RST);
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 6, CLIENT, "");
	say(SERVER, VSOCKHDR_OP_RST);
}

/* The pair is used again at once; the old connection's RST hits the new one. */
static void test_stale_rst(void **state)
{
	(void)state;
	set_up();
	say_rw(CLIENT, 100);
	story.fwd_cnt[SERVER] = 100;
	close_flow(CLIENT);
	story.fwd_cnt[SERVER] = 0;
	set_up();
	assert_int_equal(story.watch.told.flow, 1);
	story.fwd_cnt[SERVER] = 100;
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_STALE_RST, 8, SERVER, "");
	expect_end(VSOCKHDR_CLOSE_RESET_STATE, SERVER);
}

/* The same, and the RST answers one of the old connection */
static void test_stale_reply(void **state)
{
	(void)state;
	set_up();
	close_flow(CLIENT);
	say(CLIENT, VSOCKHDR_OP_RST);
	set_up();
	say_rst0(SERVER);
	expect(VSOCKHDR_CLOSE_RST_REPLY_TO_RST, 8, SERVER, "");
	expect(VSOCKHDR_CLOSE_STALE_RST, 8, SERVER, "");
}

/* The RST fits the new connection, or the old one ended long ago. */
static void test_not_stale(void **state)
{
	(void)state;
	set_up();
	close_flow(CLIENT);
	set_up();
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 7, SERVER,
	       "unconsumed_client 0, unconsumed_server 0");
	pass(8 * SECOND);
	set_up();
	say_rst0(SERVER);
	expect(VSOCKHDR_CLOSE_RESET, 10, SERVER,
	       "unconsumed_client 0, unconsumed_server 0");
}

/* What its sender has read since it last said so is no trace of an old connection. */
static void test_not_stale_but_silent(void **state)
{
	(void)state;
	set_up();
	close_flow(CLIENT);
	say(CLIENT, VSOCKHDR_OP_RST);
	set_up();
	say_rw(CLIENT, 100);
	story.fwd_cnt[SERVER] = 60;
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 9, SERVER,
	       "unconsumed_client 100, unconsumed_server 0");
}

static void test_midstream(void **state)
{
	(void)state;
	say_rw(CLIENT, 10);
	say_rw(SERVER, 10);
	close_flow(SERVER);
	expect_end(VSOCKHDR_CLOSE_CLEAN, SERVER);
	story.addr[CLIENT].port = 1025;
	say(SERVER, VSOCKHDR_OP_RST);
	assert_true(story.watch.told.ended);
	assert_int_equal(story.watch.told.close, VSOCKHDR_CLOSE_RESET_STATE);
	/* Of what it ended nothing is known. */
	expect_nothing();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_clean),
		STORY(test_completed_by_both),
		STORY(test_one_direction),
		STORY(test_flags_add_up),
		STORY(test_reset),
		STORY(test_no_rst),
		STORY(test_no_rst_in_time),
		STORY(test_no_rst_gives_up_early),
		STORY(test_close_limit),
		STORY(test_no_rst_yet),
		STORY(test_half_open),
		STORY(test_half_open_at_the_end),
		STORY(test_half_closed),
		STORY(test_rw_after_shutdown),
		STORY(test_reset_after_violation),
		STORY(test_rw_to_closed),
		STORY(test_after_rst),
		STORY(test_rst_reply_to_rst),
		STORY(test_closed_after_peer),
		STORY(test_rst_reply_to_other),
		STORY(test_stale_rst),
		STORY(test_stale_reply),
		STORY(test_not_stale),
		STORY(test_not_stale_but_silent),
		STORY(test_midstream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
