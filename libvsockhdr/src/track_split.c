/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * RW packets with more payload than their len says.
 *
 * Theory of operation: vhost cuts a packet that does not fit into the guest's buffer and
 * sends the rest next (drivers/vhost/vsock.c, vhost_transport_do_send_pkt()). Each piece
 * has the right len, but vsockmon is given all that is left of the packet
 * (virtio_transport_build_skb() copies skb->len bytes). So a record whose payload is
 * longer than its len is in order if its sender's next packet is the rest; anything else
 * shows that len was wrong. As long as nothing follows, nobody knows.
 */

#include "track.h"

static void report_mismatch(struct packet_context *at, const struct flow_split *split)
{
	struct vsockhdr_finding finding;

	/* The rest may be what the capture lost. */
	if (at->flow->lost != at->tracker->lost || !is_credible(at->flow))
		return;
	finding = finding_of(VSOCKHDR_HDR_LEN_MISMATCH, at->flow, split->mark, at->from,
			     (int)at->from);
	add_figure(&finding, "len", split->len);
	add_figure(&finding, "payload", split->payload);
	report(at->tracker, at->flow, &finding);
}

void check_split(struct packet_context *at)
{
	uint64_t payload = at->seen->rec->payload_wirelen;
	bool is_rw = at->hdr->op == VSOCKHDR_OP_RW && at->seen->err == VSOCKHDR_OK;
	struct flow_extra *extra;
	struct flow_split *split;

	if (!at->flow->extra && (!is_rw || payload <= at->hdr->len))
		return;
	extra = flow_extra(&at->tracker->table, at->flow);
	if (extra && extra->split[at->from].payload > 0) {
		split = &extra->split[at->from];
		if (!is_rw || payload != split->payload - split->len)
			report_mismatch(at, split);
		split->payload = 0;
	}
	if (!is_rw || payload <= at->hdr->len)
		return;
	extra = flow_need_extra(&at->tracker->table, at->flow);
	if (!extra)
		return;
	extra->split[at->from] = (struct flow_split) {
		.mark = here(at),
		.payload = payload,
		.len = at->hdr->len,
	};
}
