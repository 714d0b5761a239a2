/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tests of a little-endian field against a set of numbers, by a machine that is
 * big-endian and has 32 bits.
 *
 * Theory of operation: whether a field is one of some numbers does not depend on the
 * order of bytes: the numbers are swapped instead of the field, and searched in the
 * order that they then have. Ranges do depend on it. But what is written in filters has
 * bytes that need no comparison: high ones that all numbers of the set share (mostly
 * zero) are tested for equality at once, low ones that run from 00 to ff in every range
 * are not looked at. What is left of the field is put together in A, and the ranges are
 * searched. A set and its complement are equally good; the one that is simpler counts.
 */

#include <glib.h>

#include "filter_bpf.h"

/* Up to so many numbers are compared one after another, more are searched */
#define LINEAR 3

static uint64_t max_of(unsigned int bytes)
{
	return bytes < 8 ? (UINT64_C(1) << (8 * bytes)) - 1 : UINT64_MAX;
}

static uint32_t swapped(uint64_t value, unsigned int bytes)
{
	return GUINT32_SWAP_LE_BE((uint32_t)value) >> (32 - 8 * bytes);
}

static bool is_loadable(unsigned int bytes)
{
	return bytes == 1 || bytes == 2 || bytes == 4;
}

static unsigned int load_of(unsigned int bytes)
{
	return BPF_LD | BPF_ABS | (bytes == 4 ? BPF_W : bytes == 2 ? BPF_H : BPF_B);
}

static bool is_points(const struct filter_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->range[i].lo != set->range[i].hi)
			return false;
	return true;
}

/* How many of the highest bytes all numbers of a set share */
static unsigned int shared_bytes(const struct filter_set *set, unsigned int bytes)
{
	unsigned int shared = 0;
	uint64_t differing;

	if (set->count == 0)
		return 0;
	differing = set->range[0].lo ^ set->range[set->count - 1].hi;
	while (shared < bytes && (differing >> (8 * (bytes - 1 - shared)) & 0xff) == 0)
		shared++;
	return shared;
}

static bool low_byte_is_free(const struct filter_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if ((set->range[i].lo & 0xff) != 0 || (set->range[i].hi & 0xff) != 0xff)
			return false;
	return true;
}

/* Memory that is not there fails the whole program, whatever it then is. */
static struct filter_set complement(struct filter_compiler *compiler,
				    const struct filter_set *set, uint64_t max)
{
	struct filter_set other = { 0 };

	if (!filter_set_complement(&compiler->memory, &other, set, max))
		compiler->code.failed = true;
	return other;
}

static void add(struct filter_compiler *compiler, struct filter_set *set, uint64_t lo,
		uint64_t hi)
{
	if (!filter_set_add(&compiler->memory, set, lo, hi))
		compiler->code.failed = true;
	set->unsorted = false;
}

filter_label filter_bpf_load(struct filter_compiler *compiler,
			     struct filter_window window, filter_label next)
{
	struct filter_code *code = &compiler->code;

	for (unsigned int i = 0; i + 1 < window.bytes; i++) {
		next = filter_code_step(code, BPF_ALU | BPF_OR | BPF_X, 0, next);
		next = filter_code_step(code, load_of(1), window.offset + i, next);
		next = filter_code_step(code, BPF_MISC | BPF_TAX, 0, next);
		next = filter_code_step(code, BPF_ALU | BPF_LSH | BPF_K, 8, next);
	}
	return filter_code_step(code, load_of(1), window.offset + window.bytes - 1, next);
}

/* A is searched in ranges from one to another one */
static filter_label search_ranges(struct filter_code *code,
				  const struct filter_range *range, size_t count,
				  uint64_t max, filter_label yes, filter_label no)
{
	size_t half = count / 2;
	filter_label above;
	filter_label below;

	if (count == 0)
		return no;
	if (count == 1) {
		above = range->hi >= max ? yes
					 : filter_code_jump(code, BPF_JGT | BPF_K,
							    (uint32_t)range->hi, no, yes);
		if (range->lo == 0)
			return above;
		return filter_code_jump(code, BPF_JGE | BPF_K, (uint32_t)range->lo, above,
					no);
	}
	above = search_ranges(code, range + half, count - half, max, yes, no);
	below = search_ranges(code, range, half, max, yes, no);
	return filter_code_jump(code, BPF_JGE | BPF_K, (uint32_t)range[half].lo, above,
				below);
}

/* A is searched among numbers in order */
static filter_label search_keys(struct filter_code *code, const uint32_t *key,
				size_t count, filter_label yes, filter_label no)
{
	size_t half = count / 2;
	filter_label above;
	filter_label below;

	if (count > LINEAR) {
		above = search_keys(code, key + half, count - half, yes, no);
		below = search_keys(code, key, half, yes, no);
		return filter_code_jump(code, BPF_JGE | BPF_K, key[half], above, below);
	}
	while (count > 0)
		no = filter_code_jump(code, BPF_JEQ | BPF_K, key[--count], yes, no);
	return no;
}

static int compare_keys(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* The bytes as they are, in A, are one of some numbers */
static filter_label test_points(struct filter_compiler *compiler,
				const struct filter_set *set, unsigned int bytes,
				filter_label yes, filter_label no)
{
	uint32_t *key =
		filter_arena_new(&compiler->memory, set->count * sizeof(*key) + 1);

	if (!key) {
		compiler->code.failed = true;
		return no;
	}
	for (size_t i = 0; i < set->count; i++)
		key[i] = swapped(set->range[i].lo, bytes);
	qsort(key, set->count, sizeof(*key), compare_keys);
	return search_keys(&compiler->code, key, set->count, yes, no);
}

/* Bytes are equal to a number, in as few loads as there can be */
static filter_label test_equal(struct filter_code *code, struct filter_window window,
			       uint64_t number, filter_label yes, filter_label no)
{
	while (window.bytes > 0) {
		unsigned int bytes = window.bytes >= 4 ? 4 : window.bytes >= 2 ? 2 : 1;

		yes = filter_code_jump(code, BPF_JEQ | BPF_K,
				       swapped(number & max_of(bytes), bytes), yes, no);
		yes = filter_code_step(code, load_of(bytes), window.offset, yes);
		window.offset += bytes;
		window.bytes -= bytes;
		number = window.bytes > 0 ? number >> (8 * bytes) : 0;
	}
	return yes;
}

static filter_label test_window(struct filter_compiler *compiler,
				struct filter_window window, struct filter_set set,
				filter_label yes, filter_label no);

/* All numbers share their highest bytes */
static filter_label test_shared(struct filter_compiler *compiler,
				struct filter_window window, const struct filter_set *set,
				filter_label yes, filter_label no)
{
	unsigned int high = shared_bytes(set, window.bytes);
	unsigned int low = window.bytes - high;
	struct filter_window upper = { window.offset + low, high };
	struct filter_set rest = { 0 };

	if (low == 0)
		return test_equal(&compiler->code, upper, set->range[0].lo, yes, no);
	for (size_t i = 0; i < set->count; i++)
		add(compiler, &rest, set->range[i].lo & max_of(low),
		    set->range[i].hi & max_of(low));
	window.bytes = low;
	yes = test_window(compiler, window, rest, yes, no);
	return test_equal(&compiler->code, upper, set->range[0].lo >> (8 * low), yes, no);
}

/* The lowest byte does not matter */
static filter_label test_trimmed(struct filter_compiler *compiler,
				 struct filter_window window,
				 const struct filter_set *set, filter_label yes,
				 filter_label no)
{
	struct filter_set rest = { 0 };

	for (size_t i = 0; i < set->count; i++)
		add(compiler, &rest, set->range[i].lo >> 8, set->range[i].hi >> 8);
	window.offset++;
	window.bytes--;
	return test_window(compiler, window, rest, yes, no);
}

/* Numbers of the set whose bytes above the lowest four are as given; false: not all */
static struct filter_set lower_part(struct filter_compiler *compiler,
				    const struct filter_set *set, uint64_t high,
				    size_t *from)
{
	struct filter_set part = { 0 };

	while (*from < set->count && set->range[*from].hi >> 32 < high)
		(*from)++;
	for (size_t i = *from; i < set->count && set->range[i].lo >> 32 <= high; i++) {
		const struct filter_range *range = &set->range[i];

		add(compiler, &part, range->lo >> 32 < high ? 0 : (uint32_t)range->lo,
		    range->hi >> 32 > high ? UINT32_MAX : (uint32_t)range->hi);
	}
	return part;
}

/* More than four bytes: what all four lower bytes are of, and the others, each by its
 * higher bytes */
static filter_label test_wide(struct filter_compiler *compiler,
			      struct filter_window window, const struct filter_set *set,
			      filter_label yes, filter_label no)
{
	struct filter_window lower = { window.offset, 4 };
	struct filter_window upper = { window.offset + 4, window.bytes - 4 };
	struct filter_set whole = { 0 };
	struct filter_set partly = { 0 };
	size_t from = 0;
	filter_label next;

	for (size_t i = 0; i < set->count; i++) {
		uint64_t lo = set->range[i].lo;
		uint64_t hi = set->range[i].hi;
		uint64_t first = (lo + UINT32_MAX) >> 32;

		/* Beyond the last number of 64 bits, the sum wraps. */
		if (lo > UINT64_MAX - UINT32_MAX)
			first = (lo >> 32) + ((uint32_t)lo > 0);
		if ((uint32_t)lo > 0)
			add(compiler, &partly, lo >> 32, lo >> 32);
		if ((uint32_t)hi < UINT32_MAX &&
		    !((uint32_t)lo > 0 && hi >> 32 == lo >> 32))
			add(compiler, &partly, hi >> 32, hi >> 32);
		if (first + ((uint32_t)hi < UINT32_MAX) <= hi >> 32)
			add(compiler, &whole, first,
			    (hi >> 32) - ((uint32_t)hi < UINT32_MAX));
	}
	whole.unsorted = true;
	filter_set_sort(&whole);
	next = test_window(compiler, upper, whole, yes, no);
	for (size_t i = 0; i < partly.count && !compiler->code.failed; i++) {
		uint64_t high = partly.range[i].lo;
		struct filter_set part;

		if (i > 0 && partly.range[i - 1].lo == high)
			continue;
		part = lower_part(compiler, set, high, &from);
		next = test_equal(&compiler->code, upper, high,
				  test_window(compiler, lower, part, yes, no), next);
	}
	return next;
}

static filter_label test_window(struct filter_compiler *compiler,
				struct filter_window window, struct filter_set set,
				filter_label yes, filter_label no)
{
	struct filter_set other = complement(compiler, &set, max_of(window.bytes));
	bool loadable = is_loadable(window.bytes);
	bool swap =
		!(loadable && is_points(&set)) &&
		((loadable && is_points(&other)) ||
		 (shared_bytes(&set, window.bytes) == 0 &&
		  (shared_bytes(&other, window.bytes) > 0 || other.count < set.count)));
	const struct filter_set *best = swap ? &other : &set;
	filter_label in = swap ? no : yes;
	filter_label out = swap ? yes : no;

	if (compiler->code.failed || set.count == 0)
		return no;
	if (other.count == 0)
		return yes;
	if (loadable && is_points(best))
		return filter_code_step(
			&compiler->code, load_of(window.bytes), window.offset,
			test_points(compiler, best, window.bytes, in, out));
	if (shared_bytes(best, window.bytes) > 0)
		return test_shared(compiler, window, best, in, out);
	if (low_byte_is_free(best))
		return test_trimmed(compiler, window, best, in, out);
	if (window.bytes > 4)
		return test_wide(compiler, window, best, in, out);
	return filter_bpf_load(compiler, window,
			       search_ranges(&compiler->code, best->range, best->count,
					     max_of(window.bytes), in, out));
}

/* Some bits of a field */
static filter_label test_masked(struct filter_compiler *compiler,
				const struct filter_node *node, filter_label yes,
				filter_label no)
{
	struct filter_window window = filter_bpf_window(compiler, node->field);
	uint64_t max = filter_field_max(node->field);
	struct filter_set other = complement(compiler, &node->set, max);
	bool swap = !is_points(&node->set) && is_points(&other);
	const struct filter_set *set = swap ? &other : &node->set;
	filter_label in = swap ? no : yes;
	filter_label out = swap ? yes : no;
	struct filter_code *code = &compiler->code;
	uint32_t mask = swapped(node->mask, window.bytes);
	uint64_t only = set->count == 1 ? set->range[0].lo : UINT64_MAX;

	if (!is_points(set))
		return filter_bpf_load(
			compiler, window,
			filter_code_step(code, BPF_ALU | BPF_AND | BPF_K,
					 (uint32_t)node->mask,
					 search_ranges(code, set->range, set->count, max,
						       in, out)));
	if (only == 0)
		in = filter_code_jump(code, BPF_JSET | BPF_K, mask, out, in);
	else if (only == node->mask && (only & (only - 1)) == 0)
		in = filter_code_jump(code, BPF_JSET | BPF_K, mask, in, out);
	else
		in = filter_code_step(code, BPF_ALU | BPF_AND | BPF_K, mask,
				      test_points(compiler, set, window.bytes, in, out));
	return filter_code_step(code, load_of(window.bytes), window.offset, in);
}

filter_label filter_bpf_test(struct filter_compiler *compiler,
			     const struct filter_node *node, filter_label yes,
			     filter_label no)
{
	const struct filter_field *field = &filter_fields[node->field];

	if (field->layer == LAYER_RECORD)
		return filter_code_step(&compiler->code, BPF_LD | BPF_W | BPF_LEN, 0,
					search_ranges(&compiler->code, node->set.range,
						      node->set.count, UINT32_MAX, yes,
						      no));
	if (node->mask != filter_field_max(node->field))
		return test_masked(compiler, node, yes, no);
	return test_window(compiler, filter_bpf_window(compiler, node->field), node->set,
			   yes, no);
}
