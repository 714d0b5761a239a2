/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: millions of frames are kept, so a frame has a small slot, found by
 * its number. Most of what was told follows from the slot, the stream and the record,
 * which is decoded at every visit. Whether it does is tried when it is kept; where it
 * does not (a stall, an answered CREDIT_REQUEST, a pause of more than four seconds, a
 * counter beyond 2^40), it is kept whole beside the slots.
 */

#include "compat.h"

#include "frame_store.h"

#include <epan/wmem_scopes.h>
#include <string.h>

/* So many slots are allocated at a time */
#define CHUNK_BITS  12
#define CHUNK_SLOTS (1U << CHUNK_BITS)
#define CHUNK_MASK  (CHUNK_SLOTS - 1)

/**
 * struct slot - A frame
 * @stream:	Its stream
 * @delta_ns:	Time since the stream's packet before
 * @buf_alloc:	What was told as peer_buf_alloc
 * @sent:	Bytes sent in the direction that the packet concerns, itself included: 32
 *		of 40 bits
 * @fwd_cnt:	What was told as peer_fwd_cnt, likewise
 * @sent_high:	The other 8 bits
 * @fwd_cnt_high:	Likewise
 * @flags:	SLOT_...
 * @close:	What was told
 */
struct slot {
	uint32_t stream;
	uint32_t delta_ns;
	uint32_t buf_alloc;
	uint32_t sent;
	uint32_t fwd_cnt;
	uint8_t sent_high;
	uint8_t fwd_cnt_high;
	uint8_t flags;
	uint8_t close;
};

_Static_assert(sizeof(struct slot) == 24, "a slot is small");

/** The packet has a stream */
#define SLOT_STREAM 0x01
/** The server sent it */
#define SLOT_SERVER 0x02
/** Findings are about it */
#define SLOT_FINDINGS 0x04
/** Its credit is known */
#define SLOT_CREDIT 0x08
/** Its place in the stream is known */
#define SLOT_OFFSET 0x10
/** It ended the stream */
#define SLOT_ENDED 0x20
/** The server closed the stream */
#define SLOT_CLOSED_BY_SERVER 0x40
/** What was told is kept whole */
#define SLOT_WHOLE 0x80

/**
 * struct frame_store - Frames
 * @chunks:	Slots, CHUNK_SLOTS each; NULL where no frame of a chunk is kept
 * @chunk_count:	How many @chunks has room for
 * @whole:	struct vsockhdr_told of frames with SLOT_WHOLE, by number
 */
struct frame_store {
	struct slot **chunks;
	uint32_t chunk_count;
	wmem_map_t *whole;
};

struct frame_store *frame_store_new(void)
{
	struct frame_store *store = wmem_new0(wmem_file_scope(), struct frame_store);

	store->whole = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
	return store;
}

static struct slot *slot_at(const struct frame_store *store, uint32_t number)
{
	uint32_t chunk = number >> CHUNK_BITS;
	struct slot *slots = chunk < store->chunk_count ? store->chunks[chunk] : NULL;

	return slots ? &slots[number & CHUNK_MASK] : NULL;
}

static void make_room(struct frame_store *store, uint32_t chunk)
{
	uint32_t count = MAX(chunk + 1, store->chunk_count * 2);
	struct slot **chunks = wmem_alloc0_array(wmem_file_scope(), struct slot *, count);

	if (store->chunks)
		memcpy(chunks, store->chunks, store->chunk_count * sizeof(struct slot *));
	wmem_free(wmem_file_scope(), store->chunks);
	store->chunks = chunks;
	store->chunk_count = count;
}

static struct slot *need_slot(struct frame_store *store, uint32_t number)
{
	uint32_t chunk = number >> CHUNK_BITS;

	if (chunk >= store->chunk_count)
		make_room(store, chunk);
	if (!store->chunks[chunk])
		store->chunks[chunk] =
			wmem_alloc0_array(wmem_file_scope(), struct slot, CHUNK_SLOTS);
	return slot_at(store, number);
}

static uint64_t join(uint8_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

static struct vsockhdr_told told_nothing(void)
{
	return (struct vsockhdr_told) {
		.flow = VSOCKHDR_NO_FLOW,
		.offset = VSOCKHDR_UNKNOWN_NUMBER,
		.previous_ns = VSOCKHDR_NO_TIME,
		.setup_ns = VSOCKHDR_NO_TIME,
		.stall_ns = VSOCKHDR_NO_TIME,
		.request_ns = VSOCKHDR_NO_TIME,
	};
}

static void unpack_credit(struct vsockhdr_told *told, const struct slot *slot,
			  uint32_t len)
{
	uint64_t sent = join(slot->sent_high, slot->sent);
	uint64_t edge;

	if (slot->flags & SLOT_OFFSET)
		told->offset = sent - len;
	if (!(slot->flags & SLOT_CREDIT))
		return;
	told->credit_known = true;
	told->peer_buf_alloc = slot->buf_alloc;
	told->peer_fwd_cnt = join(slot->fwd_cnt_high, slot->fwd_cnt);
	told->in_flight = sent - told->peer_fwd_cnt;
	edge = told->peer_fwd_cnt + told->peer_buf_alloc;
	told->peer_free = edge > sent ? edge - sent : 0;
}

static struct vsockhdr_told unpack(const struct slot *slot,
				   const struct vsock_frame *frame)
{
	const struct vsock_stream *stream = frame->stream;
	const bool by_server = (slot->flags & SLOT_CLOSED_BY_SERVER) != 0;
	struct vsockhdr_told told = told_nothing();

	if (!stream)
		return told;
	told.flow = slot->stream;
	told.from = slot->flags & SLOT_SERVER ? VSOCKHDR_SERVER : VSOCKHDR_CLIENT;
	told.first_ns = stream->first_ns;
	if (stream->first_frame != frame->number)
		told.previous_ns = frame->time_ns - slot->delta_ns;
	if (stream->answer_frame == frame->number) {
		told.setup_ns = stream->setup_ns;
		told.setup_frame = stream->request_frame;
	}
	told.ended = (slot->flags & SLOT_ENDED) != 0;
	told.close = (enum vsockhdr_close)slot->close;
	told.closed_by = stream->address[by_server ? VSOCKHDR_SERVER : VSOCKHDR_CLIENT];
	unpack_credit(&told, slot, frame->rec.hdr.len);
	return told;
}

static bool is_address(const struct vsockhdr_addr *a, const struct vsockhdr_addr *b)
{
	return a->cid == b->cid && a->port == b->port;
}

static void pack_credit(struct slot *slot, const struct vsockhdr_told *told, uint32_t len)
{
	uint64_t sent = told->offset + len;

	if (told->offset != VSOCKHDR_UNKNOWN_NUMBER)
		slot->flags |= SLOT_OFFSET;
	if (told->credit_known) {
		slot->flags |= SLOT_CREDIT;
		sent = told->peer_fwd_cnt + told->in_flight;
		slot->buf_alloc = told->peer_buf_alloc;
		slot->fwd_cnt = (uint32_t)told->peer_fwd_cnt;
		slot->fwd_cnt_high = (uint8_t)(told->peer_fwd_cnt >> 32);
	}
	slot->sent = (uint32_t)sent;
	slot->sent_high = (uint8_t)(sent >> 32);
}

static void pack(struct slot *slot, const struct vsock_frame *frame)
{
	const struct vsockhdr_told *told = &frame->told;
	const struct vsock_stream *stream = frame->stream;

	*slot = (struct slot) {
		.flags = slot->flags & SLOT_FINDINGS,
		.close = (uint8_t)told->close,
	};
	if (!stream)
		return;
	slot->stream = stream->number;
	slot->flags |= SLOT_STREAM;
	if (told->from == VSOCKHDR_SERVER)
		slot->flags |= SLOT_SERVER;
	if (told->previous_ns != VSOCKHDR_NO_TIME)
		slot->delta_ns = (uint32_t)(frame->time_ns - told->previous_ns);
	if (told->ended)
		slot->flags |= SLOT_ENDED;
	if (!is_address(&told->closed_by, &stream->address[VSOCKHDR_CLIENT]))
		slot->flags |= SLOT_CLOSED_BY_SERVER;
	pack_credit(slot, told, frame->rec.hdr.len);
}

static bool is_same_credit(const struct vsockhdr_told *a, const struct vsockhdr_told *b)
{
	return a->offset == b->offset && a->credit_known == b->credit_known &&
	       (!a->credit_known ||
		(a->peer_free == b->peer_free && a->in_flight == b->in_flight &&
		 a->peer_buf_alloc == b->peer_buf_alloc &&
		 a->peer_fwd_cnt == b->peer_fwd_cnt));
}

static bool is_same(const struct vsockhdr_told *a, const struct vsockhdr_told *b)
{
	return a->flow == b->flow && a->from == b->from && a->first_ns == b->first_ns &&
	       a->previous_ns == b->previous_ns && a->setup_ns == b->setup_ns &&
	       (a->setup_ns == VSOCKHDR_NO_TIME || a->setup_frame == b->setup_frame) &&
	       a->stall_ns == b->stall_ns && a->request_ns == b->request_ns &&
	       a->ended == b->ended && a->close == b->close &&
	       is_address(&a->closed_by, &b->closed_by) && is_same_credit(a, b);
}

void frame_store_put(struct frame_store *store, const struct vsock_frame *frame)
{
	struct slot *slot = need_slot(store, frame->number);
	struct vsockhdr_told unpacked;

	pack(slot, frame);
	unpacked = unpack(slot, frame);
	if (is_same(&unpacked, &frame->told))
		return;
	slot->flags |= SLOT_WHOLE;
	wmem_map_insert(
		store->whole, GUINT_TO_POINTER(frame->number),
		wmem_memdup(wmem_file_scope(), &frame->told, sizeof(frame->told)));
}

void frame_store_mark(struct frame_store *store, uint32_t number)
{
	need_slot(store, number)->flags |= SLOT_FINDINGS;
}

bool frame_store_is_marked(const struct frame_store *store, uint32_t number)
{
	const struct slot *slot = slot_at(store, number);

	return slot && slot->flags & SLOT_FINDINGS;
}

uint64_t frame_store_stream(const struct frame_store *store, uint32_t number)
{
	const struct slot *slot = slot_at(store, number);

	return slot && slot->flags & SLOT_STREAM ? slot->stream : VSOCKHDR_NO_FLOW;
}

void frame_store_get(const struct frame_store *store, struct vsock_frame *frame)
{
	const struct slot *slot = slot_at(store, frame->number);
	const struct vsockhdr_told *whole = NULL;

	if (slot && slot->flags & SLOT_WHOLE)
		whole = wmem_map_lookup(store->whole, GUINT_TO_POINTER(frame->number));
	if (whole)
		frame->told = *whole;
	else
		frame->told = slot ? unpack(slot, frame) : told_nothing();
}
