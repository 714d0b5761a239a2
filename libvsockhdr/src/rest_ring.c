/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: who leaves is mostly the oldest, so the places in use are one span
 * of the ring. Where another leaves, its place stays empty until the ring is full: then,
 * if many are, all move up, else the ring grows. It grows at its end, and memory that has
 * not been written to yet is none, so nothing is lost by growing far.
 */

#include "rest_ring.h"

#include <string.h>

#include "flow_rest.h"
#include "pages.h"

#define FIRST_ROOM 16
#define MOST_ROOM  (UINT32_C(1) << 30)

/* A connection of this number does not rest (flow_can_rest) */
#define EMPTY UINT32_MAX

void rest_ring_init(struct rest_ring *ring, bool keeps_rows)
{
	*ring = (struct rest_ring) { .keeps_rows = keeps_rows };
	ring->place_size = sizeof(struct flow_resting);
	if (keeps_rows)
		ring->place_size += sizeof(struct flow_row);
}

void rest_ring_clear(struct rest_ring *ring)
{
	pages_free(ring->memory, ring->room * ring->place_size);
	rest_ring_init(ring, ring->keeps_rows);
}

static void *at(const struct rest_ring *ring, uint32_t place)
{
	return ring->memory + place * ring->place_size;
}

static uint32_t after(uint32_t place, uint32_t room)
{
	return place + 1 == room ? 0 : place + 1;
}

/* The place so many behind the head */
static uint32_t from_head(const struct rest_ring *ring, uint32_t n)
{
	uint32_t to_end = ring->room - ring->head;

	return n < to_end ? ring->head + n : n - to_end;
}

static bool is_empty(const struct rest_ring *ring, uint32_t place)
{
	return ((const struct flow_resting *)at(ring, place))->number == EMPTY;
}

uint32_t rest_ring_add(struct rest_ring *ring)
{
	uint32_t place;

	if (ring->span == ring->room)
		return REST_NONE;
	place = from_head(ring, ring->span++);
	ring->count++;
	return place;
}

void rest_ring_remove(struct rest_ring *ring, uint32_t place)
{
	((struct flow_resting *)at(ring, place))->number = EMPTY;
	ring->count--;
	while (ring->span > 0 && is_empty(ring, ring->head)) {
		ring->head = after(ring->head, ring->room);
		ring->span--;
	}
	while (ring->span > 0 && is_empty(ring, from_head(ring, ring->span - 1)))
		ring->span--;
}

uint32_t rest_ring_first(const struct rest_ring *ring)
{
	return ring->span > 0 ? ring->head : REST_NONE;
}

uint32_t rest_ring_next(const struct rest_ring *ring, uint32_t place)
{
	uint32_t last = ring->span > 0 ? from_head(ring, ring->span - 1) : place;

	while (place != last) {
		place = after(place, ring->room);
		if (!is_empty(ring, place))
			return place;
	}
	return REST_NONE;
}

static bool grow(struct rest_ring *ring)
{
	uint32_t room = ring->room < FIRST_ROOM ? FIRST_ROOM : ring->room / 4 * 5;
	void *memory = NULL;

	if (room <= MOST_ROOM)
		memory = pages_resize(ring->memory, ring->room * ring->place_size,
				      room * ring->place_size);
	if (!memory)
		return false;
	ring->memory = memory;
	ring->room = room;
	return true;
}

bool rest_ring_widen(struct rest_ring *ring,
		     void (*moved)(void *context, uint32_t from, uint32_t to),
		     void *context)
{
	uint32_t room = ring->room;
	uint32_t from = ring->head;
	uint32_t to = ring->head;

	/* Without memory the empty places must do. */
	if (ring->count >= room / 4 * 3 && !grow(ring) && ring->count == room)
		return false;
	if (ring->span == ring->count && ring->head + ring->span <= room)
		return true;
	/* In order, so that nobody's new place is still another's. */
	for (uint32_t n = ring->span; n > 0; n--, from = after(from, room)) {
		if (is_empty(ring, from))
			continue;
		if (to != from) {
			memcpy(at(ring, to), at(ring, from), ring->place_size);
			moved(context, from, to);
		}
		to = after(to, ring->room);
	}
	ring->span = ring->count;
	return true;
}
