/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What must hold of every sequence, tried on tens of thousands of them: correct peers are
 * never accused, wherever the capture begins and ends, whatever its clock and its losses;
 * one fault is found, at its packet, and no other; tracker and model agree throughout.
 * A failure names the seed of its sequence.
 */

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <inttypes.h>
#include <stdlib.h>
#include <vsockhdr/names.h>

#include "generate.h"
#include "model.h"

#define SEQUENCES 20000
#define PACKETS   60
#define TRIES     400

static struct sequence sequence;

static bool same_pair(const struct packet *a, const struct packet *b)
{
	return (same_addr(&a->src, &b->src) && same_addr(&a->dst, &b->dst)) ||
	       (same_addr(&a->src, &b->dst) && same_addr(&a->dst, &b->src));
}

/* The packets between the two addresses of the one numbered frame, or all if that is 0 */
static void print_sequence(const struct packet *packet, size_t count, uint64_t frame)
{
	for (size_t i = 0; i < count; i++) {
		if (frame > 0 && !same_pair(&packet[i], &packet[frame - 1]))
			continue;
		print_message(
			"%3zu %12" PRId64 " us %" PRIu64 ":%u > %" PRIu64
			":%u type %u %s len %u flags %u buf_alloc %u fwd_cnt %u lost "
			"%" PRIu64 "\n",
			i + 1, (packet[i].time_ns - START_NS) / MICROSECOND,
			packet[i].src.cid, packet[i].src.port, packet[i].dst.cid,
			packet[i].dst.port, packet[i].type,
			vsockhdr_op_name(packet[i].op), packet[i].len, packet[i].flags,
			packet[i].buf_alloc, packet[i].fwd_cnt, packet[i].lost);
	}
}

/* Fails unless tracker and model agree, and no finding is a violation but that one */
static void check(const struct packet *packet, size_t count, uint64_t seed,
		  const struct sequence *faulty, enum vsockhdr_finding_id fault)
{
	struct model *model = model_new();
	struct watch watch;
	const struct vsockhdr_finding *found;

	watch_start(&watch, NULL);
	for (size_t i = 0; i < count; i++) {
		struct vsockhdr_record rec;
		struct vsockhdr_seen seen = { .rec = &rec, .time_ns = packet[i].time_ns };
		struct model_told told;
		const char *member;

		packet_record(&packet[i], &rec);
		seen.err = packet[i].err;
		seen.lost = packet[i].lost;
		watch_see(&watch, &seen);
		model_feed(model, &seen, &told);
		member = model_differs(&told, &watch.told);
		if (member) {
			print_sequence(packet, i + 1, i + 1);
			fail_msg("seed %" PRIu64 ", frame %zu: %s differs", seed, i + 1,
				 member);
		}
	}
	vsockhdr_tracker_finish(watch.tracker);
	found = watch_violation(&watch, 0);
	if (faulty && !found) {
		print_sequence(packet, count, faulty->frame);
		fail_msg("seed %" PRIu64 ": no %s at frame %" PRIu64, seed,
			 vsockhdr_finding_info(fault)->name, faulty->frame);
	}
	if (faulty && found && found->id == fault && found->frame == faulty->frame &&
	    found->has_fault == faulty->has_fault &&
	    (!found->has_fault || same_addr(&found->fault, &faulty->fault)))
		found = watch_violation(&watch, (size_t)(found - watch.finding) + 1);
	if (found) {
		print_sequence(packet, count, found->frame);
		if (faulty)
			print_message("with %s at frame %" PRIu64 "\n",
				      vsockhdr_finding_info(fault)->name, faulty->frame);
		fail_msg("seed %" PRIu64 ": %s at frame %" PRIu64, seed,
			 vsockhdr_finding_info(found->id)->name, found->frame);
	}
	watch_stop(&watch);
	model_free(model);
}

static void test_legal(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEQUENCES; seed++) {
		generate(&sequence, seed, seed % 100 == 0 ? 1000 : PACKETS, NO_FAULT, 0);
		check(sequence.packet, sequence.count, seed, NULL, NO_FAULT);
	}
}

static void test_every_cut(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		generate(&sequence, seed, PACKETS, NO_FAULT, 0);
		for (size_t i = 0; i < sequence.count; i++)
			for (size_t k = i; k <= sequence.count; k++)
				check(sequence.packet + i, k - i, seed, NULL, NO_FAULT);
	}
}

static void test_cuts(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (uint64_t seed = 0; seed < SEQUENCES; seed++) {
		size_t from;
		size_t count;

		generate(&sequence, seed, PACKETS, NO_FAULT, 0);
		from = next_number(&random) % sequence.count;
		count = next_number(&random) % (sequence.count - from);
		check(sequence.packet + from, count, seed, NULL, NO_FAULT);
	}
}

/* At one to three places the clock is set back, by up to 20 seconds. */
static void test_clock(void **state)
{
	uint64_t random = 2;

	(void)state;
	for (uint64_t seed = 0; seed < SEQUENCES; seed++) {
		generate(&sequence, seed, PACKETS, NO_FAULT, 0);
		for (uint64_t n = 1 + next_number(&random) % 3; n > 0; n--) {
			int64_t back = (int64_t)(next_number(&random) % 20000);

			for (size_t i = next_number(&random) % sequence.count;
			     i < sequence.count; i++)
				sequence.packet[i].time_ns -= back * MILLISECOND;
		}
		check(sequence.packet, sequence.count, seed, NULL, NO_FAULT);
	}
}

/* The capture lost one packet: the next one tells so. */
static void test_loss(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (uint64_t seed = 0; seed < SEQUENCES; seed++) {
		struct watch watch;
		const struct vsockhdr_finding *found;
		size_t lost;

		generate(&sequence, seed, PACKETS, NO_FAULT, 0);
		lost = next_number(&random) % sequence.count;
		watch_start(&watch, NULL);
		for (size_t i = 0; i < sequence.count; i++) {
			sequence.packet[i].lost = i > lost;
			if (i != lost)
				watch_feed(&watch, &sequence.packet[i]);
		}
		vsockhdr_tracker_finish(watch.tracker);
		found = watch_violation(&watch, 0);
		if (found) {
			uint64_t frame = found->frame + (found->frame > lost);

			print_sequence(sequence.packet, sequence.count, frame);
			fail_msg("seed %" PRIu64 ", %zu lost: %s at %" PRIu64, seed,
				 lost + 1, vsockhdr_finding_info(found->id)->name, frame);
		}
		watch_stop(&watch);
	}
}

static void test_faults(void **state)
{
	uint64_t random = 4;

	(void)state;
	for (int fault = 0; fault < VSOCKHDR_FINDING_COUNT; fault++) {
		enum vsockhdr_finding_id id = (enum vsockhdr_finding_id)fault;
		unsigned int done = 0;

		if (!can_generate(id)) {
			assert_true(vsockhdr_finding_info(id)->severity !=
				    VSOCKHDR_VIOLATION);
			continue;
		}
		for (uint64_t seed = 0; seed < TRIES; seed++) {
			generate(&sequence, seed, PACKETS, id,
				 next_number(&random) % PACKETS);
			if (!sequence.faulty)
				continue;
			check(sequence.packet, sequence.count, seed, &sequence, id);
			done++;
		}
		assert_true(done > TRIES / 8);
	}
}

/* Packets of two connections with one pair of addresses, as two network namespaces may
 * have them, mixed so that both are asked for before either is closed */
static void test_shared_pair(void **state)
{
	/* clang-format off */
	static const struct { int from; uint16_t op; uint32_t len; uint32_t fwd_cnt; } story[] = {
		{ 0, VSOCKHDR_OP_REQUEST, 0, 0 },
		{ 1, VSOCKHDR_OP_RESPONSE, 0, 0 },
		{ 0, VSOCKHDR_OP_RW, 60000, 0 },
		{ 1, VSOCKHDR_OP_CREDIT_UPDATE, 0, 60000 },
		{ 1, VSOCKHDR_OP_RW, 50, 60000 },
		{ 0, VSOCKHDR_OP_CREDIT_REQUEST, 0, 50 },
		{ 1, VSOCKHDR_OP_CREDIT_UPDATE, 0, 60000 },
		{ 0, VSOCKHDR_OP_SHUTDOWN, 0, 50 },
		{ 1, VSOCKHDR_OP_RST, 0, 60000 },
		{ 1, VSOCKHDR_OP_RST, 0, 60000 },
	};
	/* clang-format on */
	const size_t steps = sizeof(story) / sizeof(story[0]);
	uint64_t random = 5;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t at[2] = { 0, 0 };
		struct watch watch;
		unsigned int shared = 0;

		watch_start(&watch, NULL);
		for (size_t i = 0; i < 2 * steps; i++) {
			size_t which = next_number(&random) % 2;
			struct packet packet = { .type = VSOCKHDR_TYPE_STREAM,
						 .buf_alloc = 65536 };

			if (at[which] == steps ||
			    (at[which] == steps - 3 && at[!which] < 2))
				which = !which;
			packet.src = (struct vsockhdr_addr) { 1, 1024 };
			packet.dst = (struct vsockhdr_addr) { 1, 1234 };
			if (story[at[which]].from == 1) {
				packet.src.port = 1234;
				packet.dst.port = 1024;
			}
			packet.op = story[at[which]].op;
			packet.len = story[at[which]].len;
			packet.flags = packet.op == VSOCKHDR_OP_SHUTDOWN ? 3 : 0;
			packet.fwd_cnt = story[at[which]].fwd_cnt;
			packet.time_ns = START_NS + (int64_t)i * MILLISECOND;
			watch_feed(&watch, &packet);
			at[which]++;
		}
		vsockhdr_tracker_finish(watch.tracker);
		for (size_t i = 0; i < watch.findings; i++) {
			shared += watch.finding[i].id == VSOCKHDR_CONN_SHARED_PAIR;
			if (watch.finding[i].severity != VSOCKHDR_NOTE)
				fail_msg("round %d: %s at frame %" PRIu64, round,
					 vsockhdr_finding_info(watch.finding[i].id)->name,
					 watch.finding[i].frame);
		}
		assert_int_equal(shared, 1);
		assert_int_equal(watch.flows, 1);
		watch_stop(&watch);
	}
}

static int free_sequence(void **state)
{
	(void)state;
	free(sequence.packet);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_legal),       cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_cuts),        cmocka_unit_test(test_clock),
		cmocka_unit_test(test_loss),        cmocka_unit_test(test_faults),
		cmocka_unit_test(test_shared_pair),
	};

	return cmocka_run_group_tests(tests, NULL, free_sequence);
}
