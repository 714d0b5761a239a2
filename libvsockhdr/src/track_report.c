/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Findings are made, judged and counted here.
 */

#include "track.h"

struct mark here(const struct packet_context *at)
{
	return (struct mark) {
		.ns = at->seen->time_ns,
		.frame = (uint32_t)(at->seen->frame - at->flow->first_frame),
	};
}

static struct vsockhdr_finding begin(enum vsockhdr_finding_id id)
{
	return (struct vsockhdr_finding) {
		.id = id,
		.severity = vsockhdr_finding_info(id)->severity,
		.flow = VSOCKHDR_NO_FLOW,
	};
}

static void set_fault(struct vsockhdr_finding *finding, const struct vsockhdr_addr *fault)
{
	finding->has_fault = fault != NULL;
	finding->fault = fault ? *fault : (struct vsockhdr_addr) { 0, 0 };
}

struct vsockhdr_finding finding_here(const struct packet_context *at,
				     enum vsockhdr_finding_id id)
{
	const struct vsockhdr_record *rec = at->seen->rec;
	struct vsockhdr_finding finding = begin(id);

	finding.frame = at->seen->frame;
	finding.time_ns = at->seen->time_ns;
	if (at->flow)
		finding.flow = at->flow->number;
	if (!rec->has_mon)
		return finding;
	finding.has_addresses = true;
	if (rec->has_hdr) {
		finding.src =
			(struct vsockhdr_addr) { rec->hdr.src_cid, rec->hdr.src_port };
		finding.dst =
			(struct vsockhdr_addr) { rec->hdr.dst_cid, rec->hdr.dst_port };
	} else {
		finding.src =
			(struct vsockhdr_addr) { rec->mon.src_cid, rec->mon.src_port };
		finding.dst =
			(struct vsockhdr_addr) { rec->mon.dst_cid, rec->mon.dst_port };
	}
	set_fault(&finding, &finding.src);
	return finding;
}

void blame(struct vsockhdr_finding *finding, const struct flow *flow, int fault)
{
	struct vsockhdr_addr addr;

	if (fault == NOBODY) {
		set_fault(finding, NULL);
		return;
	}
	addr = flow_address(flow, (unsigned int)fault);
	set_fault(finding, &addr);
}

struct vsockhdr_finding finding_of(enum vsockhdr_finding_id id, const struct flow *flow,
				   struct mark mark, enum vsockhdr_end sender, int fault)
{
	struct vsockhdr_finding finding = begin(id);

	finding.frame = flow->first_frame + mark.frame;
	finding.time_ns = mark.ns;
	finding.flow = flow->number;
	finding.src = flow_address(flow, sender);
	finding.dst = flow_address(flow, other_end(sender));
	finding.has_addresses = true;
	blame(&finding, flow, fault);
	return finding;
}

void add_figure(struct vsockhdr_finding *finding, const char *name, uint64_t value)
{
	finding->figure[finding->figures++] = (struct vsockhdr_figure) { name, value };
}

/* Whether a packet that the capture lost could be behind such a finding: all that follow
 * from what was seen before, and not from the packet by itself */
static bool depends_on_others(enum vsockhdr_finding_id id)
{
	return (id >= VSOCKHDR_CONN_REFUSED && id <= VSOCKHDR_CLOSE_AFTER_RST) ||
	       id == VSOCKHDR_SEQ_EOM_MISSING || id == VSOCKHDR_SEQ_MESSAGE_TOO_BIG;
}

static void hand_out(struct vsockhdr_tracker *tracker, struct flow *flow,
		     const struct vsockhdr_finding *finding)
{
	struct flow_tally *tally = NULL;

	tracker->stats.findings[finding->id]++;
	if (flow)
		tally = flow_need_tally(&tracker->table, flow);
	if (tally)
		tally->count[finding->id]++;
	if (!tracker->options.on_finding)
		return;
	tracker->calling = true;
	tracker->options.on_finding(tracker->options.context, finding);
	tracker->calling = false;
}

/* Most findings of one flow that are held back; a hostile guest makes any number */
#define MAX_HELD 64

static void hold(struct vsockhdr_tracker *tracker, const struct flow *flow,
		 const struct vsockhdr_finding *finding)
{
	struct flow_extra *extra = flow_extra(&tracker->table, flow);
	uint32_t number;
	struct held_finding *held;

	if (extra->held_count == MAX_HELD)
		return;
	number = pool_take(&tracker->held);
	held = pool_item(&tracker->held, number);
	if (!held)
		return;
	held->finding = *finding;
	if (extra->held_last)
		((struct held_finding *)pool_item(&tracker->held, extra->held_last))
			->next = number;
	else
		extra->held_first = number;
	extra->held_last = number;
	extra->held_count++;
}

/* Empty the list of a flow; its findings are handed out, or not */
static void clear_held(struct vsockhdr_tracker *tracker, struct flow *flow, bool hand)
{
	struct flow_extra *extra = flow_extra(&tracker->table, flow);
	uint32_t number = extra ? extra->held_first : POOL_NONE;

	if (!extra)
		return;
	extra->held_first = POOL_NONE;
	extra->held_last = POOL_NONE;
	extra->held_count = 0;
	while (number) {
		struct held_finding *held = pool_item(&tracker->held, number);
		uint32_t next = held->next;

		if (hand)
			hand_out(tracker, flow, &held->finding);
		pool_return(&tracker->held, number);
		number = next;
	}
}

void release_held(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	clear_held(tracker, flow, true);
}

void drop_held(struct vsockhdr_tracker *tracker, struct flow *flow)
{
	clear_held(tracker, flow, false);
}

/* The packet at hand is a violation: if a reset is what answers it, that is why */
static void note_violation(struct vsockhdr_tracker *tracker, struct flow *flow,
			   const struct vsockhdr_finding *finding)
{
	struct flow_extra *extra;

	if (flow->state == FLOW_OVER || finding->frame != tracker->frame)
		return;
	extra = flow_need_extra(&tracker->table, flow);
	for (unsigned int i = 0; extra && i < 2; i++) {
		struct vsockhdr_addr addr = flow_address(flow, i);

		if (addr.cid == finding->fault.cid && addr.port == finding->fault.port)
			extra->violation[i] =
				(uint32_t)(finding->frame - flow->first_frame) + 1;
	}
}

void report(struct vsockhdr_tracker *tracker, struct flow *flow,
	    struct vsockhdr_finding *finding)
{
	if (flow && flow->lost != tracker->lost && depends_on_others(finding->id)) {
		finding->capture_loss = true;
		finding->severity = VSOCKHDR_NOTE;
	}
	if (flow && finding->severity == VSOCKHDR_VIOLATION && finding->has_fault)
		note_violation(tracker, flow, finding);
	if (flow && flow->duplicate_open && depends_on_others(finding->id))
		hold(tracker, flow, finding);
	else
		hand_out(tracker, flow, finding);
}

void report_here(const struct packet_context *at, enum vsockhdr_finding_id id)
{
	struct vsockhdr_finding finding = finding_here(at, id);

	report(at->tracker, at->flow, &finding);
}
