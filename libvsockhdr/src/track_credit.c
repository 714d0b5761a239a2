/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Buffer space (virtio 1.3, 5.10.6.3): every packet but an RST says how large its
 * sender's buffer is (buf_alloc) and how much of it has been consumed (fwd_cnt); its
 * peer may have sent no more than their sum.
 *
 * Theory of operation: counters are kept with 64 bits; a counter on the wire moves the
 * kept one by its difference modulo 2^32. A buffer may be made smaller while data is on
 * its way, so the sum moves back; what was sent under the larger promise is judged by
 * the furthest sum ever said, as TCP does with a window that was shrunk.
 */

#include "track.h"

#define HALF_OF_32_BITS UINT32_C(0x80000000)

uint64_t in_flight(const struct flow *flow, enum vsockhdr_end sender)
{
	return flow->end[sender].tx - flow->end[other_end(sender)].fwd;
}

/* Bytes that an end may still send where its receiver takes so many beyond what it has
 * consumed; 0 also where it has sent more */
static uint64_t room_within(const struct flow *flow, enum vsockhdr_end sender,
			    uint32_t beyond)
{
	uint64_t edge = flow->end[other_end(sender)].fwd + beyond;

	return edge > flow->end[sender].tx ? edge - flow->end[sender].tx : 0;
}

/* By what the receiver last said */
static uint64_t free_of(const struct flow *flow, enum vsockhdr_end sender)
{
	return room_within(flow, sender, flow->end[other_end(sender)].buf_alloc);
}

/* By the furthest promise that it ever made */
static uint64_t allowed_to(const struct flow *flow, enum vsockhdr_end sender)
{
	return room_within(flow, sender, flow->end[other_end(sender)].promise);
}

static void report_regress(struct packet_context *at, const struct flow_end *end)
{
	struct vsockhdr_finding finding;

	if (!is_credible(at->flow))
		return;
	finding = finding_here(at, VSOCKHDR_CREDIT_FWD_CNT_REGRESS);
	/* Without the REQUEST, two connections may share the pair of addresses. */
	if (!at->flow->begun)
		finding.severity = VSOCKHDR_NOTE;
	add_figure(&finding, "previous", (uint32_t)end->fwd);
	add_figure(&finding, "fwd_cnt", at->hdr->fwd_cnt);
	report(at->tracker, at->flow, &finding);
}

static void report_ahead(struct packet_context *at, struct flow_end *end, uint64_t sent)
{
	struct vsockhdr_finding finding;

	/* Once for as long as it lasts: one cause is one finding. */
	if (!is_credible(at->flow) || end->ahead_reported)
		return;
	end->ahead_reported = true;
	finding = finding_here(at, VSOCKHDR_CREDIT_FWD_CNT_AHEAD);
	add_figure(&finding, "fwd_cnt", end->fwd);
	add_figure(&finding, "sent", sent);
	report(at->tracker, at->flow, &finding);
}

static void take_fwd_cnt(struct packet_context *at, struct flow_end *end)
{
	uint64_t sent = at->flow->end[at->to].tx;
	uint32_t moved;

	/* A connection begins with nothing consumed; what an older one had is unknown. */
	if (!end->said_credit && !at->flow->begun)
		end->fwd = at->hdr->fwd_cnt;
	moved = at->hdr->fwd_cnt - (uint32_t)end->fwd;
	if (moved >= HALF_OF_32_BITS) {
		report_regress(at, end);
		return;
	}
	end->fwd += moved;
	if (at->flow->begun && end->fwd > sent) {
		report_ahead(at, end, sent);
		end->fwd = sent;
	} else {
		end->ahead_reported = false;
	}
}

static void take_buf_alloc(struct packet_context *at, struct flow_end *end,
			   uint64_t old_edge, uint64_t old_furthest)
{
	uint64_t edge = end->fwd + at->hdr->buf_alloc;

	if (end->said_credit && edge < old_edge && is_credible(at->flow)) {
		struct vsockhdr_finding finding =
			finding_here(at, VSOCKHDR_CREDIT_SHRUNK);

		add_figure(&finding, "from", old_edge);
		add_figure(&finding, "to", edge);
		report(at->tracker, at->flow, &finding);
	}
	if (edge < old_furthest && end->said_credit)
		edge = old_furthest;
	end->promise = (uint32_t)(edge - end->fwd);
	end->buf_alloc = at->hdr->buf_alloc;
	if (end->buf_alloc > end->max_buf_alloc)
		end->max_buf_alloc = end->buf_alloc;
	end->said_credit = true;
}

static void check_zero_window(struct packet_context *at, struct flow_end *end)
{
	if (at->hdr->buf_alloc > 0 || end->zero_reported ||
	    at->flow->state != FLOW_OPEN || (end->shut & VSOCKHDR_SHUTDOWN_RECEIVE) ||
	    !is_credible(at->flow))
		return;
	end->zero_reported = true;
	report_here(at, VSOCKHDR_CREDIT_ZERO_WINDOW);
}

/* An end that was out of credit waits no longer; how long it did */
static int64_t end_wait(struct flow_end *stalled, int64_t ns)
{
	int64_t lasted = elapsed(stalled->rw_ns, ns);

	stalled->stalled = false;
	add_time(&stalled->stall_ns, lasted);
	return lasted;
}

/* The sender's peer was without credit, and is no more */
static void end_stall(struct packet_context *at, struct flow_end *stalled)
{
	int64_t lasted = end_wait(stalled, at->ns);
	const struct mark rw = { stalled->rw_ns, stalled->rw_frame };
	struct vsockhdr_finding finding;

	at->told->stall_ns = lasted;
	if (lasted <= at->tracker->options.stall_ns || !is_credible(at->flow))
		return;
	finding = finding_of(VSOCKHDR_CREDIT_STALL, at->flow, rw, at->to, (int)at->from);
	add_figure(&finding, "stalled_ns", (uint64_t)lasted);
	add_figure(&finding, "buf_alloc", at->hdr->buf_alloc);
	report(at->tracker, at->flow, &finding);
}

void end_sending(struct packet_context *at)
{
	struct flow_end *end = &at->flow->end[at->from];

	if (end->stalled)
		end_wait(end, at->ns);
}

bool has_plausible_credit(const struct packet_context *at)
{
	const struct flow_end *end = &at->flow->end[at->from];
	uint32_t moved = at->hdr->fwd_cnt - (uint32_t)end->fwd;

	return moved <= at->flow->end[at->to].tx - end->fwd;
}

/* The packet at hand carries credit: its receiver may have asked for it */
static void answer_request(struct packet_context *at, struct flow_extra *extra)
{
	const struct mark *request = &extra->request[at->to];

	if (!extra->request_open[at->to] && !extra->request_late[at->to])
		return;
	extra->request_open[at->to] = false;
	extra->request_late[at->to] = false;
	at->told->request_ns = elapsed(request->ns, at->ns);
	at->told->request_frame = at->flow->first_frame + request->frame;
}

void on_credit(struct packet_context *at)
{
	struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);
	struct flow_end *end = &at->flow->end[at->from];
	struct flow_end *peer = &at->flow->end[at->to];
	uint64_t old_edge = end->fwd + end->buf_alloc;
	uint64_t old_furthest = end->fwd + end->promise;

	if (at->flow->same || at->flow->shared)
		return;
	take_fwd_cnt(at, end);
	take_buf_alloc(at, end, old_edge, old_furthest);
	check_zero_window(at, end);
	if (extra)
		answer_request(at, extra);
	if (peer->stalled && free_of(at->flow, at->to) > 0)
		end_stall(at, peer);
}

void on_stray_credit(struct packet_context *at)
{
	const struct flow_end *end = &at->flow->end[at->from];
	uint64_t moved = at->hdr->fwd_cnt - (uint32_t)end->fwd;

	if (has_plausible_credit(at) && moved + at->hdr->buf_alloc >= end->buf_alloc)
		on_credit(at);
}

static void report_overrun(struct packet_context *at, uint64_t allowed)

{
	struct vsockhdr_finding finding;

	if (!is_credible(at->flow))
		return;
	finding = finding_here(at, VSOCKHDR_CREDIT_OVERRUN);
	add_figure(&finding, "len", at->hdr->len);
	add_figure(&finding, "allowed", allowed);
	add_figure(&finding, "over", at->hdr->len - allowed);
	report(at->tracker, at->flow, &finding);
}

static void note_free(struct packet_context *at, bool overrun)
{
	struct flow_end *sender = &at->flow->end[at->from];
	uint64_t free = free_of(at->flow, at->from);

	if (!sender->has_min_free || free < sender->min_free) {
		sender->has_min_free = true;
		sender->min_free = (uint32_t)free;
	}
	/* Who ignores its credit does not wait for it. */
	if (overrun)
		sender->stalled = false;
	else if (free == 0 && at->hdr->len > 0)
		sender->stalled = true;
}

static void check_shut(struct packet_context *at)
{
	struct vsockhdr_finding finding;

	if (!is_credible(at->flow))
		return;
	if (at->flow->end[at->from].shut & VSOCKHDR_SHUTDOWN_SEND)
		report_here(at, VSOCKHDR_CLOSE_RW_AFTER_SHUTDOWN);
	if (at->flow->end[at->to].shut & VSOCKHDR_SHUTDOWN_RECEIVE) {
		finding = finding_here(at, VSOCKHDR_CLOSE_RW_TO_CLOSED);
		blame(&finding, at->flow, (int)at->to);
		add_figure(&finding, "len", at->hdr->len);
		report(at->tracker, at->flow, &finding);
	}
}

void on_rw(struct packet_context *at)
{
	struct flow_end *sender = &at->flow->end[at->from];
	bool known = credit_is_known(at->flow, at->from);
	uint64_t allowed = allowed_to(at->flow, at->from);
	bool overrun = known && at->hdr->len > allowed;

	check_shut(at);
	if (overrun)
		report_overrun(at, allowed);
	at->told->offset = sender->tx;
	sender->tx += at->hdr->len;
	if (!sender->stalled) {
		sender->rw_ns = at->seen->time_ns;
		sender->rw_frame = here(at).frame;
	}
	if (known)
		note_free(at, overrun);
	if (at->flow->type == VSOCKHDR_TYPE_SEQPACKET)
		on_message(at);
}

void on_credit_request(struct packet_context *at)
{
	struct flow_extra *extra = flow_need_extra(&at->tracker->table, at->flow);

	if (!extra || extra->request_open[at->from])
		return;
	extra->request_open[at->from] = true;
	extra->request_late[at->from] = false;
	extra->request[at->from] = here(at);
}

void tell_credit(struct packet_context *at)
{
	uint16_t op = at->hdr->op;
	enum vsockhdr_end sender = op == VSOCKHDR_OP_CREDIT_UPDATE ? at->to : at->from;

	if (op != VSOCKHDR_OP_RW && op != VSOCKHDR_OP_CREDIT_UPDATE &&
	    op != VSOCKHDR_OP_CREDIT_REQUEST)
		return;
	if (!credit_is_known(at->flow, sender))
		return;
	at->told->credit_known = true;
	at->told->peer_free = free_of(at->flow, sender);
	at->told->in_flight = in_flight(at->flow, sender);
	at->told->peer_buf_alloc = at->flow->end[other_end(sender)].buf_alloc;
	at->told->peer_fwd_cnt = at->flow->end[other_end(sender)].fwd;
}

void check_overdue_credit(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns)
{
	struct flow_extra *extra = flow_extra(&tracker->table, flow);

	if (!extra || !is_credible(flow))
		return;
	for (unsigned int i = 0; i < 2; i++) {
		enum vsockhdr_end asker = (enum vsockhdr_end)i;
		int64_t waited = elapsed(extra->request[i].ns, ns);
		struct vsockhdr_finding finding;

		if (!extra->request_open[i] || waited <= tracker->options.request_ns)
			continue;
		extra->request_open[i] = false;
		extra->request_late[i] = true;
		finding = finding_of(VSOCKHDR_CREDIT_REQUEST_UNANSWERED, flow,
				     extra->request[i], asker, (int)other_end(asker));
		add_figure(&finding, "waited_ns", (uint64_t)waited);
		report(tracker, flow, &finding);
	}
}

void end_credit(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns,
		int ender)
{
	struct flow_extra *extra = flow_extra(&tracker->table, flow);

	for (unsigned int i = 0; i < 2; i++) {
		enum vsockhdr_end sender = (enum vsockhdr_end)i;
		struct flow_end *end = &flow->end[i];
		const struct mark rw = { end->rw_ns, end->rw_frame };
		struct vsockhdr_finding finding;
		int64_t lasted;

		if (extra)
			extra->request_open[i] = false;
		if (!end->stalled)
			continue;
		lasted = end_wait(end, ns);
		if ((end->shut & VSOCKHDR_SHUTDOWN_SEND) || ender == (int)i ||
		    !is_credible(flow))
			continue;
		finding = finding_of(VSOCKHDR_CREDIT_STARVED, flow, rw, sender,
				     (int)other_end(sender));
		add_figure(&finding, "stalled_ns", (uint64_t)lasted);
		add_figure(&finding, "sent", end->tx);
		report(tracker, flow, &finding);
	}
}
