/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Credit: specification 1.3, 5.10.6.3. What an end may send is the furthest that its
 * peer's buf_alloc + fwd_cnt ever reached, and both counters are 32 bits of longer ones.
 */

#include "tracker_helper.h"

static void begin_small(uint32_t buf_alloc)
{
	story.buf_alloc[SERVER] = buf_alloc;
	set_up();
}

static void test_told(void **state)
{
	(void)state;
	story.buf_alloc[CLIENT] = 5000;
	begin_small(1000);
	assert_false(story.watch.told.credit_known);
	say_rw(CLIENT, 300);
	expect_credit(700, 300, 1000);
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	expect_credit(700, 300, 1000);
	say_credit(SERVER, 1000, 100);
	expect_credit(800, 200, 1000);
	say_rw(SERVER, 4000);
	expect_credit(1000, 4000, 5000);
	say_credit(CLIENT, 6000, 4000);
	expect_credit(6000, 0, 6000);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	assert_false(story.watch.told.credit_known);
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[CLIENT].min_free, 700);
	assert_int_equal(story.watch.flow[0].end[SERVER].min_free, 1000);
	assert_int_equal(story.watch.flow[0].end[CLIENT].bytes, 300);
	assert_int_equal(story.watch.flow[0].end[SERVER].bytes, 4000);
	expect(VSOCKHDR_CLOSE_HALF_OPEN, 8, NOBODY, "");
}

/* Linux drops a packet without an operation, but takes its credit first. */
static void test_stray_credit(void **state)
{
	struct packet packet;

	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	/* It says that 600 bytes are consumed, and the client goes on. */
	packet = say_packet(SERVER, VSOCKHDR_OP_INVALID);
	packet.fwd_cnt = 600;
	say_this(&packet);
	expect(VSOCKHDR_HDR_BAD_OP, 4, SERVER, "op 0");
	say_rw(CLIENT, 600);
	expect_credit(0, 1000, 1000);
	/* It takes a promise back, counts backwards, counts what was not sent: nobody
	 * has to believe that. */
	packet.buf_alloc = 0;
	say_this(&packet);
	expect(VSOCKHDR_HDR_BAD_OP, 6, SERVER, "op 0");
	packet.buf_alloc = 1000;
	packet.fwd_cnt = 599;
	say_this(&packet);
	expect(VSOCKHDR_HDR_BAD_OP, 7, SERVER, "op 0");
	packet.fwd_cnt = 1601;
	say_this(&packet);
	expect(VSOCKHDR_HDR_BAD_OP, 8, SERVER, "op 0");
	/* Of another type, Linux takes nothing. */
	packet.type = 2;
	packet.fwd_cnt = 1600;
	say_this(&packet);
	expect(VSOCKHDR_HDR_BAD_OP, 9, SERVER, "op 0");
	say_rw(CLIENT, 1);
	expect(VSOCKHDR_CREDIT_OVERRUN, 10, CLIENT, "len 1, allowed 0, over 1");
	say_credit(SERVER, 1000, 1600);
	say_rw(CLIENT, 998);
	expect_credit(1, 999, 1000);
	capture_ends();
}

static void expect_position(uint64_t peer_fwd_cnt, uint64_t offset)
{
	assert_int_equal(story.watch.told.peer_fwd_cnt, peer_fwd_cnt);
	assert_int_equal(story.watch.told.offset, offset);
}

/* Counters do not wrap where those of the wire do. */
static void test_told_position(void **state)
{
	const uint32_t half = UINT32_C(0x7fffffff);

	(void)state;
	begin_small(half);
	assert_int_equal(story.watch.told.offset, VSOCKHDR_UNKNOWN_NUMBER);
	for (uint64_t i = 0; i < 5; i++) {
		uint64_t frame = say_rw(CLIENT, half);

		expect(VSOCKHDR_HDR_OVERSIZE, frame, CLIENT, "len 2147483647");
		expect_credit(0, half, half);
		expect_position(i * half, i * half);
		say_credit(SERVER, half, (uint32_t)((i + 1) * half));
		expect_credit(half, 0, half);
		expect_position((i + 1) * half, VSOCKHDR_UNKNOWN_NUMBER);
	}
	say_rw(SERVER, 10);
	expect_position(0, 0);
	say_rw(SERVER, 10);
	expect_position(0, 10);
}

/* Of a connection that began before the capture, from its first packet there */
static void test_told_offset_midstream(void **state)
{
	(void)state;
	say_rw(CLIENT, 1000);
	assert_int_equal(story.watch.told.offset, 0);
	say_rw(CLIENT, 1);
	assert_int_equal(story.watch.told.offset, 1000);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 3, SERVER, "");
	say_rw(CLIENT, 1);
	assert_int_equal(story.watch.told.offset, VSOCKHDR_UNKNOWN_NUMBER);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 4, CLIENT, "");
}

static void expect_request(int64_t ns, uint64_t frame)
{
	assert_int_equal(story.watch.told.request_ns, ns);
	assert_int_equal(story.watch.told.request_frame, frame);
}

/* Any packet that carries credit answers the CREDIT_REQUESTs before it, once. */
static void test_told_request(void **state)
{
	(void)state;
	set_up();
	assert_int_equal(story.watch.told.request_ns, VSOCKHDR_NO_TIME);
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	assert_int_equal(story.watch.told.request_ns, VSOCKHDR_NO_TIME);
	say_rw(SERVER, 1);
	expect_request(2 * MILLISECOND, 3);
	say(SERVER, VSOCKHDR_OP_CREDIT_UPDATE);
	assert_int_equal(story.watch.told.request_ns, VSOCKHDR_NO_TIME);
	say(SERVER, VSOCKHDR_OP_CREDIT_REQUEST);
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	expect_request(MILLISECOND, 7);
}

/* An answer that is late is one, too; a new question counts from itself. */
static void test_told_late_request(void **state)
{
	(void)state;
	set_up();
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	pass(2 * SECOND);
	say(SERVER, VSOCKHDR_OP_CREDIT_UPDATE);
	expect(VSOCKHDR_CREDIT_REQUEST_UNANSWERED, 3, SERVER, "waited_ns 2001000000");
	expect_request(2 * SECOND + MILLISECOND, 3);
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	pass(2 * SECOND);
	say_rw(CLIENT, 1);
	expect(VSOCKHDR_CREDIT_REQUEST_UNANSWERED, 5, SERVER, "waited_ns 2001000000");
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	say(SERVER, VSOCKHDR_OP_CREDIT_UPDATE);
	expect_request(MILLISECOND, 7);
}

/* Every packet tells the credit, an RST excepted. */
static void test_credit_in_any_packet(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	expect_credit(0, 1000, 1000);
	story.fwd_cnt[SERVER] = 400;
	say_rw(SERVER, 1);
	say_rw(CLIENT, 400);
	expect_credit(0, 1000, 1000);
	capture_ends();
	expect(VSOCKHDR_CREDIT_STARVED, 5, SERVER, "stalled_ns 0, sent 1400");
}

static void test_midstream(void **state)
{
	(void)state;
	say_rw(CLIENT, 1000);
	say_credit(SERVER, 500, 77);
	assert_false(story.watch.told.credit_known);
	say_rw(CLIENT, 60000);
	assert_false(story.watch.told.credit_known);
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_MIDSTREAM);
	assert_int_equal(story.watch.flow[0].end[CLIENT].min_free,
			 VSOCKHDR_UNKNOWN_NUMBER);
}

/* The server has not said what it has room for. */
static void test_before_answer(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	assert_false(story.watch.told.credit_known);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	assert_int_equal(story.watch.told.setup_ns, 2 * MILLISECOND);
}

static void test_overrun(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 990);
	say_rw(CLIENT, 10);
	expect_credit(0, 1000, 1000);
	expect_nothing();
	say_rw(CLIENT, 5);
	expect(VSOCKHDR_CREDIT_OVERRUN, 5, CLIENT, "len 5, allowed 0, over 5");
	expect_credit(0, 1005, 1000);
	say_credit(SERVER, 1000, 1000);
	expect_credit(995, 5, 1000);
	say_rw(CLIENT, 1000);
	expect(VSOCKHDR_CREDIT_OVERRUN, 7, CLIENT, "len 1000, allowed 995, over 5");
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
}

/* What was under way when the buffer became smaller was allowed. */
static void test_shrunk(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 100);
	say_credit(SERVER, 500, 100);
	expect(VSOCKHDR_CREDIT_SHRUNK, 4, SERVER, "from 1000, to 600");
	expect_credit(500, 0, 500);
	say_rw(CLIENT, 900);
	expect_nothing();
	expect_credit(0, 900, 500);
	say_rw(CLIENT, 1);
	expect(VSOCKHDR_CREDIT_OVERRUN, 6, CLIENT, "len 1, allowed 0, over 1");
	say_credit(SERVER, 400, 100);
	expect(VSOCKHDR_CREDIT_SHRUNK, 7, SERVER, "from 600, to 500");
	say_credit(SERVER, 500, 100);
	say_credit(SERVER, 500, 1001);
	expect_credit(500, 0, 500);
}

static void test_fwd_cnt_ahead(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 100);
	say_credit(SERVER, 1000, 101);
	expect(VSOCKHDR_CREDIT_FWD_CNT_AHEAD, 4, SERVER, "fwd_cnt 101, sent 100");
	expect_credit(1000, 0, 1000);
	/* Said again: reported once */
	say_credit(SERVER, 1000, 101);
	expect_nothing();
	/* Still ahead: one cause is one finding */
	say_credit(SERVER, 1000, 105);
	expect_nothing();
	/* In order again, and then not */
	say_rw(CLIENT, 100);
	say_credit(SERVER, 1000, 150);
	expect_nothing();
	say_credit(SERVER, 1000, 201);
	expect(VSOCKHDR_CREDIT_FWD_CNT_AHEAD, 9, SERVER, "fwd_cnt 201, sent 200");
}

/* The history of both ends is in the capture: a counter must begin at 0. */
static void test_fwd_cnt_starts_ahead(void **state)
{
	(void)state;
	story.fwd_cnt[SERVER] = 7;
	set_up();
	expect(VSOCKHDR_CREDIT_FWD_CNT_AHEAD, 2, SERVER, "fwd_cnt 7, sent 0");
}

static void test_fwd_cnt_regress(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 100);
	say_credit(SERVER, 1000, 100);
	say_credit(SERVER, 1000, 99);
	expect(VSOCKHDR_CREDIT_FWD_CNT_REGRESS, 5, SERVER, "previous 100, fwd_cnt 99");
	expect_credit(1000, 0, 1000);
	say_credit(SERVER, 1000, 100);
	expect_credit(1000, 0, 1000);
}

/* More than 2^32 bytes, so that both counters wrap */
static void test_wrap(void **state)
{
	uint32_t fwd_cnt = 0;

	(void)state;
	begin_small(UINT32_C(0x50000000));
	for (unsigned int i = 0; i < 6; i++) {
		uint64_t frame = say_rw(CLIENT, UINT32_C(0x40000000));

		expect(VSOCKHDR_HDR_OVERSIZE, frame, CLIENT, "len 1073741824");
		expect_credit(UINT32_C(0x10000000), UINT32_C(0x40000000),
			      UINT32_C(0x50000000));
		fwd_cnt += UINT32_C(0x40000000);
		say_credit(SERVER, UINT32_C(0x50000000), fwd_cnt);
		expect_credit(UINT32_C(0x50000000), 0, UINT32_C(0x50000000));
	}
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[CLIENT].bytes, UINT64_C(0x180000000));
}

static void test_zero_window(void **state)
{
	(void)state;
	story.buf_alloc[CLIENT] = 0;
	set_up();
	expect_nothing();
	say_rw(CLIENT, 1);
	expect(VSOCKHDR_CREDIT_ZERO_WINDOW, 3, CLIENT, "");
	say_rw(CLIENT, 1);
	story.buf_alloc[SERVER] = 0;
	say(SERVER, VSOCKHDR_OP_CREDIT_UPDATE);
	expect(VSOCKHDR_CREDIT_SHRUNK, 5, SERVER, "from 262144, to 0");
	expect(VSOCKHDR_CREDIT_ZERO_WINDOW, 5, SERVER, "");
}

/* An end that receives no more needs no buffer. */
static void test_zero_window_shut(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, RECEIVE, 0);
	say_credit(CLIENT, 0, 0);
	expect(VSOCKHDR_CREDIT_SHRUNK, 4, CLIENT, "from 262144, to 0");
}

static void test_stall(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	pass(400 * MILLISECOND);
	say_credit(SERVER, 1000, 0);
	assert_int_equal(story.watch.told.stall_ns, VSOCKHDR_NO_TIME);
	pass(600 * MILLISECOND);
	say_credit(SERVER, 1000, 1);
	expect(VSOCKHDR_CREDIT_STALL, 3, SERVER, "stalled_ns 1002000000, buf_alloc 1000");
	assert_int_equal(story.watch.told.stall_ns, SECOND + 2 * MILLISECOND);
	say_rw(CLIENT, 1);
	say_credit(SERVER, 1000, 1001);
	assert_int_equal(story.watch.told.stall_ns, MILLISECOND);
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[CLIENT].stall_ns,
			 SECOND + 3 * MILLISECOND);
	assert_int_equal(story.watch.flow[0].end[CLIENT].min_free, 0);
	assert_int_equal(story.watch.flow[0].end[SERVER].stall_ns, 0);
}

/* Who will send no more does not wait for credit, which may come late. */
static void test_stall_given_up(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	pass(2 * SECOND);
	say_credit(SERVER, 1000, 1000);
	assert_int_equal(story.watch.told.stall_ns, VSOCKHDR_NO_TIME);
	say(SERVER, VSOCKHDR_OP_RST);
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[CLIENT].stall_ns, MILLISECOND);
}

static void test_stall_limit(void **state)
{
	(void)state;
	with_options(&(struct vsockhdr_tracker_options) { .stall_ns = MILLISECOND });
	begin_small(10);
	say_rw(CLIENT, 10);
	/* Exactly the limit */
	say_credit(SERVER, 10, 10);
	say_rw(CLIENT, 10);
	pass(1);
	say_credit(SERVER, 10, 20);
	expect(VSOCKHDR_CREDIT_STALL, 5, SERVER, "stalled_ns 1000001, buf_alloc 10");
}

/* A clock that goes backwards: no time has passed. */
static void test_stall_backwards(void **state)
{
	(void)state;
	begin_small(10);
	say_rw(CLIENT, 10);
	pass(-5 * SECOND);
	say_credit(SERVER, 10, 10);
	assert_int_equal(story.watch.told.stall_ns, 0);
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[CLIENT].stall_ns, 0);
}

static void test_starved(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	pass(SECOND);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 4, SERVER,
	       "unconsumed_client 1000, unconsumed_server 0");
	expect(VSOCKHDR_CREDIT_STARVED, 3, SERVER, "stalled_ns 1001000000, sent 1000");
}

static void test_starved_to_the_end(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	capture_ends();
	expect(VSOCKHDR_CREDIT_STARVED, 3, SERVER, "stalled_ns 1000000, sent 1000");
	assert_int_equal(story.watch.flow[0].end[CLIENT].stall_ns, MILLISECOND);
}

static void test_not_starved(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
}

/* Who gives up waiting resets the connection, and that is what is reported. */
static void test_starved_gives_up(void **state)
{
	(void)state;
	begin_small(1000);
	say_rw(CLIENT, 1000);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 4, CLIENT,
	       "unconsumed_client 1000, unconsumed_server 0");
}

static void test_request_answered(void **state)
{
	(void)state;
	set_up();
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	pass(SECOND - MILLISECOND);
	/* Any packet answers, exactly at the limit. */
	say_rw(SERVER, 1);
	pass(2 * SECOND);
	say_rw(CLIENT, 1);
}

static void test_request_unanswered(void **state)
{
	(void)state;
	set_up();
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	pass(900 * MILLISECOND);
	/* The older one counts. */
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	pass(200 * MILLISECOND);
	say_rw(CLIENT, 1);
	expect(VSOCKHDR_CREDIT_REQUEST_UNANSWERED, 3, SERVER, "waited_ns 1102000000");
	pass(SECOND);
	say_credit(SERVER, 262144, 0);
}

static void test_request_answered_late(void **state)
{
	(void)state;
	set_up();
	say(SERVER, VSOCKHDR_OP_CREDIT_REQUEST);
	pass(SECOND);
	say_credit(CLIENT, 262144, 0);
	expect(VSOCKHDR_CREDIT_REQUEST_UNANSWERED, 3, CLIENT, "waited_ns 1001000000");
}

static void test_request_expires(void **state)
{
	(void)state;
	with_options(&(struct vsockhdr_tracker_options) { .request_ns = MILLISECOND });
	set_up();
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	vsockhdr_tracker_expire(story.watch.tracker, story.now_ns + MILLISECOND);
	expect_nothing();
	vsockhdr_tracker_expire(story.watch.tracker, story.now_ns + MILLISECOND + 1);
	expect(VSOCKHDR_CREDIT_REQUEST_UNANSWERED, 3, SERVER, "waited_ns 1000001");
	vsockhdr_tracker_expire(story.watch.tracker, story.now_ns + SECOND);
}

/* The capture ended too soon, or the connection did. */
static void test_request_moot(void **state)
{
	(void)state;
	set_up();
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 4, SERVER,
	       "unconsumed_client 0, unconsumed_server 0");
	pass(2 * SECOND);
	say(SERVER, VSOCKHDR_OP_RST);
	set_up();
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	capture_ends();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_told),
		STORY(test_stray_credit),
		STORY(test_told_position),
		STORY(test_told_offset_midstream),
		STORY(test_told_request),
		STORY(test_told_late_request),
		STORY(test_credit_in_any_packet),
		STORY(test_midstream),
		STORY(test_before_answer),
		STORY(test_overrun),
		STORY(test_shrunk),
		STORY(test_fwd_cnt_ahead),
		STORY(test_fwd_cnt_starts_ahead),
		STORY(test_fwd_cnt_regress),
		STORY(test_wrap),
		STORY(test_zero_window),
		STORY(test_zero_window_shut),
		STORY(test_stall),
		STORY(test_stall_given_up),
		STORY(test_stall_limit),
		STORY(test_stall_backwards),
		STORY(test_starved),
		STORY(test_starved_to_the_end),
		STORY(test_not_starved),
		STORY(test_starved_gives_up),
		STORY(test_request_answered),
		STORY(test_request_unanswered),
		STORY(test_request_answered_late),
		STORY(test_request_expires),
		STORY(test_request_moot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
