/* SPDX-License-Identifier: BSD-2-Clause */

#include "pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pages.h"

/* So many of them that what is left at their end by whole chunks is little */
#define HUGE_BLOCK (4 * PAGES_HUGE)

void pool_init(struct pool *pool, size_t item_size)
{
	*pool = (struct pool) { .item_size = item_size };
}

void pool_clear(struct pool *pool)
{
	for (size_t i = 0; i < pool->block_count; i++)
		free(pool->blocks[i]);
	free(pool->blocks);
	free(pool->chunks);
	pool_init(pool, pool->item_size);
}

/* Room for one pointer more: a list grows by itself when its length is a power of two */
static bool lengthen(void ***list, size_t count)
{
	void **longer;

	if ((count & (count - 1)) != 0)
		return true;
	longer = reallocarray(*list, count == 0 ? 1 : count * 2, sizeof(*longer));
	if (longer)
		*list = longer;
	return longer != NULL;
}

/* Memory for some chunks: one where there are few, many in large pages where there are
 * many. Items whose size is that of a line of the cache, or a multiple, lie in lines. */
static void *take_block(const struct pool *pool, size_t *chunks)
{
	size_t chunk = POOL_CHUNK * pool->item_size;
	void *block;

	*chunks = 1;
	if (pool->chunk_count * chunk < HUGE_BLOCK / 4 || chunk > HUGE_BLOCK)
		return aligned_alloc(POOL_LINE, chunk);
	*chunks = HUGE_BLOCK / chunk;
	block = aligned_alloc(PAGES_HUGE, HUGE_BLOCK);
	if (block)
		madvise(block, HUGE_BLOCK, MADV_HUGEPAGE);
	return block;
}

static bool add_block(struct pool *pool)
{
	size_t chunks;
	uint8_t *block;

	if (!lengthen(&pool->blocks, pool->block_count))
		return false;
	block = take_block(pool, &chunks);
	if (!block)
		return false;
	pool->blocks[pool->block_count++] = block;
	for (size_t i = 0; i < chunks; i++) {
		if (!lengthen(&pool->chunks, pool->chunk_count))
			return i > 0;
		pool->chunks[pool->chunk_count++] =
			block + i * POOL_CHUNK * pool->item_size;
	}
	return true;
}

uint32_t pool_take(struct pool *pool)
{
	uint32_t number = pool->free;
	void *item;

	if (number == POOL_NONE) {
		if (pool->used == pool->chunk_count * POOL_CHUNK && !add_block(pool))
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
