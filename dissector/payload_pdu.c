/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * PDUs of several packets.
 *
 * Theory of operation: bytes are put together by Wireshark's reassembly, under a key that
 * is the PDU's own. Beside it stands, for each frame that has a part in a PDU, a list of
 * what those parts are. It is written at the frame's first visit, and later visits read
 * it: so they can come in any order.
 */

#include "compat.h"

#include "payload_pdu.h"

#include <epan/tvbuff.h>

/**
 * struct pdus - Of the capture that is open
 * @count:	PDUs so far, of which each key is made
 * @parts:	First part of each frame that has any
 */
struct pdus {
	uint32_t count;
	wmem_map_t *parts;
};

static struct pdus pdus;
static reassembly_table table;

static int hf_segment_data = -1;
static int hf_segments = -1;
static int hf_segment = -1;
static int hf_segment_overlap = -1;
static int hf_segment_conflict = -1;
static int hf_segment_tails = -1;
static int hf_segment_too_long = -1;
static int hf_segment_error = -1;
static int hf_segment_count = -1;
static int hf_reassembled_in = -1;
static int hf_reassembled_length = -1;
static int hf_reassembled_data = -1;
static gint ett_segments = -1;
static gint ett_segment = -1;

static const fragment_items segment_items = {
	.ett_fragment = &ett_segment,
	.ett_fragments = &ett_segments,
	.hf_fragments = &hf_segments,
	.hf_fragment = &hf_segment,
	.hf_fragment_overlap = &hf_segment_overlap,
	.hf_fragment_overlap_conflict = &hf_segment_conflict,
	.hf_fragment_multiple_tails = &hf_segment_tails,
	.hf_fragment_too_long_fragment = &hf_segment_too_long,
	.hf_fragment_error = &hf_segment_error,
	.hf_fragment_count = &hf_segment_count,
	.hf_reassembled_in = &hf_reassembled_in,
	.hf_reassembled_length = &hf_reassembled_length,
	.hf_reassembled_data = &hf_reassembled_data,
	.tag = "vsock segments",
};

static gpointer key_of(const packet_info *pinfo, const guint32 id, const void *data)
{
	(void)pinfo;
	(void)data;
	return GUINT_TO_POINTER(id);
}

/* A key is a number, and not memory. */
static void free_key(gpointer key)
{
	(void)key;
}

static const reassembly_table_functions key_functions = {
	.hash_func = g_direct_hash,
	.equal_func = g_direct_equal,
	.temporary_key_func = key_of,
	.persistent_key_func = key_of,
	.free_temporary_key_func = free_key,
	.free_persistent_key_func = free_key,
};

static void open_capture(void)
{
	pdus.count = 0;
	pdus.parts = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

struct payload_pdu *pdu_new(const struct payload_visit *visit, tvbuff_t *tvb, int offset,
			    uint32_t len, uint32_t wants)
{
	struct payload_pdu *pdu = wmem_new0(wmem_file_scope(), struct payload_pdu);

	pdu->id = ++pdus.count;
	pdu->wants = wants;
	pdu->size = len;
	pdu->broken = wants < PDU_WANTS_END && wants > PDU_MAX_SIZE;
	if (!pdu->broken)
		fragment_add(&table, tvb, offset, visit->pinfo, pdu->id, NULL, 0, len,
			     TRUE);
	return pdu;
}

bool pdu_add(const struct payload_visit *visit, struct payload_pdu *pdu, uint32_t offset,
	     uint32_t len, bool completes)
{
	const struct vsock_frame *frame = visit->frame;
	fragment_head *head;

	if (offset + len > (uint32_t)frame->payload_len || len > PDU_MAX_SIZE - pdu->size)
		pdu->broken = true;
	if (pdu->broken)
		return false;
	/* Of a frame without payload no byte is touched. */
	head = fragment_add(&table, visit->tvb,
			    len > 0 ? frame->payload_offset + (int)offset : 0,
			    visit->pinfo, pdu->id, NULL, pdu->size, len, !completes);
	pdu->size += len;
	if (!completes || !head)
		return false;
	pdu->last_frame = frame->number;
	return true;
}

void pdu_reopen(const struct payload_visit *visit, struct payload_pdu *pdu,
		uint32_t wants)
{
	fragment_set_partial_reassembly(&table, visit->pinfo, pdu->id, NULL);
	pdu->wants = wants;
	pdu->last_frame = 0;
	pdu->tries++;
	if (wants < PDU_WANTS_END && wants > PDU_MAX_SIZE)
		pdu->broken = true;
}

tvbuff_t *pdu_tvb(const struct payload_visit *visit, const struct payload_pdu *pdu)
{
	fragment_head *head = fragment_get(&table, visit->pinfo, pdu->id, NULL);
	tvbuff_t *tvb;

	if (!head || !head->tvb_data)
		return NULL;
	tvb = tvb_new_chain(visit->tvb, head->tvb_data);
	add_new_data_source(visit->pinfo, tvb, "Reassembled vsock");
	return tvb;
}

void pdu_show(const struct payload_visit *visit, const struct payload_pdu *pdu,
	      tvbuff_t *tvb)
{
	fragment_head *head = fragment_get(&table, visit->pinfo, pdu->id, NULL);
	proto_item *item;

	if (head)
		show_fragment_tree(head, &segment_items, visit->tree, visit->pinfo, tvb,
				   &item);
}

void part_add(const struct payload_visit *visit, struct payload_pdu *pdu,
	      enum payload_part_kind kind, uint32_t offset, uint32_t len)
{
	gpointer key = GUINT_TO_POINTER(visit->frame->number);
	struct payload_part *part = wmem_new0(wmem_file_scope(), struct payload_part);
	struct payload_part *at = wmem_map_lookup(pdus.parts, key);

	part->pdu = pdu;
	part->kind = kind;
	part->offset = offset;
	part->len = len;
	if (!at) {
		wmem_map_insert(pdus.parts, key, part);
		return;
	}
	while (at->next)
		at = at->next;
	at->next = part;
}

const struct payload_part *part_first(uint32_t frame)
{
	return wmem_map_lookup(pdus.parts, GUINT_TO_POINTER(frame));
}

void part_show(const struct payload_visit *visit, const struct payload_part *part)
{
	uint32_t captured = (uint32_t)visit->frame->payload_len;
	proto_item *item;

	if (part->kind != PART_SPLITS && part->len > 0 && part->offset < captured)
		proto_tree_add_item(visit->tree, hf_segment_data, visit->tvb,
				    visit->frame->payload_offset + (int)part->offset,
				    (int)MIN(part->len, captured - part->offset), ENC_NA);
	if (part->pdu->last_frame == 0)
		return;
	item = proto_tree_add_uint(visit->tree, hf_reassembled_in, visit->tvb, 0, 0,
				   part->pdu->last_frame);
	proto_item_set_generated(item);
}

/* What Wireshark says of a fragment that does not fit; of ours, which have one sender
 * and come in order, none should be.
 */
#define FAULT(variable, name, filter)                                               \
	{                                                                           \
		&(variable),                                                        \
		{                                                                   \
			name, filter, FT_BOOLEAN, BASE_NONE, NULL, 0x0, NULL, HFILL \
		}                                                                   \
	}

static void register_fields(int proto)
{
	static hf_register_info fields[] = {
		{ &hf_segment_data,
		  { "Segment data", "vsock.segment_data", FT_BYTES, BASE_NONE, NULL, 0x0,
		    "Payload that is dissected together with that of other packets",
		    HFILL } },
		{ &hf_segments,
		  { "Reassembled segments", "vsock.segments", FT_NONE, BASE_NONE, NULL,
		    0x0, "The packets of which this was put together", HFILL } },
		{ &hf_segment,
		  { "Segment", "vsock.segment", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
		    "A packet with a part of it", HFILL } },
		FAULT(hf_segment_overlap, "Segment overlap", "vsock.segment.overlap"),
		FAULT(hf_segment_conflict, "Conflicting data in segment overlap",
		      "vsock.segment.overlap.conflict"),
		FAULT(hf_segment_tails, "Multiple tail segments found",
		      "vsock.segment.multipletails"),
		FAULT(hf_segment_too_long, "Segment too long",
		      "vsock.segment.toolongfragment"),
		{ &hf_segment_error,
		  { "Reassembling error", "vsock.segment.error", FT_FRAMENUM, BASE_NONE,
		    NULL, 0x0, "Reassembling error due to illegal segments", HFILL } },
		{ &hf_segment_count,
		  { "Segment count", "vsock.segment.count", FT_UINT32, BASE_DEC, NULL,
		    0x0, "How many packets have a part of it", HFILL } },
		{ &hf_reassembled_in,
		  { "Reassembled in", "vsock.reassembled.in", FT_FRAMENUM, BASE_NONE,
		    NULL, 0x0, "The packet where this is complete, and dissected",
		    HFILL } },
		{ &hf_reassembled_length,
		  { "Reassembled length", "vsock.reassembled.length", FT_UINT32, BASE_DEC,
		    NULL, 0x0, "Bytes of it", HFILL } },
		{ &hf_reassembled_data,
		  { "Reassembled data", "vsock.reassembled.data", FT_BYTES, BASE_NONE,
		    NULL, 0x0, "The bytes of it", HFILL } },
	};
	static gint *trees[] = { &ett_segments, &ett_segment };

	proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
	proto_register_subtree_array(trees, G_N_ELEMENTS(trees));
}

void pdu_register(int proto)
{
	register_fields(proto);
	reassembly_table_register(&table, &key_functions);
	register_init_routine(open_capture);
}
