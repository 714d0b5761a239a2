/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Set-up: REQUEST, and RESPONSE or RST (virtio 1.3, 5.10.6.5).
 *
 * Theory of operation: a REQUEST on a connection that is alive is either a fault, or a
 * second connection with the same pair of addresses: network namespaces may have CIDs of
 * their own, and vsockmon shows them all. A peer that holds the connection does not
 * accept it again, so the answer tells: a RESPONSE within the time to connect means two
 * connections. Until it is decided, nothing else is said of the connection, and once
 * there are two, nothing can be.
 */

#include "track.h"

static struct mark request_mark(const struct flow *flow)
{
	return (struct mark) { .ns = flow->first_ns, .frame = 0 };
}

static void report_unanswered(struct vsockhdr_tracker *tracker, struct flow *flow,
			      int64_t waited, enum vsockhdr_severity severity)
{
	struct vsockhdr_finding finding =
		finding_of(VSOCKHDR_CONN_UNANSWERED, flow, request_mark(flow),
			   VSOCKHDR_CLIENT, VSOCKHDR_SERVER);

	flow->unanswered_reported = true;
	if (flow->pair_busy)
		return;
	finding.severity = severity;
	/* The end of the capture does not tell how long it took. */
	if (severity != VSOCKHDR_NOTE)
		add_figure(&finding, "waited_ns", (uint64_t)waited);
	report(tracker, flow, &finding);
}

void settle_duplicate(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	const struct flow_extra *extra = flow_extra(&tracker->table, flow);
	struct vsockhdr_finding finding;

	if (!flow->duplicate_open)
		return;
	flow->duplicate_open = false;
	finding =
		finding_of(VSOCKHDR_CONN_DUPLICATE_REQUEST, flow, extra->duplicate,
			   (enum vsockhdr_end)extra->duplicate_end, extra->duplicate_end);
	report(tracker, flow, &finding);
	release_held(tracker, flow);
}

void check_overdue_setup(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns)
{
	int64_t limit = tracker->options.connect_ns;

	if (flow->duplicate_open) {
		const struct flow_extra *extra = flow_extra(&tracker->table, flow);

		if (elapsed(extra->duplicate.ns, ns) > limit)
			settle_duplicate(tracker, flow);
	}
	if (flow->state == FLOW_REQUESTED && !flow->unanswered_reported &&
	    elapsed(flow->first_ns, ns) > limit)
		report_unanswered(tracker, flow, elapsed(flow->first_ns, ns),
				  VSOCKHDR_VIOLATION);
}

/* A REQUEST while the connection is alive */
static void on_second_request(struct packet_context *at)
{
	struct flow_extra *extra;

	settle_duplicate(at->tracker, at->flow);
	extra = flow_need_extra(&at->tracker->table, at->flow);
	if (!extra || at->flow->shared)
		return;
	extra->duplicate = here(at);
	extra->duplicate_end = (uint8_t)at->from;
	at->flow->duplicate_open = true;
}

static bool begin_requested(struct packet_context *at)
{
	if (!begin_flow(at, false))
		return false;
	at->flow->begun = true;
	at->flow->state = FLOW_REQUESTED;
	at->flow->setup = VSOCKHDR_SETUP_UNANSWERED;
	return true;
}

/* Whether it is the sender of the packet at hand that left the old connection open: it
 * has not shut it down, or its RST is what is missing */
static bool left_it_open(const struct packet_context *at)
{
	const struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);

	return !is_complete(at->flow) ||
	       (extra && extra->shutdown_end == (uint8_t)at->to);
}

bool on_request(struct packet_context *at)
{
	const struct flow *flow = at->flow;
	bool given_up =
		flow && flow->state == FLOW_REQUESTED && flow->unanswered_reported;
	bool credible;
	bool busy = given_up && flow->pair_busy;

	/* There is none, it is over, or it was given up. One that began before the
	 * capture may have ended before it, and what was seen of it came late. */
	if (!flow || flow->state == FLOW_OVER || !flow->begun || given_up) {
		if (!begin_requested(at))
			return false;
		at->flow->pair_busy = busy;
		return true;
	}
	if (!is_shut(flow)) {
		on_second_request(at);
		return has_plausible_credit(at);
	}
	credible = is_credible(flow);
	busy = credible && left_it_open(at);
	if (credible && is_complete(flow) && !flow->no_rst_reported)
		report_no_rst(at->tracker, at->flow);
	if (!begin_requested(at))
		return false;
	at->flow->pair_busy = busy;
	if (credible)
		report_here(at, VSOCKHDR_CONN_TUPLE_REUSE);
	return true;
}

static void on_accepted(struct packet_context *at)
{
	struct flow *flow = at->flow;

	flow->state = FLOW_OPEN;
	flow->setup = VSOCKHDR_SETUP_ACCEPTED;
	flow->setup_ns = elapsed(flow->first_ns, at->ns);
	at->told->setup_ns = flow->setup_ns;
}

void on_shared(struct packet_context *at)
{
	struct vsockhdr_finding finding = finding_here(at, VSOCKHDR_CONN_SHARED_PAIR);

	at->flow->duplicate_open = false;
	at->flow->shared = true;
	drop_held(at->tracker, at->flow);
	finding.has_fault = false;
	report(at->tracker, at->flow, &finding);
}

static bool on_unasked_response(struct packet_context *at)
{
	const struct vsockhdr_tracker *tracker = at->tracker;
	/* Its REQUEST may have come before the capture. */
	bool may_be_older =
		elapsed(tracker->begin_ns, at->ns) <= tracker->options.connect_ns;

	if (!at->flow) {
		if (!begin_flow(at, true))
			return false;
		if (!may_be_older)
			report_here(at, VSOCKHDR_CONN_UNEXPECTED_RESPONSE);
		return true;
	}
	if (at->flow->setup == VSOCKHDR_SETUP_MIDSTREAM && may_be_older)
		on_shared(at);
	else if (!at->flow->shared)
		report_here(at, VSOCKHDR_CONN_UNEXPECTED_RESPONSE);
	return !at->flow->begun || has_plausible_credit(at);
}

bool on_response(struct packet_context *at)
{
	struct flow *flow = at->flow;

	if (flow && flow->state == FLOW_REQUESTED &&
	    (flow->same || at->from == VSOCKHDR_SERVER)) {
		on_accepted(at);
		return true;
	}
	if (flow && flow->duplicate_open) {
		on_shared(at);
		return false;
	}
	return on_unasked_response(at);
}

void end_setup(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	settle_duplicate(tracker, flow);
	if (flow->state == FLOW_REQUESTED && !flow->unanswered_reported)
		report_unanswered(tracker, flow, elapsed(flow->first_ns, tracker->now_ns),
				  VSOCKHDR_NOTE);
}
