/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_SET_H
#define VSOCKDUMP_FILTER_SET_H

/*
 * Memory that is freed all at once, and sets of numbers, as ranges.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filter_block;

/**
 * struct filter_arena - Memory that is freed all at once; all zero is an empty one
 * @blocks:	Blocks so far, the last one first
 */
struct filter_arena {
	struct filter_block *blocks;
};

/** filter_arena_new() - Zeroed memory of an arena; NULL where there is none */
void *filter_arena_new(struct filter_arena *arena, size_t size);

/** filter_arena_free() - Free it all */
void filter_arena_free(struct filter_arena *arena);

/** struct filter_range - Numbers from @lo to @hi, both among them */
struct filter_range {
	uint64_t lo;
	uint64_t hi;
};

/**
 * struct filter_set - A set of numbers; all zero is the empty one
 * @range:	Its ranges
 * @count:	How many
 * @room:	How many @range has room for
 * @unsorted:	They may be out of order, or touch
 */
struct filter_set {
	struct filter_range *range;
	size_t count;
	size_t room;
	bool unsorted;
};

/** filter_set_add() - Add numbers; false where there is no memory */
bool filter_set_add(struct filter_arena *arena, struct filter_set *set, uint64_t lo,
		    uint64_t hi);

/** filter_set_add_all() - Add another set's; false where there is no memory */
bool filter_set_add_all(struct filter_arena *arena, struct filter_set *set,
			const struct filter_set *other);

/** filter_set_sort() - Put its ranges in order; to be done before any of what follows */
void filter_set_sort(struct filter_set *set);

/** filter_set_has() - Whether a number is in it */
bool filter_set_has(const struct filter_set *set, uint64_t number);

/**
 * filter_set_complement() - What is not in it
 * @arena:	Memory for the result
 * @to:		Where it goes; empty so far
 * @set:	The set
 * @max:	Largest number that there is
 *
 * Return: false where there is no memory
 */
bool filter_set_complement(struct filter_arena *arena, struct filter_set *to,
			   const struct filter_set *set, uint64_t max);

/** filter_set_intersect() - What is in both; false where there is no memory */
bool filter_set_intersect(struct filter_arena *arena, struct filter_set *to,
			  const struct filter_set *a, const struct filter_set *b);

#endif
