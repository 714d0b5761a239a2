/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A stream has no boundaries, so the dissector of its payload has to say where they are:
 * it is given what a packet has, and if that ends within a PDU it says from where on it
 * wants to see it again, and how much more it wants: a number of bytes, whatever comes
 * next, or everything until the sender ends (SHUTDOWN with SEND, or RST). This is what
 * Wireshark's TCP offers, and the same dissectors can be used.
 *
 * Theory of operation: vsock loses nothing and keeps order, so a direction is followed by
 * counting. At a frame's first visit its bytes go to the PDU that is open, and what is
 * left after its end is offered anew. Which bytes went where is noted (payload_pdu.h);
 * later visits follow the notes and ask nobody.
 *
 * Bytes that were not captured break a PDU: it is counted to its end, but not dissected.
 * Where the receiver says it has consumed bytes that were never seen, the capture has
 * lost packets (or the receiver is wrong, see credit.fwd_cnt_ahead): what was open is
 * given up, for nothing may be glued across a gap.
 */

#include "compat.h"

#include "payload_stream.h"

#include <vsockhdr/vsockhdr.h>

#include "prefs.h"

/* After so many tries in one frame a PDU takes all that the frame has: a dissector that
 * wants byte after byte would cost too much.
 */
#define MAX_TRIES 2

static void begin(const struct payload_visit *visit, tvbuff_t *tvb, int offset,
		  uint32_t len, uint32_t wants, uint64_t seq)
{
	const struct vsock_frame *frame = visit->frame;
	struct payload_pdu *pdu = pdu_new(visit, tvb, offset, len, wants);

	pdu->seq = seq;
	payload_set_open(frame, frame->from, pdu);
}

static struct payload_wish offer_plain(const struct payload_visit *visit, uint32_t offset)
{
	const struct vsock_frame *frame = visit->frame;
	const struct payload_offer offer = {
		.tvb = payload_tvb(visit, offset),
		.seq = frame->told.offset + offset,
		.may_want = frame->payload_missing == 0,
	};

	return payload_offer(visit, &offer);
}

static struct payload_wish offer_whole(const struct payload_visit *visit,
				       const struct payload_pdu *pdu, tvbuff_t *tvb)
{
	const struct payload_offer offer = {
		.tvb = tvb,
		.seq = pdu->seq,
		.whole = true,
		.may_want = !payload_ends(visit->frame),
	};

	return payload_offer(visit, &offer);
}

/* Bytes that follow no open PDU, at the first visit */
static void take_plain(const struct payload_visit *visit, uint32_t offset)
{
	const struct vsock_frame *frame = visit->frame;
	struct payload_wish wish = offer_plain(visit, offset);
	uint32_t start = offset + wish.offset;

	if (wish.wants == 0 || start >= visit->len)
		return;
	begin(visit, visit->tvb, frame->payload_offset + (int)start, visit->len - start,
	      wish.wants, frame->told.offset + start);
	part_add(visit, payload_open(frame, frame->from), PART_BEGINS, start,
		 visit->len - start);
}

/* A PDU is complete: dissect it, and see whether its dissector agrees. */
static void complete(const struct payload_visit *visit, struct payload_pdu *pdu)
{
	const struct vsock_frame *frame = visit->frame;
	tvbuff_t *tvb = pdu_tvb(visit, pdu);
	struct payload_wish wish;

	if (!tvb)
		return;
	wish = offer_whole(visit, pdu, tvb);
	if (wish.wants > 0 && wish.offset == 0) {
		pdu_reopen(visit, pdu, wish.wants);
		payload_set_open(frame, frame->from, pdu);
		return;
	}
	pdu_show(visit, pdu, tvb);
	if (wish.wants == 0 || wish.offset >= pdu->size)
		return;
	begin(visit, tvb, (int)wish.offset, pdu->size - wish.offset, wish.wants,
	      pdu->seq + wish.offset);
	part_add(visit, payload_open(frame, frame->from), PART_SPLITS, 0, 0);
}

static uint32_t share(const struct payload_pdu *pdu, uint32_t available)
{
	if (pdu->wants >= PDU_WANTS_END || pdu->tries >= MAX_TRIES)
		return available;
	return MIN(available, pdu->wants);
}

static bool is_satisfied(const struct payload_pdu *pdu, uint32_t taken)
{
	return pdu->wants == PDU_WANTS_SEGMENT ||
	       (pdu->wants < PDU_WANTS_END && taken >= pdu->wants);
}

/* Bytes for the PDU that is open, at the first visit. Return: how many it took */
static uint32_t take_for_open(const struct payload_visit *visit, uint32_t offset)
{
	const struct vsock_frame *frame = visit->frame;
	struct payload_pdu *pdu = payload_open(frame, frame->from);
	uint32_t taken = share(pdu, visit->len - offset);
	bool satisfied = is_satisfied(pdu, taken);

	part_add(visit, pdu, PART_CONTINUES, offset, taken);
	if (satisfied)
		payload_set_open(frame, frame->from, NULL);
	else if (pdu->wants < PDU_WANTS_END)
		pdu->wants -= taken;
	if (pdu_add(visit, pdu, offset, taken, satisfied))
		complete(visit, pdu);
	return taken;
}

static void end_direction(const struct payload_visit *visit)
{
	const struct vsock_frame *frame = visit->frame;
	struct payload_pdu *pdu = payload_open(frame, frame->from);

	payload_set_open(frame, frame->from, NULL);
	if (!pdu || pdu->wants != PDU_WANTS_END)
		return;
	part_add(visit, pdu, PART_CONTINUES, visit->len, 0);
	if (pdu_add(visit, pdu, visit->len, 0, true))
		complete(visit, pdu);
}

static void give_up_lost(const struct vsock_frame *frame)
{
	for (const struct vsock_finding *at = frame->findings; at; at = at->next) {
		if (at->finding.id == VSOCKHDR_CREDIT_FWD_CNT_AHEAD)
			payload_set_open(frame, (enum vsockhdr_end) !frame->from, NULL);
	}
}

static void show_waiting(const struct payload_visit *visit)
{
	const struct payload_part *part = part_first(visit->frame->number);

	for (; part; part = part->next) {
		if (part->pdu->last_frame != visit->frame->number)
			part_show(visit, part);
	}
}

static void first_visit(const struct payload_visit *visit)
{
	const struct vsock_frame *frame = visit->frame;
	struct payload_pdu *open;
	uint32_t offset = 0;

	give_up_lost(frame);
	open = payload_open(frame, frame->from);
	if (open)
		open->tries = 0;
	while (offset < visit->len && payload_open(frame, frame->from))
		offset += take_for_open(visit, offset);
	if (offset < (uint32_t)frame->payload_len)
		take_plain(visit, offset);
	if (payload_ends(frame))
		end_direction(visit);
	show_waiting(visit);
}

static bool is_last_of_pdu(const struct payload_part *part)
{
	for (const struct payload_part *at = part->next; at; at = at->next) {
		if (at->pdu == part->pdu)
			return false;
	}
	return true;
}

static void offer_again(const struct payload_visit *visit,
			const struct payload_part *part)
{
	tvbuff_t *tvb;

	if (part->pdu->last_frame != visit->frame->number || !is_last_of_pdu(part))
		return;
	tvb = pdu_tvb(visit, part->pdu);
	if (!tvb)
		return;
	offer_whole(visit, part->pdu, tvb);
	pdu_show(visit, part->pdu, tvb);
}

static void later_visit(const struct payload_visit *visit)
{
	const struct vsock_frame *frame = visit->frame;
	const struct payload_part *part = part_first(frame->number);
	uint32_t offset = 0;

	for (; part; part = part->next) {
		if (part->kind == PART_CONTINUES) {
			offer_again(visit, part);
			offset += part->len;
		} else if (part->kind == PART_BEGINS) {
			offer_plain(visit, offset);
			offset = visit->len;
		}
	}
	if (offset < (uint32_t)frame->payload_len)
		offer_plain(visit, offset);
	show_waiting(visit);
}

/* What most packets are: of a stream of which no payload was ever dissected */
static bool is_plain(const struct vsock_frame *frame)
{
	return !frame->stream->payload &&
	       (frame->payload_len == 0 || choice_is_nobody(frame));
}

void stream_dissect(const struct payload_visit *visit)
{
	if (is_plain(visit->frame))
		return;
	if (visit->frame->first_visit)
		first_visit(visit);
	else
		later_visit(visit);
}
