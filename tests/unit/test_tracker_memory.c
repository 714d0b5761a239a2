/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The tracker where memory is short: it remembers fewer connections, as if it had been
 * made with room for fewer, and never fails otherwise. The linker puts the functions here
 * in place of those of the C library (see CMakeLists.txt).
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tracker_helper.h"

/* More than fit into what the tracker allocates first */
#define FLOWS 5000

/* About as many as the tracker has memory for at first */
#define MOST_LIVE 1024

/* Allocations that still succeed */
static size_t left = SIZE_MAX;

static bool refused(void)
{
	if (left == 0)
		return true;
	left--;
	return false;
}

/* What the linker names the functions of the C library, and ours.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__real_mremap(void *old, size_t old_size, size_t size, int flags, ...);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mremap(void *old, size_t old_size, size_t size, int flags, ...);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return refused() ? NULL : __real_aligned_alloc(alignment, size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : __real_malloc(size);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return refused() ? MAP_FAILED
			 : __real_mmap(at, size, protection, flags, fd, offset);
}

void *__wrap_mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	void *to = NULL;
	va_list more;

	va_start(more, flags);
	if (flags & MREMAP_FIXED)
		to = va_arg(more, void *);
	va_end(more);
	return refused() ? MAP_FAILED : __real_mremap(old, old_size, size, flags, to);
}

void *__wrap_realloc(void *old, size_t size)
{
	return refused() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return refused() ? NULL : __real_reallocarray(old, count, size);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void count_flow(void *context, const struct vsockhdr_flow *flow)
{
	uint64_t *count = context;

	assert_int_equal(flow->end[CLIENT].packets, 1);
	(*count)++;
}

static void feed_one(struct vsockhdr_tracker *tracker, const struct packet *packet,
		     uint64_t frame)
{
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = { .frame = frame, .time_ns = START_NS, .rec = &rec };
	struct vsockhdr_told told;

	packet_record(packet, &rec);
	vsockhdr_tracker_feed(tracker, &seen, &told);
}

static void feed_flows(struct vsockhdr_tracker *tracker)
{
	struct packet packet = {
		.src = { 3, 0 },
		.dst = { 2, 1234 },
		.type = VSOCKHDR_TYPE_STREAM,
		.op = VSOCKHDR_OP_RW,
		.len = 1,
		.buf_alloc = 262144,
	};
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = { .time_ns = START_NS, .rec = &rec };
	struct vsockhdr_told told;

	for (uint32_t i = 0; i < FLOWS; i++) {
		packet.src.port = i;
		packet_record(&packet, &rec);
		seen.frame++;
		vsockhdr_tracker_feed(tracker, &seen, &told);
	}
}

/* With every number of allocations that succeed, until all of them do */
static void test_short(void **state)
{
	uint64_t remembered = 0;
	bool enough = false;

	(void)state;
	for (size_t allowed = 0; !enough; allowed++) {
		uint64_t let_go = 0;
		struct vsockhdr_tracker_options options = { .on_flow = count_flow,
							    .context = &let_go };
		struct vsockhdr_tracker *tracker;
		struct vsockhdr_tracker_stats stats;

		assert_true(allowed < 1000);
		left = allowed;
		tracker = vsockhdr_tracker_new(&options);
		if (!tracker) {
			left = SIZE_MAX;
			continue;
		}
		feed_flows(tracker);
		enough = left > 0;
		left = SIZE_MAX;
		vsockhdr_tracker_stats(tracker, &stats);
		assert_int_equal(stats.records, FLOWS);
		assert_true(stats.live >= remembered);
		assert_int_equal(stats.live + stats.evicted, stats.flows);
		remembered = stats.live;
		vsockhdr_tracker_finish(tracker);
		vsockhdr_tracker_stats(tracker, &stats);
		assert_int_equal(let_go, stats.flows);
		assert_int_equal(stats.setups[VSOCKHDR_SETUP_MIDSTREAM], stats.flows);
		vsockhdr_tracker_free(tracker);
	}
	assert_int_equal(remembered, FLOWS);
}

/* One packet of each connection; one in ten has an address that needs more room */
static void feed_round(struct vsockhdr_tracker *tracker, uint16_t op, bool from_server,
		       uint64_t *frame)
{
	struct packet packet = { .type = VSOCKHDR_TYPE_STREAM, .op = op };
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = { .time_ns = START_NS, .rec = &rec };
	struct vsockhdr_told told;

	for (uint32_t i = 0; i < FLOWS; i++) {
		const struct vsockhdr_addr client = { i % 10 ? 3 : UINT64_C(3) << 32, i };
		const struct vsockhdr_addr server = { 2, 1234 };

		packet.src = from_server ? server : client;
		packet.dst = from_server ? client : server;
		packet.len = op == VSOCKHDR_OP_RW ? 1 : 0;
		packet_record(&packet, &rec);
		/* More than len says: the rest may follow. */
		if (op == VSOCKHDR_OP_RW && i % 7 == 0)
			rec.payload_wirelen = 2;
		seen.frame = ++*frame;
		vsockhdr_tracker_feed(tracker, &seen, &told);
	}
}

static void count_refused(void *context, const struct vsockhdr_flow *flow)
{
	uint64_t *count = context;

	if (flow->setup == VSOCKHDR_SETUP_REFUSED && flow->end[CLIENT].packets == 2 &&
	    flow->end[SERVER].packets == 2)
		(*count)++;
}

/* Connections that are over, and to which something comes late */
static void test_short_over(void **state)
{
	uint64_t complete = 0;
	bool enough = false;

	(void)state;
	for (size_t allowed = 0; !enough; allowed++) {
		struct vsockhdr_tracker_options options = { .on_flow = count_refused,
							    .context = &complete };
		struct vsockhdr_tracker *tracker;
		struct vsockhdr_tracker_stats stats;
		uint64_t closes = 0;
		uint64_t frame = 0;

		assert_true(allowed < 1000);
		complete = 0;
		left = allowed;
		tracker = vsockhdr_tracker_new(&options);
		if (!tracker) {
			left = SIZE_MAX;
			continue;
		}
		feed_round(tracker, VSOCKHDR_OP_REQUEST, false, &frame);
		feed_round(tracker, VSOCKHDR_OP_RST, true, &frame);
		feed_round(tracker, VSOCKHDR_OP_RW, false, &frame);
		feed_round(tracker, VSOCKHDR_OP_RST, true, &frame);
		enough = left > 0;
		left = SIZE_MAX;
		vsockhdr_tracker_finish(tracker);
		vsockhdr_tracker_stats(tracker, &stats);
		assert_int_equal(stats.records, frame);
		assert_int_equal(stats.live, 0);
		for (size_t i = 0; i <= VSOCKHDR_CLOSE_REFUSED; i++)
			closes += stats.closes[i];
		assert_int_equal(closes, stats.flows);
		vsockhdr_tracker_free(tracker);
	}
	assert_int_equal(complete, FLOWS);
}

struct tally {
	uint64_t flows;
	uint64_t packets;
};

static void count_packets(void *context, const struct vsockhdr_flow *flow)
{
	struct tally *tally = context;

	tally->flows++;
	tally->packets += flow->end[CLIENT].packets + flow->end[SERVER].packets;
}

/* A connection that is over, @live others, and then, without memory, something late that
 * has to wait for what follows it */
static void feed_late(struct vsockhdr_tracker *tracker, uint32_t live)
{
	struct packet request = { .src = { 3, 0 },
				  .dst = { 2, 1234 },
				  .type = VSOCKHDR_TYPE_STREAM,
				  .op = VSOCKHDR_OP_REQUEST };
	struct packet rst = { .src = { 2, 1234 },
			      .dst = { 3, 0 },
			      .type = VSOCKHDR_TYPE_STREAM,
			      .op = VSOCKHDR_OP_RST };
	struct packet late = { .src = { 3, 0 },
			       .dst = { 2, 1234 },
			       .type = VSOCKHDR_TYPE_STREAM,
			       .op = VSOCKHDR_OP_RW,
			       .len = 4,
			       .payload_more = 6 };
	uint64_t frame = 0;

	feed_one(tracker, &late, ++frame);
	feed_one(tracker, &request, ++frame);
	feed_one(tracker, &rst, ++frame);
	for (request.src.port = 1; request.src.port <= live; request.src.port++)
		feed_one(tracker, &request, ++frame);
	left = 0;
	feed_one(tracker, &late, ++frame);
	feed_one(tracker, &late, ++frame);
	left = SIZE_MAX;
}

/* Also where the last place of all was just taken */
static void test_short_late(void **state)
{
	(void)state;
	for (uint32_t live = MOST_LIVE - 50; live < MOST_LIVE + 50; live++) {
		struct tally tally = { 0 };
		struct vsockhdr_tracker_options options = { .on_flow = count_packets,
							    .context = &tally };
		struct vsockhdr_tracker *tracker = vsockhdr_tracker_new(&options);

		feed_late(tracker, live);
		vsockhdr_tracker_finish(tracker);
		vsockhdr_tracker_free(tracker);
		assert_int_equal(tally.flows, live + 2);
		assert_int_equal(tally.packets, live + 5);
	}
}

/* The end of the capture, and a look at the connections, with no memory to sort them in
 */
static void test_finish_without_memory(void **state)
{
	uint64_t walked = 0;
	uint64_t let_go = 0;
	struct vsockhdr_tracker_options options = { .on_flow = count_flow,
						    .context = &let_go };
	struct vsockhdr_tracker *tracker = vsockhdr_tracker_new(&options);

	(void)state;
	feed_flows(tracker);
	left = 0;
	vsockhdr_tracker_walk(tracker, count_flow, &walked);
	vsockhdr_tracker_expire(tracker, START_NS + 100 * SECOND);
	vsockhdr_tracker_finish(tracker);
	left = SIZE_MAX;
	vsockhdr_tracker_free(tracker);
	assert_int_equal(walked, FLOWS);
	assert_int_equal(let_go, FLOWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_short_over),
		cmocka_unit_test(test_short_late),
		cmocka_unit_test(test_finish_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
