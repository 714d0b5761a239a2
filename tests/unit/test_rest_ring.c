/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The ring of connections that are over, against a plain list. Its header is private.
 */

#include "rest_ring.h"

#include <string.h>

#include "flow_rest.h"
#include "helper.h"

#define MOST  3000
#define STEPS 60000

/* What the ring should have, oldest first: numbers of flows, and their places */
static uint32_t number[MOST];
static uint32_t place[MOST];
static size_t count;
static uint32_t next_flow;
static struct rest_ring ring;

/* A random number below @end: the high bits of Knuth's generator */
static size_t below(size_t end)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(state >> 33) % end;
}

static struct flow_resting *item(uint32_t at)
{
	return (struct flow_resting *)(void *)(ring.memory + at * ring.place_size);
}

static struct flow_row *row(uint32_t at)
{
	return (struct flow_row *)(void *)(item(at) + 1);
}

static void on_moved(void *context, uint32_t from, uint32_t to)
{
	size_t *moves = context;
	size_t i = 0;

	(*moves)++;
	while (i < count && number[i] != item(to)->number)
		i++;
	assert_in_range(i, 0, count - 1);
	assert_int_equal(place[i], from);
	place[i] = to;
}

static size_t add(void)
{
	uint32_t at = rest_ring_add(&ring);
	size_t moves = 0;

	if (at == REST_NONE) {
		assert_int_equal(ring.span, ring.room);
		assert_true(rest_ring_widen(&ring, on_moved, &moves));
		at = rest_ring_add(&ring);
	}
	assert_in_range(at, 0, ring.room - 1);
	item(at)->number = next_flow;
	if (ring.keeps_rows)
		row(at)->last_frame = next_flow;
	number[count] = next_flow++;
	place[count++] = at;
	return moves;
}

static void drop(size_t i)
{
	rest_ring_remove(&ring, place[i]);
	count--;
	memmove(&number[i], &number[i + 1], (count - i) * sizeof(number[0]));
	memmove(&place[i], &place[i + 1], (count - i) * sizeof(place[0]));
}

static void compare(void)
{
	uint32_t at = rest_ring_first(&ring);

	assert_int_equal(ring.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(at, place[i]);
		assert_int_equal(item(at)->number, number[i]);
		if (ring.keeps_rows)
			assert_int_equal(row(at)->last_frame, number[i]);
		at = rest_ring_next(&ring, at);
	}
	assert_int_equal(at, REST_NONE);
}

static void begin(bool keeps_rows)
{
	count = 0;
	next_flow = 0;
	rest_ring_init(&ring, keeps_rows);
	compare();
}

/* About as many as @most, of which mostly the oldest leaves, but others, too */
static void mix(size_t most)
{
	size_t moves = 0;
	size_t compared = 0;

	for (size_t step = 0; step < STEPS; step++) {
		if (count < most && (count == 0 || below(9) < 5))
			moves += add();
		else if (below(5) == 0)
			drop(below(count));
		else
			drop(0);
		if (below(100) == 0) {
			compare();
			compared++;
		}
	}
	compare();
	assert_true(compared > STEPS / 200);
	assert_true(moves > 0 || most < 100);
	/* Growing stops, and empty places are used again. */
	assert_true(ring.room < 2 * most + 32);
}

static void test_mix(void **state)
{
	static const size_t sizes[] = { 1, 5, 100, MOST };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin(i % 2 == 0);
		mix(sizes[i]);
		rest_ring_clear(&ring);
		count = 0;
		compare();
	}
}

/* The oldest makes room for each new one, so that the ring turns; then there are more, so
 * that it grows where it is in two parts */
static void test_turn(void **state)
{
	(void)state;
	begin(true);
	for (int i = 0; i < 100; i++)
		(void)add();
	for (int i = 0; i < 1000; i++) {
		drop(0);
		assert_int_equal(add(), 0);
	}
	compare();
	for (int i = 0; i < 37; i++) {
		drop(0);
		(void)add();
	}
	assert_true(ring.head + ring.span > ring.room);
	while (count < 1000)
		(void)add();
	compare();
	rest_ring_clear(&ring);
}

/* The oldest stays, the others come and go: their places are used again. */
static void test_holes(void **state)
{
	(void)state;
	begin(false);
	for (int i = 0; i < 10000; i++) {
		(void)add();
		(void)add();
		drop(1);
		if (count > 3)
			drop(1);
		compare();
	}
	assert_int_equal(number[0], 0);
	assert_true(ring.room < 64);
	rest_ring_clear(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mix),
		cmocka_unit_test(test_turn),
		cmocka_unit_test(test_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
