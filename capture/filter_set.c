/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sets grow at their end and are put in order once, so that ten thousand values joined
 * by "or" take no longer than as many in braces.
 */

#include "filter_set.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a block, if nothing larger is asked for */
#define BLOCK_SIZE 8192

struct filter_block {
	struct filter_block *next;
	size_t size;
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

void *filter_arena_new(struct filter_arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct filter_block *block = arena->blocks;
	void *memory;

	size = (size + align - 1) / align * align;
	if (!block || block->size - block->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = calloc(1, sizeof(*block) + room);
		if (!block)
			return NULL;
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	memory = block->data + block->used;
	block->used += size;
	return memory;
}

void filter_arena_free(struct filter_arena *arena)
{
	while (arena->blocks) {
		struct filter_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
}

static bool grow(struct filter_arena *arena, struct filter_set *set, size_t count)
{
	size_t room = set->room * 2 > count ? set->room * 2 : count;
	struct filter_range *range;

	if (count <= set->room)
		return true;
	range = filter_arena_new(arena, room * sizeof(*range));
	if (!range)
		return false;
	if (set->count > 0)
		memcpy(range, set->range, set->count * sizeof(*range));
	set->range = range;
	set->room = room;
	return true;
}

bool filter_set_add(struct filter_arena *arena, struct filter_set *set, uint64_t lo,
		    uint64_t hi)
{
	if (!grow(arena, set, set->count + 1))
		return false;
	set->unsorted = set->unsorted || set->count > 0;
	set->range[set->count++] = (struct filter_range) { lo, hi };
	return true;
}

bool filter_set_add_all(struct filter_arena *arena, struct filter_set *set,
			const struct filter_set *other)
{
	if (other->count == 0)
		return true;
	if (!grow(arena, set, set->count + other->count))
		return false;
	memcpy(set->range + set->count, other->range,
	       other->count * sizeof(*other->range));
	set->unsorted = set->unsorted || other->unsorted || set->count > 0;
	set->count += other->count;
	return true;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct filter_range *left = a;
	const struct filter_range *right = b;

	return (left->lo > right->lo) - (left->lo < right->lo);
}

void filter_set_sort(struct filter_set *set)
{
	size_t last = 0;

	if (!set->unsorted || set->count == 0)
		return;
	qsort(set->range, set->count, sizeof(*set->range), compare_ranges);
	for (size_t i = 1; i < set->count; i++) {
		const struct filter_range *range = &set->range[i];

		if (set->range[last].hi == UINT64_MAX ||
		    range->lo <= set->range[last].hi + 1) {
			if (range->hi > set->range[last].hi)
				set->range[last].hi = range->hi;
		} else {
			set->range[++last] = *range;
		}
	}
	set->count = last + 1;
	set->unsorted = false;
}

bool filter_set_has(const struct filter_set *set, uint64_t number)
{
	size_t from = 0;
	size_t to = set->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (number > set->range[middle].hi)
			from = middle + 1;
		else if (number < set->range[middle].lo)
			to = middle;
		else
			return true;
	}
	return false;
}

bool filter_set_complement(struct filter_arena *arena, struct filter_set *to,
			   const struct filter_set *set, uint64_t max)
{
	uint64_t from = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct filter_range *range = &set->range[i];

		if (range->lo > from && !filter_set_add(arena, to, from, range->lo - 1))
			return false;
		if (range->hi >= max) {
			to->unsorted = false;
			return true;
		}
		from = range->hi + 1;
	}
	if (!filter_set_add(arena, to, from, max))
		return false;
	to->unsorted = false;
	return true;
}

bool filter_set_intersect(struct filter_arena *arena, struct filter_set *to,
			  const struct filter_set *a, const struct filter_set *b)
{
	size_t i = 0;
	size_t j = 0;

	while (i < a->count && j < b->count) {
		const struct filter_range *x = &a->range[i];
		const struct filter_range *y = &b->range[j];
		uint64_t lo = x->lo > y->lo ? x->lo : y->lo;
		uint64_t hi = x->hi < y->hi ? x->hi : y->hi;

		if (lo <= hi && !filter_set_add(arena, to, lo, hi))
			return false;
		if (x->hi < y->hi)
			i++;
		else
			j++;
	}
	to->unsorted = false;
	return true;
}
