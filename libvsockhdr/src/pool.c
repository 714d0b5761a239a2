/* SPDX-License-Identifier: BSD-2-Clause */

#include "pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void pool_init(struct pool *pool, size_t item_size)
{
	*pool = (struct pool) { .item_size = item_size };
}

void pool_clear(struct pool *pool)
{
	for (size_t i = 0; i < pool->chunk_count; i++)
		free(pool->chunks[i]);
	free(pool->chunks);
	pool_init(pool, pool->item_size);
}

static bool add_chunk(struct pool *pool)
{
	/* The list of chunks grows by itself when its length is a power of two. */
	size_t count = pool->chunk_count;
	void *chunk;

	if ((count & (count - 1)) == 0) {
		size_t room = count == 0 ? 1 : count * 2;
		void **chunks = reallocarray(pool->chunks, room, sizeof(*chunks));

		if (!chunks)
			return false;
		pool->chunks = chunks;
	}
	/* Items whose size is that of a line of the cache, or a multiple, lie in lines.
	 */
	chunk = aligned_alloc(POOL_LINE, POOL_CHUNK * pool->item_size);
	if (!chunk)
		return false;
	pool->chunks[pool->chunk_count++] = chunk;
	return true;
}

uint32_t pool_take(struct pool *pool)
{
	uint32_t number = pool->free;
	void *item;

	if (number == POOL_NONE) {
		if (pool->used == pool->chunk_count * POOL_CHUNK && !add_chunk(pool))
			return POOL_NONE;
		number = ++pool->used;
		item = pool_item(pool, number);
	} else {
		item = pool_item(pool, number);
		memcpy(&pool->free, item, sizeof(pool->free));
	}
	memset(item, 0, pool->item_size);
	return number;
}

void pool_return(struct pool *pool, uint32_t number)
{
	memcpy(pool_item(pool, number), &pool->free, sizeof(pool->free));
	pool->free = number;
}
