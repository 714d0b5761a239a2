/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Messages of seqpacket connections (virtio 1.3, 5.10.6.6): one or more RW packets, the
 * last with EOM; EOR, the end of a record, only comes with it.
 */

#include "track.h"

static void check_size(struct packet_context *at, struct flow_end *sender)
{
	uint32_t buffer = at->flow->end[at->to].max_buf_alloc;
	struct vsockhdr_finding finding;

	if (sender->message_reported || !credit_is_known(at->flow, at->from) ||
	    sender->message <= buffer)
		return;
	sender->message_reported = true;
	finding = finding_here(at, VSOCKHDR_SEQ_MESSAGE_TOO_BIG);
	add_figure(&finding, "message", sender->message);
	add_figure(&finding, "buf_alloc", buffer);
	report(at->tracker, at->flow, &finding);
}

void on_message(struct packet_context *at)
{
	struct flow_end *sender = &at->flow->end[at->from];
	uint32_t len = at->hdr->len;

	if (!is_credible(at->flow))
		return;
	if ((at->hdr->flags & VSOCKHDR_SEQ_EOR) && !(at->hdr->flags & VSOCKHDR_SEQ_EOM))
		report_here(at, VSOCKHDR_SEQ_EOR_WITHOUT_EOM);
	sender->message =
		len > UINT32_MAX - sender->message ? UINT32_MAX : sender->message + len;
	check_size(at, sender);
	sender->in_message = !(at->hdr->flags & VSOCKHDR_SEQ_EOM);
	if (!sender->in_message) {
		sender->message = 0;
		sender->message_reported = false;
	}
}

void end_message(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	for (unsigned int i = 0; i < 2; i++) {
		const struct flow_end *sender = &flow->end[i];
		const struct mark rw = { sender->rw_ns, sender->rw_frame };
		struct vsockhdr_finding finding;

		if (!sender->in_message || !is_credible(flow))
			continue;
		finding = finding_of(VSOCKHDR_SEQ_EOM_MISSING, flow, rw,
				     (enum vsockhdr_end)i, (int)i);
		add_figure(&finding, "bytes", sender->message);
		report(tracker, flow, &finding);
	}
}
