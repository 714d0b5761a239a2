/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_PAYLOAD_PDU_H
#define VSOCK_PLUGIN_PAYLOAD_PDU_H

/*
 * What is put together from several packets: a unit of a stream's protocol, or a
 * seqpacket message. Private to payload*.c.
 */

#include <epan/packet.h>
#include <epan/reassemble.h>

#include "frame.h"

/** How many bytes a PDU lacks, where that is no number */
#define PDU_WANTS_SEGMENT UINT32_MAX       /* what the next packet has */
#define PDU_WANTS_END     (UINT32_MAX - 1) /* everything until its sender ends */

/* More than this is not kept in memory twice */
#define PDU_MAX_SIZE (UINT32_C(64) << 20)

/**
 * struct payload_pdu - A PDU that takes several packets; in file scope
 * @id:		Its key in the reassembly table
 * @size:	Bytes that are there
 * @wants:	Bytes that are not, or PDU_WANTS_...
 * @last_frame:	The frame that completed it, or 0
 * @tries:	How often it was offered in that frame, and then wanted more
 * @seq:	Its first byte's offset in its direction
 * @broken:	Bytes of it were not captured, or are too many: it is only counted, so
 *that it is known where the next one begins
 */
struct payload_pdu {
	uint32_t id;
	uint32_t size;
	uint32_t wants;
	uint32_t last_frame;
	uint32_t tries;
	uint64_t seq;
	bool broken;
};

/** enum payload_part_kind - What a frame has of a PDU */
enum payload_part_kind {
	/** Its beginning: what is before it in the frame was dissected with it */
	PART_BEGINS,
	/** The next bytes of one that began earlier */
	PART_CONTINUES,
	/** Its beginning, which was in the tail of the one that the frame completed */
	PART_SPLITS
};

/**
 * struct payload_part - Bytes of a frame that belong to a PDU; in file scope
 * @next:	The next one in the frame, or NULL
 * @pdu:	The PDU
 * @kind:	What they are
 * @offset:	Where in the frame's payload they begin
 * @len:	How many there are
 */
struct payload_part {
	struct payload_part *next;
	struct payload_pdu *pdu;
	enum payload_part_kind kind;
	uint32_t offset;
	uint32_t len;
};

/**
 * struct payload_visit - A frame whose payload is dissected
 * @tvb:	The whole record
 * @pinfo:	The packet
 * @top:	Where dissectors of the payload put their tree
 * @tree:	The protocol's tree
 * @frame:	The frame
 * @len:	Bytes of payload, with those that were not captured
 */
struct payload_visit {
	tvbuff_t *tvb;
	packet_info *pinfo;
	proto_tree *top;
	proto_tree *tree;
	const struct vsock_frame *frame;
	uint32_t len;
};

/** pdu_register() - Fields and memory of PDUs; @proto: the protocol "vsock" */
void pdu_register(int proto);

/**
 * pdu_new() - Begin a PDU with bytes of a frame
 * @visit:	The frame, at its first visit
 * @tvb:	What has them
 * @offset:	Where in it
 * @len:	How many
 * @wants:	Bytes that are lacking, or PDU_WANTS_...
 *
 * Return: the PDU
 */
struct payload_pdu *pdu_new(const struct payload_visit *visit, tvbuff_t *tvb, int offset,
			    uint32_t len, uint32_t wants);

/**
 * pdu_add() - Add bytes of a frame to a PDU
 * @visit:	The frame, at its first visit
 * @pdu:	The PDU
 * @offset:	Where in the frame's payload they begin
 * @len:	How many; may be 0
 * @completes:	These were the last
 *
 * Return: false if it is not complete, or broken
 */
bool pdu_add(const struct payload_visit *visit, struct payload_pdu *pdu, uint32_t offset,
	     uint32_t len, bool completes);

/** pdu_reopen() - A complete PDU wants more, as @wants says */
void pdu_reopen(const struct payload_visit *visit, struct payload_pdu *pdu,
		uint32_t wants);

/** pdu_tvb() - The bytes of a complete PDU, as a source of data of this frame; or NULL */
tvbuff_t *pdu_tvb(const struct payload_visit *visit, const struct payload_pdu *pdu);

/** pdu_show() - Show of which frames a complete PDU was made; @tvb: from pdu_tvb() */
void pdu_show(const struct payload_visit *visit, const struct payload_pdu *pdu,
	      tvbuff_t *tvb);

/** part_add() - Note what this frame has of a PDU */
void part_add(const struct payload_visit *visit, struct payload_pdu *pdu,
	      enum payload_part_kind kind, uint32_t offset, uint32_t len);

/** part_first() - What a frame has of PDUs: the first part, or NULL */
const struct payload_part *part_first(uint32_t frame);

/** part_show() - Show bytes that wait, and where they are complete if that is known */
void part_show(const struct payload_visit *visit, const struct payload_part *part);

#endif
