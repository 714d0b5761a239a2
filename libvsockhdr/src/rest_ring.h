/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_REST_RING_H
#define VSOCKHDR_REST_RING_H

/*
 * Connections that are over, in the order in which they went to rest: a ring of places,
 * numbered from 0. Private to the library.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** No place */
#define REST_NONE UINT32_MAX

/**
 * struct rest_ring - The ring
 * @memory:	Of each place a struct flow_resting and, if @keeps_rows, a struct flow_row
 * @place_size:	Bytes of both
 * @keeps_rows:	As said
 * @room:	Places
 * @head:	Place of the oldest
 * @span:	Places from there to the newest; some between them may be empty
 * @count:	Connections
 */
struct rest_ring {
	uint8_t *memory;
	size_t place_size;
	bool keeps_rows;
	uint32_t room;
	uint32_t head;
	uint32_t span;
	uint32_t count;
};

/** rest_ring_init() - Make an empty ring */
void rest_ring_init(struct rest_ring *ring, bool keeps_rows);

/** rest_ring_clear() - Free all memory; every place is empty */
void rest_ring_clear(struct rest_ring *ring);

/** rest_ring_add() - A place for the newest; REST_NONE where the ring is full */
uint32_t rest_ring_add(struct rest_ring *ring);

/** rest_ring_remove() - Leave a place */
void rest_ring_remove(struct rest_ring *ring, uint32_t place);

/** rest_ring_first() - Place of the oldest, or REST_NONE */
uint32_t rest_ring_first(const struct rest_ring *ring);

/** rest_ring_next() - Place of the next newer, or REST_NONE */
uint32_t rest_ring_next(const struct rest_ring *ring, uint32_t place);

/**
 * rest_ring_widen() - Make a full ring one that is not
 * @ring:	The ring
 * @moved:	Called for each connection that gets another place: it is there already
 * @context:	Given to it
 *
 * Return: false where there is no memory
 */
bool rest_ring_widen(struct rest_ring *ring,
		     void (*moved)(void *context, uint32_t from, uint32_t to),
		     void *context);

#endif
