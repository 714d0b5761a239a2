/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The flow tracker: its public functions, and the life of a flow.
 *
 * Theory of operation: every record goes one way. First what has become overdue for its
 * flow is reported; then the room that knows its op changes the flow's state; then the
 * credit that it carries is taken in; last, the header is judged by itself, because only
 * now it is known which flow it belongs to. Nothing depends on a clock: the time is that
 * of the records.
 */

#include <assert.h>
#include <stdlib.h>

#include "track.h"

#define NSEC_PER_SEC       INT64_C(1000000000)
#define DEFAULT_CONNECT_NS (2 * NSEC_PER_SEC)
#define DEFAULT_CLOSE_NS   (8 * NSEC_PER_SEC)
#define DEFAULT_STALL_NS   NSEC_PER_SEC
#define DEFAULT_REQUEST_NS NSEC_PER_SEC
#define DEFAULT_MAX_FLOWS  1000000

static void set_default(int64_t *ns, int64_t value)
{
	if (*ns == 0)
		*ns = value;
}

struct vsockhdr_tracker *
vsockhdr_tracker_new(const struct vsockhdr_tracker_options *options)
{
	struct vsockhdr_tracker *tracker = calloc(1, sizeof(*tracker));

	assert(options->connect_ns >= 0 && options->close_ns >= 0);
	assert(options->stall_ns >= 0 && options->request_ns >= 0);
	if (!tracker)
		return NULL;
	tracker->options = *options;
	set_default(&tracker->options.connect_ns, DEFAULT_CONNECT_NS);
	set_default(&tracker->options.close_ns, DEFAULT_CLOSE_NS);
	set_default(&tracker->options.stall_ns, DEFAULT_STALL_NS);
	set_default(&tracker->options.request_ns, DEFAULT_REQUEST_NS);
	if (tracker->options.max_flows == 0)
		tracker->options.max_flows = DEFAULT_MAX_FLOWS;
	pool_init(&tracker->held, sizeof(struct held_finding));
	if (!flow_table_init(&tracker->table, !options->only_count)) {
		free(tracker);
		return NULL;
	}
	return tracker;
}

void vsockhdr_tracker_free(struct vsockhdr_tracker *tracker)
{
	if (!tracker)
		return;
	assert(!tracker->calling);
	flow_table_clear(&tracker->table);
	pool_clear(&tracker->held);
	free(tracker);
}

static void summarize_end(struct vsockhdr_flow_end *to, const struct flow_end *from)
{
	to->packets = from->packets;
	to->bytes = from->tx;
	to->min_free = from->has_min_free ? from->min_free : VSOCKHDR_UNKNOWN_NUMBER;
	to->stall_ns = from->stall_ns;
}

static void summarize(struct vsockhdr_flow *to, const struct flow_table *table,
		      const struct flow *from)
{
	const struct flow_tally *tally = pool_item(&table->tallies, from->tally);

	*to = (struct vsockhdr_flow) {
		.number = from->number,
		.address = { flow_address(from, VSOCKHDR_CLIENT),
			     flow_address(from, VSOCKHDR_SERVER) },
		.type = from->type,
		.setup = (enum vsockhdr_setup)from->setup,
		.setup_ns = from->setup_ns,
		.close = (enum vsockhdr_close)from->close,
		.closed_by = (enum vsockhdr_end)from->closed_by,
		.first_frame = from->first_frame,
		.last_frame = from->first_frame + from->last_frame,
		.first_ns = from->first_ns,
		.last_ns = from->last_ns,
	};
	summarize_end(&to->end[VSOCKHDR_CLIENT], &from->end[VSOCKHDR_CLIENT]);
	summarize_end(&to->end[VSOCKHDR_SERVER], &from->end[VSOCKHDR_SERVER]);
	for (unsigned int i = 0; tally && i < VSOCKHDR_FINDING_COUNT; i++)
		to->findings[i] = tally->count[i];
}

/* Of most connections nothing is ever due. */
static inline bool may_be_overdue(const struct flow *flow)
{
	return flow->state != FLOW_OVER && (flow->state != FLOW_OPEN || flow->extra);
}

static void check_overdue(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns)
{
	if (!may_be_overdue(flow))
		return;
	check_overdue_setup(tracker, flow, ns);
	check_overdue_credit(tracker, flow, ns);
	check_overdue_close(tracker, flow, ns);
}

/* The tracker lets go of a flow, which is still in the table */
static void hand_over(struct vsockhdr_tracker *tracker, const struct flow *flow)
{
	struct vsockhdr_flow summary;

	tracker->stats.setups[flow->setup]++;
	tracker->stats.closes[flow->close]++;
	if (!tracker->options.on_flow)
		return;
	summarize(&summary, &tracker->table, flow);
	tracker->calling = true;
	tracker->options.on_flow(tracker->options.context, &summary);
	tracker->calling = false;
}

/* No packet of a flow will come any more: the next has its addresses, or the capture has
 * ended */
static void end_flow(struct vsockhdr_tracker *tracker, struct flow *flow, int64_t ns)
{
	check_overdue(tracker, flow, ns);
	if (flow->state == FLOW_OVER)
		return;
	end_setup(tracker, flow);
	end_credit(tracker, flow, ns, NOBODY);
}

static void make_room(struct vsockhdr_tracker *tracker)
{
	struct flow_table *table = &tracker->table;
	struct flow room;
	struct flow *flow =
		flow_table_at(table, flow_table_oldest(table, tracker->frame), &room);

	if (flow->state != FLOW_OVER)
		tracker->stats.evicted++;
	check_overdue(tracker, flow, tracker->now_ns);
	drop_held(tracker, flow);
	hand_over(tracker, flow);
	flow_table_remove(table, flow);
}

/* What is to be remembered of the connection before on the same pair of addresses */
struct predecessor {
	bool ended;
	bool both_rst;
	struct vsockhdr_addr last_rst;
	int64_t last_ns;
};

static struct predecessor let_go(struct packet_context *at)
{
	struct predecessor before = { .ended = false };
	struct flow *flow = at->flow;

	if (!flow)
		return before;
	end_flow(at->tracker, flow, at->ns);
	before = (struct predecessor) {
		.ended = flow->state == FLOW_OVER,
		.both_rst = flow->rst == 3,
		.last_rst = flow_address(flow, flow->last_rst),
		.last_ns = flow->last_ns,
	};
	hand_over(at->tracker, flow);
	flow_table_remove(&at->tracker->table, flow);
	at->flow = NULL;
	return before;
}

static void remember(struct packet_context *at, const struct predecessor *before)
{
	struct flow_extra *extra;

	if (!before->ended)
		return;
	extra = flow_need_extra(&at->tracker->table, at->flow);
	if (!extra)
		return;
	extra->has_previous = true;
	extra->previous_end_ns = before->last_ns;
	extra->previous_both_rst = before->both_rst;
	extra->previous_last_rst = before->last_rst;
}

bool begin_flow(struct packet_context *at, bool from_server)
{
	const struct vsockhdr_addr src = { at->hdr->src_cid, at->hdr->src_port };
	const struct vsockhdr_addr dst = { at->hdr->dst_cid, at->hdr->dst_port };
	struct vsockhdr_tracker *tracker = at->tracker;
	struct predecessor before = let_go(at);
	struct flow *flow;

	if (tracker->table.count >= tracker->options.max_flows)
		make_room(tracker);
	flow = flow_table_add(&tracker->table, from_server ? &dst : &src,
			      from_server ? &src : &dst);
	/* Only one that is awake leaves enough memory. */
	while (!flow && tracker->table.count > 0) {
		make_room(tracker);
		flow = flow_table_add(&tracker->table, from_server ? &dst : &src,
				      from_server ? &src : &dst);
	}
	if (!flow)
		return false;
	flow->number = tracker->stats.flows++;
	/* Of a flow without REQUEST, anything that was lost may be the reason. */
	flow->lost = at->hdr->op == VSOCKHDR_OP_REQUEST ? tracker->lost : 0;
	flow->same = src.cid == dst.cid && src.port == dst.port;
	flow->type = at->hdr->type;
	flow->state = FLOW_OPEN;
	flow->setup = VSOCKHDR_SETUP_MIDSTREAM;
	flow->setup_ns = VSOCKHDR_NO_TIME;
	flow->first_frame = at->seen->frame;
	flow->first_ns = at->seen->time_ns;
	flow->last_ns = at->seen->time_ns;
	at->flow = flow;
	at->from = from_server && !flow->same ? VSOCKHDR_SERVER : VSOCKHDR_CLIENT;
	at->to = other_end(at->from);
	remember(at, &before);
	return true;
}

/* Ops other than REQUEST and RESPONSE, of a flow that is not over */
static void on_other_op(struct packet_context *at)
{
	if (at->hdr->op == VSOCKHDR_OP_RST) {
		on_rst(at);
		return;
	}
	on_credit(at);
	if (at->hdr->op == VSOCKHDR_OP_RW)
		on_rw(at);
	else if (at->hdr->op == VSOCKHDR_OP_CREDIT_REQUEST)
		on_credit_request(at);
	else if (at->hdr->op == VSOCKHDR_OP_SHUTDOWN)
		on_shutdown(at);
}

static void check_type(struct packet_context *at)
{
	struct vsockhdr_finding finding;

	if (at->hdr->type == at->flow->type || at->hdr->op == VSOCKHDR_OP_RST ||
	    !is_credible(at->flow))
		return;
	finding = finding_here(at, VSOCKHDR_CONN_TYPE_CHANGE);
	add_figure(&finding, "type", at->hdr->type);
	add_figure(&finding, "connection_type", at->flow->type);
	report(at->tracker, at->flow, &finding);
}

/* A packet that the protocol knows; at->flow is that of its pair so far, or NULL */
static void dispatch(struct packet_context *at)
{
	uint16_t op = at->hdr->op;

	if (op == VSOCKHDR_OP_REQUEST) {
		if (on_request(at))
			on_credit(at);
	} else if (at->flow && at->flow->state == FLOW_OVER) {
		on_over(at);
	} else if (op == VSOCKHDR_OP_RESPONSE) {
		if (on_response(at))
			on_credit(at);
	} else if (at->flow || begin_flow(at, false)) {
		if (op != VSOCKHDR_OP_CREDIT_UPDATE && op != VSOCKHDR_OP_CREDIT_REQUEST)
			at->flow->quiet = false;
		on_other_op(at);
	}
}

static void count_packet(struct packet_context *at)
{
	struct flow *flow = at->flow;

	flow->end[at->from].packets++;
	flow->last_frame = here(at).frame;
	flow->last_ns = at->ns;
	if (at->hdr->op != VSOCKHDR_OP_RST)
		flow->talked = true;
}

/* What an end's packet before was matters no more */
static void forget_violation(const struct packet_context *at)
{
	struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);

	if (extra)
		extra->violation[at->from] = 0;
}

static void tell(struct packet_context *at)
{
	const struct flow *flow = at->flow;
	struct vsockhdr_told *told = at->told;

	told->flow = flow->number;
	told->from = at->from;
	told->close = (enum vsockhdr_close)flow->close;
	told->closed_by = flow_address(flow, flow->closed_by);
	told->first_ns = flow->first_ns;
	if (flow->first_frame != at->seen->frame)
		told->previous_ns = flow->last_ns;
	told->setup_frame = flow->first_frame;
	if (flow->state != FLOW_OVER)
		tell_credit(at);
}

/* The flow of the packet at hand is over, and there may be very many: an extra is of use
 * only where something is undecided */
static void put_to_rest(struct packet_context *at)
{
	const struct flow_extra *extra = flow_extra(&at->tracker->table, at->flow);

	if (extra && extra->held_count == 0 &&
	    extra->split[VSOCKHDR_CLIENT].payload == 0 &&
	    extra->split[VSOCKHDR_SERVER].payload == 0)
		flow_drop_extra(&at->tracker->table, at->flow);
	flow_table_rest(&at->tracker->table, at->flow);
}

/* A record with a header */
static void feed_packet(struct packet_context *at)
{
	at->flow = flow_table_find(&at->tracker->table, at->hdr, &at->from);
	at->to = other_end(at->from);
	if (is_trackable(at->hdr)) {
		if (at->flow && may_be_overdue(at->flow))
			check_overdue(at->tracker, at->flow, at->ns);
		if (at->flow)
			forget_violation(at);
		dispatch(at);
		if (at->flow) {
			check_type(at);
			check_split(at);
		}
	} else if (at->flow && at->hdr->type == at->flow->type &&
		   at->flow->state != FLOW_OVER) {
		on_stray_credit(at);
	}
	check_header(at);
	if (at->flow) {
		tell(at);
		count_packet(at);
		if (at->flow->state == FLOW_OVER)
			put_to_rest(at);
	}
}

static void note_time(struct vsockhdr_tracker *tracker, int64_t ns)
{
	if (!tracker->has_begun) {
		tracker->has_begun = true;
		tracker->begin_ns = ns;
	}
	/* Not the latest of all: a clock that was set back has gone on from there. */
	tracker->now_ns = ns;
}

/* Member by member: a compiler clears a structure of this size by a slow loop */
static void tell_nothing(struct vsockhdr_told *told)
{
	told->flow = VSOCKHDR_NO_FLOW;
	told->from = VSOCKHDR_CLIENT;
	told->credit_known = false;
	told->peer_free = 0;
	told->in_flight = 0;
	told->peer_buf_alloc = 0;
	told->peer_fwd_cnt = 0;
	told->offset = VSOCKHDR_UNKNOWN_NUMBER;
	told->first_ns = 0;
	told->previous_ns = VSOCKHDR_NO_TIME;
	told->setup_ns = VSOCKHDR_NO_TIME;
	told->setup_frame = 0;
	told->stall_ns = VSOCKHDR_NO_TIME;
	told->request_ns = VSOCKHDR_NO_TIME;
	told->request_frame = 0;
	told->ended = false;
	told->close = VSOCKHDR_CLOSE_OPEN;
	told->closed_by = (struct vsockhdr_addr) { 0, 0 };
}

void vsockhdr_tracker_feed(struct vsockhdr_tracker *tracker,
			   const struct vsockhdr_seen *seen, struct vsockhdr_told *told)
{
	struct packet_context at = {
		.tracker = tracker,
		.seen = seen,
		.hdr = &seen->rec->hdr,
		.told = told,
		.ns = seen->time_ns,
	};

	assert(!tracker->calling && seen->frame > tracker->frame);
	tell_nothing(told);
	note_time(tracker, seen->time_ns);
	tracker->frame = seen->frame;
	tracker->stats.records++;
	/* A packet whose header the snap length cut is as good as lost. */
	if (seen->err == VSOCKHDR_ERR_MON_SNAPPED ||
	    (seen->err == VSOCKHDR_ERR_HDR_SNAPPED && !seen->rec->has_hdr))
		tracker->cut++;
	vsockhdr_tracker_lost(tracker, seen->lost);
	if (seen->rec->has_hdr)
		feed_packet(&at);
	if (seen->err != VSOCKHDR_OK)
		check_record(&at);
}

bool vsockhdr_tracker_expect(struct vsockhdr_tracker *tracker,
			     const struct vsockhdr_addr *src,
			     const struct vsockhdr_addr *dst)
{
	return flow_table_expect(&tracker->table, src, dst);
}

void vsockhdr_tracker_lost(struct vsockhdr_tracker *tracker, uint64_t lost)
{
	assert(!tracker->calling);
	tracker->lost = (uint32_t)(lost + tracker->cut);
}

void vsockhdr_tracker_expire(struct vsockhdr_tracker *tracker, int64_t now_ns)
{
	flow_ref ref = flow_table_first(&tracker->table, false);

	assert(!tracker->calling);
	if (now_ns > tracker->now_ns)
		tracker->now_ns = now_ns;
	for (; ref; ref = flow_table_next(&tracker->table, ref))
		/* What is not over does not rest. */
		check_overdue(tracker, flow_table_at(&tracker->table, ref, NULL),
			      tracker->now_ns);
}

static void finish_flow(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	end_flow(tracker, flow, tracker->now_ns);
	end_close(tracker, flow);
	hand_over(tracker, flow);
}

/* Nobody wants to see connections, and those that are over give no findings any more */
static void count_retired(struct vsockhdr_tracker *tracker)
{
	flow_ref ref = flow_table_first(&tracker->table, true);

	for (; ref; ref = flow_table_next(&tracker->table, ref)) {
		enum vsockhdr_setup setup;
		enum vsockhdr_close close;

		flow_table_outcome(&tracker->table, ref, &setup, &close);
		tracker->stats.setups[setup]++;
		tracker->stats.closes[close]++;
	}
}

void vsockhdr_tracker_finish(struct vsockhdr_tracker *tracker)
{
	struct flow_table *table = &tracker->table;
	bool wants_all = tracker->options.on_flow != NULL;
	flow_ref *flows = flow_table_sorted(table, wants_all);
	struct flow room;

	assert(!tracker->calling);
	tracker->frame = 0;
	for (size_t i = 0; flows && flows[i]; i++) {
		flow_table_fetch(table, &flows[i]);
		finish_flow(tracker, flow_table_at(table, flows[i], &room));
	}
	if (flows && !wants_all)
		count_retired(tracker);
	if (flows)
		flow_table_empty(table);
	free(flows);
	/* Without memory for the order, there is none. */
	while (table->count > 0) {
		struct flow *flow =
			flow_table_at(table, flow_table_oldest(table, UINT64_MAX), &room);

		finish_flow(tracker, flow);
		flow_table_remove(table, flow);
	}
}

void vsockhdr_tracker_walk(const struct vsockhdr_tracker *tracker,
			   void (*on_flow)(void *context,
					   const struct vsockhdr_flow *flow),
			   void *context)
{
	const struct flow_table *table = &tracker->table;
	flow_ref *flows = flow_table_sorted(table, true);
	struct vsockhdr_flow summary;
	struct flow room;

	assert(!tracker->calling && on_flow);
	for (size_t i = 0; flows && flows[i]; i++) {
		flow_table_fetch(table, &flows[i]);
		summarize(&summary, table, flow_table_at(table, flows[i], &room));
		on_flow(context, &summary);
	}
	for (unsigned int over = 0; !flows && over < 2; over++) {
		flow_ref ref = flow_table_first(table, over);

		for (; ref; ref = flow_table_next(table, ref)) {
			summarize(&summary, table, flow_table_at(table, ref, &room));
			on_flow(context, &summary);
		}
	}
	free(flows);
}

void vsockhdr_tracker_stats(const struct vsockhdr_tracker *tracker,
			    struct vsockhdr_tracker_stats *stats)
{
	assert(!tracker->calling && stats);
	*stats = tracker->stats;
	stats->live = tracker->table.count;
}
