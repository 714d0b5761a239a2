/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Seqpacket: a message may be cut into several packets, of which the last has EOM (virtio
 * specification 1.3, 5.10.6.5.2). It is dissected when it is whole; one of which bytes
 * were not captured is not, unless it is a single packet, whose dissector sees that it
 * was cut. A capture that begins in the midst of a message takes its rest for the whole:
 * nothing tells.
 */

#include "compat.h"

#include <vsockhdr/vsockhdr.h>

#include "payload_stream.h"
#include "prefs.h"

static bool is_end(const struct vsock_frame *frame)
{
	return frame->rec.hdr.op == VSOCKHDR_OP_RW &&
	       (frame->rec.hdr.flags & VSOCKHDR_SEQ_EOM);
}

static void offer_single(const struct payload_visit *visit)
{
	struct payload_offer offer = { .seq = visit->frame->told.offset };

	if (visit->frame->payload_len <= 0 || choice_is_nobody(visit->frame))
		return;
	offer.tvb = payload_tvb(visit, 0);
	payload_offer(visit, &offer);
}

static void offer_message(const struct payload_visit *visit,
			  const struct payload_pdu *pdu)
{
	const struct payload_offer offer = {
		.tvb = pdu_tvb(visit, pdu),
		.seq = pdu->seq,
		.whole = true,
	};

	if (!offer.tvb)
		return;
	payload_offer(visit, &offer);
	pdu_show(visit, pdu, offer.tvb);
}

static void begin(const struct payload_visit *visit)
{
	const struct vsock_frame *frame = visit->frame;
	struct payload_pdu *pdu = pdu_new(visit, visit->tvb, frame->payload_offset,
					  (uint32_t)frame->payload_len, PDU_WANTS_END);

	pdu->seq = frame->told.offset;
	pdu->broken = frame->payload_missing > 0 || !vsock_prefs.reassemble_messages;
	payload_set_open(frame, frame->from, pdu);
	part_add(visit, pdu, PART_BEGINS, 0, visit->len);
}

static void first_visit(const struct payload_visit *visit)
{
	const struct vsock_frame *frame = visit->frame;
	struct payload_pdu *pdu = payload_open(frame, frame->from);

	if (!pdu && is_end(frame)) {
		offer_single(visit);
		return;
	}
	if (!pdu) {
		begin(visit);
	} else {
		part_add(visit, pdu, PART_CONTINUES, 0, visit->len);
		if (is_end(frame))
			payload_set_open(frame, frame->from, NULL);
		if (pdu_add(visit, pdu, 0, visit->len, is_end(frame)))
			offer_message(visit, pdu);
	}
	if (!pdu || pdu->last_frame != frame->number)
		part_show(visit, part_first(frame->number));
}

static void later_visit(const struct payload_visit *visit)
{
	const struct payload_part *part = part_first(visit->frame->number);

	if (!part)
		offer_single(visit);
	else if (part->pdu->last_frame == visit->frame->number)
		offer_message(visit, part->pdu);
	else
		part_show(visit, part);
}

void message_dissect(const struct payload_visit *visit)
{
	if (visit->frame->rec.hdr.op != VSOCKHDR_OP_RW)
		return;
	if (visit->frame->first_visit)
		first_visit(visit);
	else
		later_visit(visit);
}
