/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_POOL_H
#define VSOCKHDR_POOL_H

/*
 * Many items of one size, handed out by number. Memory is taken in chunks and kept:
 * an item never moves, and taking or returning one is no allocation. Private to the
 * library.
 */

#include <stddef.h>
#include <stdint.h>

/** No item: items are numbered from 1 */
#define POOL_NONE 0

/**
 * struct pool - The items
 * @item_size:	Bytes of one, at least 4; the first 4 chain the free ones
 * @blocks:	Memory, as it was allocated: one chunk or several
 * @block_count:	How many
 * @chunks:	Where POOL_CHUNK items each are
 * @chunk_count:	How many
 * @used:	Items handed out at some time
 * @free:	First of the returned ones
 */
struct pool {
	size_t item_size;
	void **blocks;
	size_t block_count;
	void **chunks;
	size_t chunk_count;
	uint32_t used;
	uint32_t free;
};

/** pool_init() - Make an empty pool */
void pool_init(struct pool *pool, size_t item_size);

/** pool_clear() - Free all memory; every item is gone */
void pool_clear(struct pool *pool);

/**
 * pool_take() - Take an item, its bytes all zero
 *
 * Return: its number, POOL_NONE where there is no memory
 */
uint32_t pool_take(struct pool *pool);

/** pool_return() - Return an item */
void pool_return(struct pool *pool, uint32_t number);

/** Items of a chunk, a power of two */
#define POOL_CHUNK 1024

/** Bytes of a line of the cache */
#define POOL_LINE 64

/** pool_item() - Where an item is; NULL for POOL_NONE */
static inline void *pool_item(const struct pool *pool, uint32_t number)
{
	if (number == POOL_NONE)
		return NULL;
	number--;
	return (uint8_t *)pool->chunks[number / POOL_CHUNK] +
	       number % POOL_CHUNK * pool->item_size;
}

#endif
