/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Teardown (virtio 1.3, 5.10.6.5): SHUTDOWNs that together say that nothing more goes
 * either way, then an RST from the peer.
 *
 * Theory of operation: Linux often sends the RST twice, and both ends may send it, so an
 * RST after the end means nothing by itself. What is a fault is an answer to an RST: an
 * end that had sent its RST sends another one, and nothing but the peer's RST came in
 * between. Such an answer may arrive when the pair of addresses is in use again; then it
 * kills a connection that it was not meant for. It can be told from an RST of that
 * connection by the credit fields, which an end fills from its live counters.
 */

#include "track.h"

bool is_complete(const struct flow *flow)
{
	uint8_t client = flow->end[VSOCKHDR_CLIENT].shut;
	uint8_t server = flow->end[VSOCKHDR_SERVER].shut;

	if (flow->same)
		return client == (VSOCKHDR_SHUTDOWN_RECEIVE | VSOCKHDR_SHUTDOWN_SEND);
	return ((client & VSOCKHDR_SHUTDOWN_SEND) ||
		(server & VSOCKHDR_SHUTDOWN_RECEIVE)) &&
	       ((server & VSOCKHDR_SHUTDOWN_SEND) ||
		(client & VSOCKHDR_SHUTDOWN_RECEIVE));
}

static bool is_partial(const struct flow *flow)
{
	return is_shut(flow) && !is_complete(flow);
}

static void note_owed(struct packet_context *at)
{
	if (at->flow->owed[at->to] < UINT8_MAX)
		at->flow->owed[at->to]++;
}

void on_shutdown(struct packet_context *at)
{
	struct flow *flow = at->flow;
	uint8_t *shut = &flow->end[at->from].shut;
	uint8_t flags =
		at->hdr->flags & (VSOCKHDR_SHUTDOWN_RECEIVE | VSOCKHDR_SHUTDOWN_SEND);
	struct flow_extra *extra;

	note_owed(at);
	if (flags == 0 || is_complete(flow))
		return;
	if (flow->close == VSOCKHDR_CLOSE_OPEN) {
		flow->close = VSOCKHDR_CLOSE_HALF_OPEN_STATE;
		flow->closed_by = (uint8_t)at->from;
	}
	*shut |= flags;
	if (flags & VSOCKHDR_SHUTDOWN_SEND)
		end_sending(at);
	flow->quiet = true;
	if (flow->state == FLOW_REQUESTED && at->from == VSOCKHDR_CLIENT) {
		flow->state = FLOW_OPEN;
		flow->setup = VSOCKHDR_SETUP_ABORTED;
	}
	extra = flow_need_extra(&at->tracker->table, flow);
	if (!extra)
		return;
	extra->shutdown = here(at);
	extra->shutdown_end = (uint8_t)at->from;
}

void report_no_rst(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	const struct flow_extra *extra = flow_extra(&tracker->table, flow);
	struct vsockhdr_finding finding;
	enum vsockhdr_end closer;

	if (!extra)
		return;
	closer = (enum vsockhdr_end)extra->shutdown_end;
	flow->no_rst_reported = true;
	finding = finding_of(VSOCKHDR_CLOSE_NO_RST, flow, extra->shutdown, closer,
			     (int)other_end(closer));
	report(tracker, flow, &finding);
}

static void report_half_open(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	const struct flow_extra *extra = flow_extra(&tracker->table, flow);
	struct vsockhdr_finding finding;

	if (!extra || flow->half_open_reported)
		return;
	flow->half_open_reported = true;
	finding = finding_of(VSOCKHDR_CLOSE_HALF_OPEN, flow, extra->shutdown,
			     (enum vsockhdr_end)extra->shutdown_end, NOBODY);
	report(tracker, flow, &finding);
}

void check_overdue_close(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns)
{
	const struct flow_extra *extra = flow_extra(&tracker->table, flow);

	if (flow->close != VSOCKHDR_CLOSE_HALF_OPEN_STATE || !extra ||
	    !is_credible(flow) ||
	    elapsed(extra->shutdown.ns, ns) <= tracker->options.close_ns)
		return;
	if (is_partial(flow) && flow->quiet)
		report_half_open(tracker, flow);
	else if (is_complete(flow) && !flow->no_rst_reported)
		report_no_rst(tracker, flow);
}

void end_close(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	if (flow->state != FLOW_OVER && is_partial(flow) && flow->quiet &&
	    is_credible(flow))
		report_half_open(tracker, flow);
}

static void note_rst(struct packet_context *at)
{
	at->flow->rst |= (uint8_t)(1U << at->from);
	at->flow->last_rst = (uint8_t)at->from;
	if (at->flow->owed[at->from] > 0)
		at->flow->owed[at->from]--;
}

/* Whether an RST names no connection of its sender: who has none knows no credit */
static bool has_no_credit(const struct packet_context *at)
{
	return at->hdr->buf_alloc == 0 && at->hdr->fwd_cnt == 0;
}

/* Whether an RST can only be the answer to the other end's. One with credit is not: its
 * sender still has a socket, and closes it after the other end has; Linux sends it */
static bool answers_rst(const struct packet_context *at)
{
	const struct flow *flow = at->flow;

	return (flow->rst & (1U << at->from)) && flow->last_rst == (uint8_t)at->to &&
	       flow->owed[at->from] == 0 && has_no_credit(at);
}

/* Whether an RST cannot be of the connection that it ends: an end fills in what it has
 * consumed of this connection, and how large its buffer is */
static bool has_foreign_credit(const struct packet_context *at)
{
	return at->hdr->buf_alloc != at->flow->end[at->from].buf_alloc ||
	       !has_plausible_credit(at);
}

static bool is_stale(const struct packet_context *at, const struct flow_extra *extra)
{
	const struct flow *flow = at->flow;

	return extra && extra->has_previous && flow->begun &&
	       flow->setup == VSOCKHDR_SETUP_ACCEPTED && !is_shut(flow) &&
	       elapsed(extra->previous_end_ns, flow->first_ns) <
		       at->tracker->options.close_ns &&
	       has_foreign_credit(at);
}

static void report_stale(struct packet_context *at, const struct flow_extra *extra)
{
	struct vsockhdr_addr peer = flow_address(at->flow, at->to);

	if (extra->previous_both_rst && extra->previous_last_rst.cid == peer.cid &&
	    extra->previous_last_rst.port == peer.port)
		report_here(at, VSOCKHDR_CLOSE_RST_REPLY_TO_RST);
	report_here(at, VSOCKHDR_CLOSE_STALE_RST);
}

static bool names_no_connection(const struct packet_context *at)
{
	const struct flow *flow = at->flow;

	return !flow->begun && flow->talked && flow->end[at->from].packets == 0 &&
	       has_no_credit(at);
}

static void report_no_connection(struct packet_context *at)
{
	const struct mark last = { at->flow->last_ns, at->flow->last_frame };
	struct vsockhdr_finding finding = finding_of(VSOCKHDR_CONN_NO_CONNECTION,
						     at->flow, last, at->to, (int)at->to);

	report(at->tracker, at->flow, &finding);
}

static void report_reset(struct packet_context *at)
{
	static const char *const names[] = { "unconsumed_client", "unconsumed_server" };
	const struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);
	struct vsockhdr_finding finding = finding_here(at, VSOCKHDR_CLOSE_RESET);

	/* Its peer's last packet broke the rules: no wonder. */
	if (extra && extra->violation[at->to] > 0) {
		blame(&finding, at->flow, (int)at->to);
		add_figure(&finding, "violation_frame",
			   at->flow->first_frame + extra->violation[at->to] - 1);
	}
	for (unsigned int i = 0; i < 2; i++)
		if (credit_is_known(at->flow, (enum vsockhdr_end)i))
			add_figure(&finding, names[i],
				   in_flight(at->flow, (enum vsockhdr_end)i));
	report(at->tracker, at->flow, &finding);
}

static void on_abrupt_rst(struct packet_context *at)
{
	const struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);

	at->flow->close = VSOCKHDR_CLOSE_RESET_STATE;
	at->flow->closed_by = (uint8_t)at->from;
	if (!is_credible(at->flow) || !at->flow->talked)
		return;
	if (is_stale(at, extra))
		report_stale(at, extra);
	else if (names_no_connection(at))
		report_no_connection(at);
	else
		report_reset(at);
}

/* An RST while the REQUEST waits for its answer */
static void on_early_rst(struct packet_context *at)
{
	struct flow *flow = at->flow;
	struct vsockhdr_finding finding;

	/* Which of two REQUESTs this answers cannot be told. */
	flow->duplicate_open = false;
	drop_held(at->tracker, flow);
	flow->closed_by = (uint8_t)at->from;
	if (at->from == VSOCKHDR_CLIENT && !flow->same) {
		flow->setup = VSOCKHDR_SETUP_ABORTED;
		flow->close = VSOCKHDR_CLOSE_RESET_STATE;
		return;
	}
	flow->setup = VSOCKHDR_SETUP_REFUSED;
	flow->close = VSOCKHDR_CLOSE_REFUSED;
	flow->setup_ns = elapsed(flow->first_ns, at->ns);
	at->told->setup_ns = flow->setup_ns;
	finding = finding_here(at, VSOCKHDR_CONN_REFUSED);
	finding.has_fault = false;
	report(at->tracker, flow, &finding);
}

/* An RST that names no connection of its sender, while there is one and a second REQUEST
 * is undecided: it answers that of another connection with the same addresses */
static bool refuses_duplicate(const struct packet_context *at)
{
	const struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);

	return at->flow->duplicate_open && extra &&
	       extra->duplicate_end != (uint8_t)at->from && !is_complete(at->flow) &&
	       has_no_credit(at);
}

/* Whether the end that shut the connection down gives up waiting for the RST: its clock
 * ran before its SHUTDOWN was seen, which may have had to wait to be sent */
static bool gives_up(const struct packet_context *at)
{
	const struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);
	int64_t limit = at->tracker->options.close_ns;

	return extra && extra->shutdown_end == (uint8_t)at->from &&
	       is_credible(at->flow) && !at->flow->no_rst_reported &&
	       elapsed(extra->shutdown.ns, at->ns) > limit - limit / 8;
}

void on_rst(struct packet_context *at)
{
	struct flow *flow = at->flow;

	if (flow->state == FLOW_REQUESTED) {
		on_early_rst(at);
	} else if (refuses_duplicate(at)) {
		on_shared(at);
		return;
	} else {
		settle_duplicate(at->tracker, flow);
		if (!is_complete(flow)) {
			on_abrupt_rst(at);
		} else {
			flow->close = VSOCKHDR_CLOSE_CLEAN;
			if (gives_up(at))
				report_no_rst(at->tracker, flow);
		}
	}
	end_credit(at->tracker, flow, at->ns, (int)at->from);
	end_message(at->tracker, flow);
	flow->state = FLOW_OVER;
	note_rst(at);
	at->told->ended = true;
}

void on_over(struct packet_context *at)
{
	struct flow *flow = at->flow;
	bool credible = is_credible(flow);

	if (at->hdr->op == VSOCKHDR_OP_RST) {
		if (credible && answers_rst(at))
			report_here(at, VSOCKHDR_CLOSE_RST_REPLY_TO_RST);
		note_rst(at);
		return;
	}
	note_owed(at);
	if (!credible)
		return;
	/* The RST of a client that gave up may cross the RESPONSE. */
	if (at->hdr->op == VSOCKHDR_OP_RESPONSE && flow->setup == VSOCKHDR_SETUP_ACCEPTED)
		report_here(at, VSOCKHDR_CONN_UNEXPECTED_RESPONSE);
	else
		report_here(at, VSOCKHDR_CLOSE_AFTER_RST);
}
