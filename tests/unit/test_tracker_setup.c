/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How connections begin: specification 1.3, 5.10.6.5. A REQUEST is answered by RESPONSE
 * or RST within 2 seconds, and one connection at a time uses a pair of addresses.
 */

#include "tracker_helper.h"

static void test_accepted(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	assert_int_equal(story.watch.told.setup_ns, VSOCKHDR_NO_TIME);
	assert_false(story.watch.told.ended);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	assert_int_equal(story.watch.told.flow, 0);
	assert_int_equal(story.watch.told.from, SERVER);
	assert_int_equal(story.watch.told.setup_ns, MILLISECOND);
	capture_ends();
	assert_int_equal(story.watch.flows, 1);
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_ACCEPTED);
	assert_int_equal(story.watch.flow[0].setup_ns, MILLISECOND);
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_OPEN);
}

static void test_refused(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say_rst0(SERVER);
	expect(VSOCKHDR_CONN_REFUSED, 2, NOBODY, "");
	expect_end(VSOCKHDR_CLOSE_REFUSED, SERVER);
	assert_int_equal(story.watch.told.setup_ns, MILLISECOND);
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_REFUSED);
	assert_int_equal(story.watch.flow[0].setup_ns, MILLISECOND);
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_REFUSED);
	assert_int_equal(story.watch.flow[0].closed_by, SERVER);
	assert_int_equal(story.watch.flow[0].findings[VSOCKHDR_CONN_REFUSED], 1);
}

static void test_aborted(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_RESET_STATE, CLIENT);
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_ABORTED);
	assert_int_equal(story.watch.flow[0].setup_ns, VSOCKHDR_NO_TIME);
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_RESET_STATE);
	assert_int_equal(story.watch.flow[0].closed_by, CLIENT);
}

/* The answer was under way when the client gave up. */
static void test_aborted_crossing(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(CLIENT, VSOCKHDR_OP_RST);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 3, SERVER, "");
}

/* Nobody answered in time, and the client asks again from the same port. */
static void test_asked_again(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	pass(2 * SECOND);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_CONN_UNANSWERED, 1, SERVER, "waited_ns 2001000000");
	assert_int_equal(story.watch.told.flow, 1);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	assert_int_equal(story.watch.told.setup_ns, MILLISECOND);
	say_rw(CLIENT, 144);
	expect_credit(262000, 144, 262144);
}

static void test_aborted_by_shutdown(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_ABORTED);
}

static void test_unanswered(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	pass(2 * SECOND - MILLISECOND);
	story.addr[CLIENT].port = 1025;
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	vsockhdr_tracker_expire(story.watch.tracker, 0);
	/* Exactly the limit: not more than it */
	expect_nothing();
	vsockhdr_tracker_expire(story.watch.tracker, story.now_ns + 1);
	story.addr[CLIENT].port = 1024;
	expect(VSOCKHDR_CONN_UNANSWERED, 1, SERVER, "waited_ns 2000000001");
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_UNANSWERED);
	assert_int_equal(story.watch.flow[0].setup_ns, VSOCKHDR_NO_TIME);
}

/* The capture ended too soon to blame anybody. */
static void test_unanswered_yet(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	capture_ends();
	expect_note(VSOCKHDR_CONN_UNANSWERED, 1, SERVER, "", false);
}

static void test_answered_late(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	pass(2 * SECOND);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CONN_UNANSWERED, 1, SERVER, "waited_ns 2001000000");
	assert_int_equal(story.watch.told.setup_ns, 2 * SECOND + MILLISECOND);
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_ACCEPTED);
}

static void test_connect_limit(void **state)
{
	(void)state;
	with_options(
		&(struct vsockhdr_tracker_options) { .connect_ns = 5 * MILLISECOND });
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	pass(5 * MILLISECOND);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CONN_UNANSWERED, 1, SERVER, "waited_ns 6000000");
}

static void test_duplicate_request(void **state)
{
	(void)state;
	set_up();
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	assert_int_equal(story.watch.told.flow, 0);
	expect_nothing();
	pass(2 * SECOND);
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	expect(VSOCKHDR_CONN_DUPLICATE_REQUEST, 3, CLIENT, "");
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_CONN_DUPLICATE_REQUEST, 5, CLIENT, "");
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CONN_DUPLICATE_REQUEST, 6, CLIENT, "");
	expect(VSOCKHDR_CLOSE_RESET, 7, SERVER,
	       "unconsumed_client 0, unconsumed_server 0");
}

static void test_duplicate_by_server(void **state)
{
	(void)state;
	set_up();
	say(SERVER, VSOCKHDR_OP_REQUEST);
	assert_int_equal(story.watch.told.from, SERVER);
	capture_ends();
	expect(VSOCKHDR_CONN_DUPLICATE_REQUEST, 3, SERVER, "");
}

/* What the duplicate makes doubtful is held back until it is known what it is. */
static void test_held_back(void **state)
{
	(void)state;
	story.buf_alloc[SERVER] = 100;
	set_up();
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say_rw(CLIENT, 101);
	expect_nothing();
	capture_ends();
	assert_int_equal(story.watch.findings, 2);
	assert_int_equal(story.watch.flow[0].findings[VSOCKHDR_CREDIT_OVERRUN], 1);
	assert_int_equal(story.watch.flow[0].findings[VSOCKHDR_CONN_DUPLICATE_REQUEST],
			 1);
	story.expected = 2;
}

static void test_shared_pair(void **state)
{
	(void)state;
	story.buf_alloc[SERVER] = 100;
	set_up();
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say_rw(CLIENT, 100);
	say_rw(CLIENT, 50);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CONN_SHARED_PAIR, 6, NOBODY, "");
	say_rw(CLIENT, 50);
	assert_false(story.watch.told.credit_known);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say_rw(CLIENT, 50);
	capture_ends();
	assert_int_equal(story.watch.flows, 1);
	assert_int_equal(story.watch.flow[0].end[CLIENT].bytes, 250);
	while (story.expected < story.watch.findings)
		assert_int_equal(story.watch.finding[story.expected++].severity,
				 VSOCKHDR_NOTE);
}

static void test_tuple_reuse(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	assert_int_equal(story.watch.told.flow, 1);
	assert_int_equal(story.watch.flows, 1);
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_HALF_OPEN_STATE);
	assert_int_equal(story.watch.flow[0].closed_by, CLIENT);
	expect(VSOCKHDR_CONN_TUPLE_REUSE, 4, CLIENT, "");
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	capture_ends();
	assert_int_equal(story.watch.flow[1].setup, VSOCKHDR_SETUP_ACCEPTED);
}

/* Who asks again while its old connection lives cannot have an answer. */
static void test_tuple_reuse_unanswered(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_CONN_TUPLE_REUSE, 4, CLIENT, "");
	pass(3 * SECOND);
	/* Nor if it asks once more */
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	assert_int_equal(story.watch.told.flow, 2);
	pass(3 * SECOND);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	capture_ends();
	assert_int_equal(story.watch.flow[1].setup, VSOCKHDR_SETUP_UNANSWERED);
}

/* The same where the RST that is missing is its own */
static void test_tuple_reuse_no_rst(void **state)
{
	(void)state;
	set_up();
	say_flags(SERVER, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_CLOSE_NO_RST, 3, CLIENT, "");
	expect(VSOCKHDR_CONN_TUPLE_REUSE, 4, CLIENT, "");
	pass(3 * SECOND);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CONN_REFUSED, 5, NOBODY, "");
}

/* But the one that owes the RST has to answer the next REQUEST. */
static void test_tuple_reuse_owed(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_CLOSE_NO_RST, 3, SERVER, "");
	expect(VSOCKHDR_CONN_TUPLE_REUSE, 4, CLIENT, "");
	pass(2 * SECOND);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_CONN_UNANSWERED, 4, SERVER, "waited_ns 2001000000");
}

static void test_tuple_reuse_complete(void **state)
{
	(void)state;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_CLOSE_NO_RST, 3, SERVER, "");
	/* The new connection's client is the old one's server. */
	expect(VSOCKHDR_CONN_TUPLE_REUSE, 4, SERVER, "");
	assert_int_equal(story.watch.told.from, CLIENT);
	say(CLIENT, VSOCKHDR_OP_RESPONSE);
	capture_ends();
	assert_true(same_addr(&story.watch.flow[1].address[0], &story.addr[SERVER]));
}

static void test_unexpected_response(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(CLIENT, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CONN_UNEXPECTED_RESPONSE, 2, CLIENT, "");
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	assert_int_equal(story.watch.told.setup_ns, 2 * MILLISECOND);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CONN_UNEXPECTED_RESPONSE, 4, SERVER, "");
	say(CLIENT, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 5, SERVER,
	       "violation_frame 4, unconsumed_client 0, unconsumed_server 0");
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CONN_UNEXPECTED_RESPONSE, 6, SERVER, "");
}

/* A RESPONSE may answer a REQUEST from before the capture, unless that is long ago. */
static void test_response_first(void **state)
{
	(void)state;
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	assert_int_equal(story.watch.told.from, SERVER);
	assert_int_equal(story.watch.told.setup_ns, VSOCKHDR_NO_TIME);
	pass(2 * SECOND);
	story.addr[CLIENT].port = 1025;
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	expect(VSOCKHDR_CONN_UNEXPECTED_RESPONSE, 2, SERVER, "");
	capture_ends();
	assert_int_equal(story.watch.flows, 2);
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_MIDSTREAM);
	assert_int_equal(story.watch.flow[0].address[CLIENT].port, 1024);
	assert_int_equal(story.watch.flow[0].end[SERVER].packets, 1);
}

static void test_type_change(void **state)
{
	(void)state;
	set_up();
	story.type = VSOCKHDR_TYPE_SEQPACKET;
	say_flags(CLIENT, VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM, 10);
	expect(VSOCKHDR_CONN_TYPE_CHANGE, 3, CLIENT, "type 2, connection_type 1");
	expect_credit(262134, 10, 262144);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 4, CLIENT,
	       "violation_frame 3, unconsumed_client 10, unconsumed_server 0");
	capture_ends();
	assert_int_equal(story.watch.flow[0].type, VSOCKHDR_TYPE_STREAM);
}

static void test_no_connection(void **state)
{
	(void)state;
	say_rw(CLIENT, 10);
	say_rw(CLIENT, 10);
	say_rst0(SERVER);
	expect(VSOCKHDR_CONN_NO_CONNECTION, 2, CLIENT, "");
	expect_end(VSOCKHDR_CLOSE_RESET_STATE, SERVER);
}

/* An RST that says something of a buffer comes from an end that has one. */
static void test_midstream_reset(void **state)
{
	(void)state;
	say_rw(CLIENT, 10);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 2, SERVER, "");
	expect_end(VSOCKHDR_CLOSE_RESET_STATE, SERVER);
	story.addr[CLIENT].port = 1025;
	say_rw(CLIENT, 10);
	say_rw(SERVER, 10);
	say_rst0(SERVER);
	expect(VSOCKHDR_CLOSE_RESET, 5, SERVER, "");
}

/* Both ends at one address: which end sends cannot be told. */
static void test_one_address(void **state)
{
	(void)state;
	story.addr[SERVER] = story.addr[CLIENT];
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	assert_int_equal(story.watch.told.from, CLIENT);
	assert_int_equal(story.watch.told.setup_ns, MILLISECOND);
	say_rw(SERVER, 300000);
	expect(VSOCKHDR_HDR_OVERSIZE, 3, CLIENT, "len 300000");
	assert_false(story.watch.told.credit_known);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say_rw(CLIENT, 10);
	say(SERVER, VSOCKHDR_OP_RST);
	assert_true(story.watch.told.ended);
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_ACCEPTED);
	assert_int_equal(story.watch.flow[0].end[CLIENT].packets, 6);
	assert_int_equal(story.watch.flow[0].end[SERVER].packets, 0);
}

static void test_one_address_refused(void **state)
{
	(void)state;
	story.addr[SERVER] = story.addr[CLIENT];
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say_rst0(SERVER);
	expect(VSOCKHDR_CONN_REFUSED, 2, NOBODY, "");
	capture_ends();
	assert_int_equal(story.watch.flow[0].setup, VSOCKHDR_SETUP_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_accepted),
		STORY(test_refused),
		STORY(test_aborted),
		STORY(test_aborted_crossing),
		STORY(test_asked_again),
		STORY(test_aborted_by_shutdown),
		STORY(test_unanswered),
		STORY(test_unanswered_yet),
		STORY(test_answered_late),
		STORY(test_connect_limit),
		STORY(test_duplicate_request),
		STORY(test_duplicate_by_server),
		STORY(test_held_back),
		STORY(test_shared_pair),
		STORY(test_tuple_reuse),
		STORY(test_tuple_reuse_complete),
		STORY(test_tuple_reuse_unanswered),
		STORY(test_tuple_reuse_no_rst),
		STORY(test_tuple_reuse_owed),
		STORY(test_unexpected_response),
		STORY(test_response_first),
		STORY(test_type_change),
		STORY(test_no_connection),
		STORY(test_midstream_reset),
		STORY(test_one_address),
		STORY(test_one_address_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
