/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The tracker as a whole: what it remembers of connections and for how long, in which
 * order it lets go of them, what it counts, and what a lossy capture makes of findings.
 */

#include <stdio.h>
#include <string.h>

#include "generate.h"
#include "tracker_helper.h"

static void test_names(void **state)
{
	static const char *const setups[] = { "unanswered", "accepted", "refused",
					      "aborted", "midstream" };
	static const char *const closes[] = { "open", "half_open", "clean", "reset",
					      "refused" };

	(void)state;
	for (size_t i = 0; i < COUNT(setups); i++)
		assert_string_equal(vsockhdr_setup_name((enum vsockhdr_setup)i),
				    setups[i]);
	assert_null(vsockhdr_setup_name((enum vsockhdr_setup)COUNT(setups)));
	for (size_t i = 0; i < COUNT(closes); i++)
		assert_string_equal(vsockhdr_close_name((enum vsockhdr_close)i),
				    closes[i]);
	assert_null(vsockhdr_close_name((enum vsockhdr_close)COUNT(closes)));
}

static void test_summary(void **state)
{
	const struct vsockhdr_flow *flow;

	(void)state;
	set_up();
	say_rw(CLIENT, 100);
	say_rw(SERVER, 50);
	say_rw(SERVER, 60);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	assert_int_equal(story.watch.flows, 0);
	capture_ends();
	assert_int_equal(story.watch.flows, 1);
	flow = &story.watch.flow[0];
	assert_int_equal(flow->number, 0);
	assert_true(same_addr(&flow->address[CLIENT], &story.addr[CLIENT]));
	assert_true(same_addr(&flow->address[SERVER], &story.addr[SERVER]));
	assert_int_equal(flow->type, VSOCKHDR_TYPE_STREAM);
	assert_int_equal(flow->setup, VSOCKHDR_SETUP_ACCEPTED);
	assert_int_equal(flow->setup_ns, MILLISECOND);
	assert_int_equal(flow->close, VSOCKHDR_CLOSE_CLEAN);
	assert_int_equal(flow->closed_by, CLIENT);
	assert_int_equal(flow->first_frame, 1);
	assert_int_equal(flow->last_frame, 7);
	assert_int_equal(flow->first_ns, START_NS + MILLISECOND);
	assert_int_equal(flow->last_ns, START_NS + 7 * MILLISECOND);
	assert_int_equal(flow->end[CLIENT].packets, 3);
	assert_int_equal(flow->end[CLIENT].bytes, 100);
	assert_int_equal(flow->end[CLIENT].min_free, 262044);
	assert_int_equal(flow->end[CLIENT].stall_ns, 0);
	assert_int_equal(flow->end[SERVER].packets, 4);
	assert_int_equal(flow->end[SERVER].bytes, 110);
	assert_int_equal(flow->end[SERVER].min_free, 262034);
	for (size_t i = 0; i < VSOCKHDR_FINDING_COUNT; i++)
		assert_int_equal(flow->findings[i], 0);
}

/* The time of a packet is what its time stamp says, also of one that comes too early. */
static void test_times(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	pass(-10 * SECOND);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	capture_ends();
	assert_int_equal(story.watch.flow[0].first_ns, START_NS + MILLISECOND);
	assert_int_equal(story.watch.flow[0].last_ns,
			 START_NS - 10 * SECOND + 2 * MILLISECOND);
}

/* What was told of the connection's earlier packets */
static void test_told_times(void **state)
{
	const struct vsockhdr_told *told = &story.watch.told;

	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	assert_int_equal(told->first_ns, START_NS + MILLISECOND);
	assert_int_equal(told->previous_ns, VSOCKHDR_NO_TIME);
	pass(SECOND);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	assert_int_equal(told->first_ns, START_NS + MILLISECOND);
	assert_int_equal(told->previous_ns, START_NS + MILLISECOND);
	assert_int_equal(told->setup_frame, 1);
	say_rw(CLIENT, 1);
	assert_int_equal(told->previous_ns, START_NS + SECOND + 2 * MILLISECOND);
	say(CLIENT, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 4, CLIENT,
	       "unconsumed_client 1, unconsumed_server 0");
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	assert_int_equal(told->first_ns, START_NS + SECOND + 5 * MILLISECOND);
	assert_int_equal(told->previous_ns, VSOCKHDR_NO_TIME);
	say(SERVER, VSOCKHDR_OP_RST);
	assert_int_equal(told->setup_frame, 5);
	expect(VSOCKHDR_CONN_REFUSED, 6, NOBODY, "");
}

static void test_clock_set_back(void **state)
{
	(void)state;
	say_rw(CLIENT, 1);
	pass(-10 * SECOND);
	story.addr[CLIENT].port = 1025;
	set_up();
	assert_int_equal(story.watch.told.setup_ns, MILLISECOND);
	say_rw(CLIENT, 1);
	say(CLIENT, VSOCKHDR_OP_CREDIT_REQUEST);
	say_credit(SERVER, 262144, 1);
	say_rw(CLIENT, 1);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	capture_ends();
}

static void test_pair_is_unordered(void **state)
{
	(void)state;
	set_up();
	assert_int_equal(story.watch.told.flow, 0);
	story.addr[CLIENT].cid = 4;
	set_up();
	assert_int_equal(story.watch.told.flow, 1);
	story.addr[CLIENT] = (struct vsockhdr_addr) { 3, 1234 };
	story.addr[SERVER] = (struct vsockhdr_addr) { 2, 1024 };
	set_up();
	assert_int_equal(story.watch.told.flow, 2);
	capture_ends();
	assert_int_equal(story.watch.flows, 3);
}

static void keep_number(void *context, const struct vsockhdr_flow *flow)
{
	char *text = context;

	(void)snprintf(text + strlen(text), 32 - strlen(text), "%u ",
		       (unsigned int)flow->number);
}

/* Walked and let go of in the order of their numbers, whatever came last */
static void test_order(void **state)
{
	char walked[32] = "";

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		story.addr[CLIENT].port = 5000 - 7 * i;
		set_up();
	}
	story.addr[CLIENT].port = 5000;
	say_rw(CLIENT, 1);
	vsockhdr_tracker_walk(story.watch.tracker, keep_number, walked);
	assert_string_equal(walked, "0 1 2 3 4 ");
	assert_int_equal(story.watch.flows, 0);
	capture_ends();
	assert_int_equal(story.watch.flows, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(story.watch.flow[i].number, i);
	walked[0] = '\0';
	vsockhdr_tracker_walk(story.watch.tracker, keep_number, walked);
	assert_string_equal(walked, "");
}

static void test_stats(void **state)
{
	struct vsockhdr_tracker_stats stats;

	(void)state;
	say(CLIENT, VSOCKHDR_OP_INVALID);
	expect(VSOCKHDR_HDR_BAD_OP, 1, CLIENT, "op 0");
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say_rst0(SERVER);
	expect(VSOCKHDR_CONN_REFUSED, 7, NOBODY, "");
	story.addr[CLIENT].port = 1;
	say_rw(CLIENT, 1);
	vsockhdr_tracker_stats(story.watch.tracker, &stats);
	assert_int_equal(stats.records, 8);
	assert_int_equal(stats.flows, 3);
	assert_int_equal(stats.live, 2);
	assert_int_equal(stats.evicted, 0);
	assert_int_equal(stats.setups[VSOCKHDR_SETUP_ACCEPTED], 1);
	assert_int_equal(stats.closes[VSOCKHDR_CLOSE_CLEAN], 1);
	assert_int_equal(stats.closes[VSOCKHDR_CLOSE_REFUSED], 0);
	capture_ends();
	vsockhdr_tracker_stats(story.watch.tracker, &stats);
	assert_int_equal(stats.flows, 3);
	assert_int_equal(stats.live, 0);
	assert_int_equal(stats.setups[VSOCKHDR_SETUP_UNANSWERED], 0);
	assert_int_equal(stats.setups[VSOCKHDR_SETUP_ACCEPTED], 1);
	assert_int_equal(stats.setups[VSOCKHDR_SETUP_REFUSED], 1);
	assert_int_equal(stats.setups[VSOCKHDR_SETUP_MIDSTREAM], 1);
	assert_int_equal(stats.closes[VSOCKHDR_CLOSE_OPEN], 1);
	assert_int_equal(stats.closes[VSOCKHDR_CLOSE_CLEAN], 1);
	assert_int_equal(stats.closes[VSOCKHDR_CLOSE_REFUSED], 1);
	assert_int_equal(stats.findings[VSOCKHDR_HDR_BAD_OP], 1);
	assert_int_equal(stats.findings[VSOCKHDR_CONN_REFUSED], 1);
	assert_int_equal(stats.findings[VSOCKHDR_CREDIT_OVERRUN], 0);
}

static void from_port(uint32_t port)
{
	story.addr[CLIENT].port = port;
	say(CLIENT, VSOCKHDR_OP_RW);
}

/* Room for two: the one that was silent longest goes. */
static void test_eviction(void **state)
{
	struct vsockhdr_tracker_stats stats;

	(void)state;
	with_options(&(struct vsockhdr_tracker_options) { .max_flows = 2 });
	from_port(1);
	from_port(2);
	from_port(1);
	from_port(3);
	assert_int_equal(story.watch.flows, 1);
	assert_int_equal(story.watch.flow[0].address[CLIENT].port, 2);
	from_port(1);
	assert_int_equal(story.watch.told.flow, 0);
	from_port(2);
	assert_int_equal(story.watch.told.flow, 3);
	assert_int_equal(story.watch.flow[1].address[CLIENT].port, 3);
	vsockhdr_tracker_stats(story.watch.tracker, &stats);
	assert_int_equal(stats.evicted, 2);
	assert_int_equal(stats.live, 2);
	assert_int_equal(stats.flows, 4);
	capture_ends();
	assert_int_equal(story.watch.flows, 4);
	assert_int_equal(story.watch.flow[2].number, 0);
	assert_int_equal(story.watch.flow[2].end[CLIENT].packets, 3);
	assert_int_equal(story.watch.flow[3].number, 3);
}

/* Room for 100, which have had their last packets in another order than their first. */
static void test_eviction_order(void **state)
{
	const uint32_t count = 100;

	(void)state;
	with_options(&(struct vsockhdr_tracker_options) { .max_flows = count });
	for (uint32_t i = 0; i < count; i++)
		from_port(i);
	for (uint32_t i = 0; i < count; i++)
		from_port(i * 37 % count);
	for (uint32_t i = 0; i < count; i++) {
		from_port(count + i);
		assert_int_equal(story.watch.flows, i + 1);
		assert_int_equal(story.watch.flow[i].address[CLIENT].port,
				 i * 37 % count);
	}
	/* And once more, now that their order is known */
	for (uint32_t i = 0; i < count; i++)
		from_port(count + i * 37 % count);
	for (uint32_t i = 0; i < 10; i++) {
		from_port(2 * count + i);
		assert_int_equal(story.watch.flow[count + i].address[CLIENT].port,
				 count + i * 37 % count);
	}
}

/* Telling a packet before it comes is of use where there are many connections, and
 * changes nothing, also where it never comes. */
static void test_expect(void **state)
{
	const struct vsockhdr_addr server = { 2, 1234 };
	struct vsockhdr_tracker_stats stats;
	struct vsockhdr_record rec;
	struct vsockhdr_told told;
	struct vsockhdr_seen at = { .frame = 1, .rec = &rec };
	bool is_of_use = false;
	uint32_t port = 0;

	(void)state;
	for (; !is_of_use; at.frame++) {
		const struct vsockhdr_addr client = { 3, port++ };
		const struct packet packet = {
			.src = client,
			.dst = server,
			.type = VSOCKHDR_TYPE_STREAM,
			.op = VSOCKHDR_OP_REQUEST,
		};

		assert_true(port < 1000000);
		is_of_use =
			vsockhdr_tracker_expect(story.watch.tracker, &server, &client);
		packet_record(&packet, &rec);
		vsockhdr_tracker_feed(story.watch.tracker, &at, &told);
		assert_int_equal(told.flow, at.frame - 1);
	}
	assert_true(port > 10000);
	for (uint32_t i = 0; i < 100; i++) {
		const struct vsockhdr_addr nobody = { 5, i };

		assert_true(
			vsockhdr_tracker_expect(story.watch.tracker, &nobody, &server));
	}
	vsockhdr_tracker_stats(story.watch.tracker, &stats);
	assert_int_equal(stats.flows, port);
	assert_int_equal(stats.live, port);
}

/* Room for one, and what was overdue is reported before it goes. */
static void test_eviction_reports(void **state)
{
	struct vsockhdr_tracker_stats stats;

	(void)state;
	with_options(&(struct vsockhdr_tracker_options) { .max_flows = 1 });
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	pass(2 * SECOND);
	from_port(2);
	story.addr[CLIENT].port = 1024;
	expect(VSOCKHDR_CONN_UNANSWERED, 1, SERVER, "waited_ns 2001000000");
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	from_port(2);
	expect_nothing();
	assert_int_equal(story.watch.flows, 3);
	assert_int_equal(story.watch.flow[2].setup, VSOCKHDR_SETUP_UNANSWERED);
	vsockhdr_tracker_stats(story.watch.tracker, &stats);
	assert_int_equal(stats.evicted, 3);
	assert_int_equal(stats.live, 1);
}

/* A closed connection makes room without being counted. */
static void test_eviction_of_closed(void **state)
{
	struct vsockhdr_tracker_stats stats;

	(void)state;
	with_options(&(struct vsockhdr_tracker_options) { .max_flows = 1 });
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	from_port(2);
	assert_int_equal(story.watch.flow[0].close, VSOCKHDR_CLOSE_CLEAN);
	vsockhdr_tracker_stats(story.watch.tracker, &stats);
	assert_int_equal(stats.evicted, 0);
}

#define MOST_OVER  1500
#define PORTS_OVER (3 * MOST_OVER)

/* Connections that are over: their ports in the order in which they ended, and their
 * numbers by port */
static uint32_t over_port[MOST_OVER];
static size_t over_count;
static uint64_t over_number[PORTS_OVER];

static uint64_t feed_over(struct vsockhdr_tracker *tracker, uint32_t port,
			  bool from_server, uint16_t op)
{
	static uint64_t frame;
	const struct vsockhdr_addr client = { 3, port };
	const struct vsockhdr_addr server = { 2, 1234 };
	const struct packet packet = {
		.src = from_server ? server : client,
		.dst = from_server ? client : server,
		.type = VSOCKHDR_TYPE_STREAM,
		.op = op,
	};
	struct vsockhdr_record rec;
	const struct vsockhdr_seen seen = { .frame = frame + 1, .rec = &rec };
	struct vsockhdr_told told;

	packet_record(&packet, &rec);
	vsockhdr_tracker_feed(tracker, &seen, &told);
	frame++;
	return told.flow;
}

static size_t find_over(uint32_t port)
{
	size_t i = 0;

	while (i < over_count && over_port[i] != port)
		i++;
	return i;
}

static void drop_over(size_t i)
{
	over_count--;
	memmove(&over_port[i], &over_port[i + 1],
		(over_count - i) * sizeof(over_port[0]));
}

/* As many as there is room for are over: which of them are remembered, and as which, is
 * what a plain list says, however often ports are used again. */
static void over_and_over(size_t most, size_t steps)
{
	const struct vsockhdr_tracker_options options = { .max_flows = most,
							  .only_count = most % 2 == 0 };
	struct vsockhdr_tracker *tracker = vsockhdr_tracker_new(&options);
	struct vsockhdr_tracker_stats stats;
	uint64_t random = 1;
	uint64_t next = 0;

	over_count = 0;
	for (size_t step = 0; step < steps; step++) {
		uint32_t port = (uint32_t)(next_number(&random) % (3 * most));
		size_t i = find_over(port);

		if (i < over_count && next_number(&random) % 2 == 0) {
			/* Something comes late. */
			assert_int_equal(feed_over(tracker, port, false, VSOCKHDR_OP_RW),
					 over_number[port]);
			continue;
		}
		if (i < over_count)
			drop_over(i);
		else if (over_count == most)
			drop_over(0);
		over_number[port] = next++;
		over_port[over_count++] = port;
		assert_int_equal(feed_over(tracker, port, false, VSOCKHDR_OP_REQUEST),
				 over_number[port]);
		assert_int_equal(feed_over(tracker, port, true, VSOCKHDR_OP_RST),
				 over_number[port]);
	}
	vsockhdr_tracker_stats(tracker, &stats);
	assert_int_equal(stats.live, over_count);
	assert_int_equal(stats.flows, next);
	assert_int_equal(stats.evicted, 0);
	for (size_t i = 0; i < over_count; i++)
		assert_int_equal(feed_over(tracker, over_port[i], true, VSOCKHDR_OP_RST),
				 over_number[over_port[i]]);
	vsockhdr_tracker_free(tracker);
}

static void test_over(void **state)
{
	(void)state;
	over_and_over(1, 100);
	over_and_over(20, 20000);
	over_and_over(MOST_OVER - 1, 20000);
	over_and_over(MOST_OVER, 20000);
}

/* So many that the table has to grow, and each is found again */
static void test_many(void **state)
{
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_RW);

	(void)state;
	packet.time_ns = START_NS;
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 20000; i++) {
			packet.src.port = i * 65537;
			packet.src.cid = 3 + i % 3;
			watch_feed(&story.watch, &packet);
			assert_int_equal(story.watch.told.flow, i);
		}
	}
	capture_ends();
	assert_int_equal(story.watch.flows, 20000);
	for (size_t i = 0; i < 20000; i++)
		assert_int_equal(story.watch.flow[i].end[CLIENT].packets, 2);
}

/* Nobody listens, and the defaults are used without options */
static void test_no_callbacks(void **state)
{
	static const struct vsockhdr_tracker_options none = { 0 };
	struct vsockhdr_tracker *tracker = vsockhdr_tracker_new(&none);
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_INVALID);
	struct vsockhdr_tracker_stats stats;
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = { .frame = 1, .time_ns = START_NS, .rec = &rec };
	struct vsockhdr_told told;

	(void)state;
	packet_record(&packet, &rec);
	vsockhdr_tracker_feed(tracker, &seen, &told);
	packet.op = VSOCKHDR_OP_REQUEST;
	packet_record(&packet, &rec);
	seen.frame = 2;
	vsockhdr_tracker_feed(tracker, &seen, &told);
	vsockhdr_tracker_finish(tracker);
	vsockhdr_tracker_stats(tracker, &stats);
	assert_int_equal(stats.findings[VSOCKHDR_HDR_BAD_OP], 1);
	assert_int_equal(stats.findings[VSOCKHDR_CONN_UNANSWERED], 1);
	assert_int_equal(stats.setups[VSOCKHDR_SETUP_UNANSWERED], 1);
	vsockhdr_tracker_free(tracker);
	vsockhdr_tracker_free(NULL);
}

/* After the end, the next capture may begin. */
static void test_again_after_finish(void **state)
{
	(void)state;
	set_up();
	capture_ends();
	say_rw(CLIENT, 10);
	assert_int_equal(story.watch.told.flow, 1);
	assert_false(story.watch.told.credit_known);
	capture_ends();
	assert_int_equal(story.watch.flow[1].setup, VSOCKHDR_SETUP_MIDSTREAM);
}

/* Time that has not come is not now: the latest packet's time counts. */
static void test_expire(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	story.addr[CLIENT].port = 1;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	story.addr[CLIENT].port = 2;
	set_up();
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND, 0);
	vsockhdr_tracker_expire(story.watch.tracker, START_NS + 2 * SECOND);
	expect_nothing();
	vsockhdr_tracker_expire(story.watch.tracker, START_NS + 10 * SECOND);
	story.addr[CLIENT].port = 1024;
	expect(VSOCKHDR_CONN_UNANSWERED, 1, SERVER, "waited_ns 9999000000");
	expect(VSOCKHDR_CLOSE_NO_RST, 4, SERVER, "");
	expect(VSOCKHDR_CLOSE_HALF_OPEN, 7, NOBODY, "");
	vsockhdr_tracker_expire(story.watch.tracker, START_NS + 20 * SECOND);
	expect_nothing();
	assert_int_equal(story.watch.flows, 0);
}

/* A packet is missing: it may have been the one that makes all well. */
static void test_loss(void **state)
{
	(void)state;
	story.buf_alloc[SERVER] = 100;
	set_up();
	say_rw(CLIENT, 100);
	story.lost = 1;
	say_rw(CLIENT, 100);
	expect_note(VSOCKHDR_CREDIT_OVERRUN, 4, CLIENT, "len 100, allowed 0, over 100",
		    true);
	say_flags(CLIENT, 9, 0, 0);
	expect(VSOCKHDR_HDR_BAD_OP, 5, CLIENT, "op 9");
	say_credit(SERVER, 300, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	expect_note(VSOCKHDR_CLOSE_RESET, 7, CLIENT,
		    "violation_frame 5, unconsumed_client 200, unconsumed_server 0",
		    true);
	/* The next connection begins after the loss. */
	set_up();
	say_rw(CLIENT, 301);
	expect(VSOCKHDR_CREDIT_OVERRUN, 10, CLIENT, "len 301, allowed 300, over 1");
}

static void test_no_virtio(void **state)
{
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_RW);

	(void)state;
	packet.no_hdr = true;
	say_this(&packet);
	assert_int_equal(story.watch.told.flow, VSOCKHDR_NO_FLOW);
	assert_false(story.watch.told.credit_known);
	assert_false(story.watch.told.ended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_names),
		STORY(test_summary),
		STORY(test_times),
		STORY(test_told_times),
		STORY(test_clock_set_back),
		STORY(test_pair_is_unordered),
		STORY(test_order),
		STORY(test_stats),
		STORY(test_eviction),
		STORY(test_eviction_order),
		STORY(test_eviction_reports),
		STORY(test_eviction_of_closed),
		STORY(test_expect),
		STORY(test_over),
		STORY(test_many),
		STORY(test_no_callbacks),
		STORY(test_again_after_finish),
		STORY(test_expire),
		STORY(test_loss),
		STORY(test_no_virtio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
