/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The payload of a frame: shown, handed to whoever follows the stream, and dissected.
 */

#include "compat.h"

#include "payload.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/exceptions.h>
#include <epan/show_exception.h>
#include <vsockhdr/vsockhdr.h>

#include "follow.h"
#include "payload_stream.h"
#include "prefs.h"

static int hf_payload;

void payload_register(int proto)
{
	hf_payload = proto_registrar_get_id_byname("vsock.payload");
	pdu_register(proto);
	choice_register(proto);
	follow_register(proto);
}

void payload_handoff(void)
{
	choice_handoff();
}

/**
 * struct payload_state - What is kept of a stream whose payload somebody dissects; in
 * file scope
 * @choice:	Who does
 * @open:	Of each end the PDU that it has not completed, or NULL; first pass only
 */
struct payload_state {
	struct payload_choice choice;
	struct payload_pdu *open[2];
};

/* Of most streams nobody dissects the payload: they have no state */
static struct payload_state *need_state(struct vsock_stream *stream)
{
	if (!stream->payload)
		stream->payload = wmem_new0(wmem_file_scope(), struct payload_state);
	return stream->payload;
}

struct payload_choice *payload_choice(const struct vsock_frame *frame)
{
	struct payload_state *state = frame->stream->payload;

	return state ? &state->choice : NULL;
}

struct payload_choice *payload_need_choice(const struct vsock_frame *frame)
{
	return &need_state(frame->stream)->choice;
}

struct payload_pdu *payload_open(const struct vsock_frame *frame, enum vsockhdr_end end)
{
	const struct payload_state *state = frame->stream->payload;

	return state ? state->open[end] : NULL;
}

void payload_set_open(const struct vsock_frame *frame, enum vsockhdr_end end,
		      struct payload_pdu *pdu)
{
	if (pdu || frame->stream->payload)
		need_state(frame->stream)->open[end] = pdu;
}

bool payload_ends(const struct vsock_frame *frame)
{
	const struct vsockhdr *hdr = &frame->rec.hdr;

	return hdr->op == VSOCKHDR_OP_RST ||
	       (hdr->op == VSOCKHDR_OP_SHUTDOWN && (hdr->flags & VSOCKHDR_SHUTDOWN_SEND));
}

tvbuff_t *payload_tvb(const struct payload_visit *visit, uint32_t offset)
{
	const struct vsock_frame *frame = visit->frame;

	return tvb_new_subset_length_caplen(
		visit->tvb, frame->payload_offset + (int)offset,
		frame->payload_len - (int)offset, (int)(visit->len - offset));
}

static bool dissect(const struct payload_visit *visit, const struct payload_offer *offer)
{
	const struct vsock_frame *frame = visit->frame;
	/* Dissectors that came for TCP look into this. */
	struct tcpinfo info = {
		.seq = (uint32_t)offer->seq,
		.nxtseq = (uint32_t)offer->seq + tvb_reported_length(offer->tvb),
		.is_reassembled = offer->whole,
		.flags = (uint16_t)(payload_ends(frame) ? TH_ACK | TH_FIN : TH_ACK),
	};
	volatile bool dissected = true;

	/* One that fails ends its own work only: the state of the stream stays right. */
	TRY
	{
		dissected = choice_dissect(offer->tvb, visit->pinfo, visit->top, frame,
					   &info);
	}
	CATCH_NONFATAL_ERRORS
	{
		show_exception(offer->tvb, visit->pinfo, visit->top, EXCEPT_CODE,
			       GET_MESSAGE);
		visit->pinfo->desegment_len = 0;
	}
	ENDTRY;
	return dissected;
}

/**
 * struct columns - What the columns say; NULL where there are none
 * @protocol:	Protocol
 * @info:	Info
 */
struct columns {
	const char *protocol;
	const char *info;
};

static struct columns columns_save(const packet_info *pinfo)
{
	struct columns columns = { .protocol = NULL };

	if (!col_get_writable(pinfo->cinfo, COL_INFO))
		return columns;
	columns.protocol =
		wmem_strdup(pinfo->pool, col_get_text(pinfo->cinfo, COL_PROTOCOL));
	columns.info = wmem_strdup(pinfo->pool, col_get_text(pinfo->cinfo, COL_INFO));
	return columns;
}

static void columns_restore(const packet_info *pinfo, const struct columns *columns)
{
	if (columns->protocol)
		col_add_str(pinfo->cinfo, COL_PROTOCOL, columns->protocol);
	if (columns->info)
		col_add_str(pinfo->cinfo, COL_INFO, columns->info);
}

static struct payload_wish wish_of(const packet_info *pinfo)
{
	struct payload_wish wish = {
		.wants = pinfo->desegment_len,
		.offset = (uint32_t)MAX(pinfo->desegment_offset, 0),
	};

	if (pinfo->desegment_len == DESEGMENT_ONE_MORE_SEGMENT)
		wish.wants = PDU_WANTS_SEGMENT;
	else if (pinfo->desegment_len == DESEGMENT_UNTIL_FIN)
		wish.wants = PDU_WANTS_END;
	return wish;
}

struct payload_wish payload_offer(const struct payload_visit *visit,
				  const struct payload_offer *offer)
{
	packet_info *pinfo = visit->pinfo;
	bool may_want = offer->may_want && vsock_prefs.reassemble_streams;
	struct columns columns = columns_save(pinfo);
	struct payload_wish wish = { .wants = 0 };

	/* Wireshark counts it down: only the next dissector may ask. */
	pinfo->can_desegment = may_want ? 2 : 0;
	pinfo->desegment_offset = 0;
	pinfo->desegment_len = 0;
	if (dissect(visit, offer) && may_want)
		wish = wish_of(pinfo);
	/* It has dissected nothing yet, whatever it wrote. */
	if (wish.wants > 0 && wish.offset == 0)
		columns_restore(pinfo, &columns);
	pinfo->can_desegment = 0;
	pinfo->desegment_len = 0;
	return wish;
}

void payload_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *top, proto_tree *tree,
		     const struct vsock_frame *frame)
{
	const struct payload_visit visit = {
		.tvb = tvb,
		.pinfo = pinfo,
		.top = top,
		.tree = tree,
		.frame = frame,
		.len = frame->rec.hdr.op == VSOCKHDR_OP_RW
			       ? (uint32_t)frame->payload_len + frame->payload_missing
			       : 0,
	};

	if (tree && frame->payload_len > 0)
		proto_tree_add_item(tree, hf_payload, tvb, frame->payload_offset,
				    frame->payload_len, ENC_NA);
	if (!frame->stream)
		return;
	follow_queue(tvb, pinfo, frame);
	if (frame->stream->type == VSOCKHDR_TYPE_SEQPACKET)
		message_dissect(&visit);
	else
		stream_dissect(&visit);
}
