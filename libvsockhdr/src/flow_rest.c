/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: most connections that a tracker remembers are over, and most of
 * what is known of a connection is of no use then: credit, messages and time limits are
 * those of one that lives. Numbers that are too large for the few bits here are rare;
 * such a connection stays as it is.
 */

#include "flow_rest.h"

/* Bits of struct flow_resting */
#define MAX_TYPE 3U

_Static_assert(VSOCKHDR_SETUP_MIDSTREAM < 8 && VSOCKHDR_CLOSE_REFUSED < 8, "3 bits each");

/* Bits of a tally's number in a row */
#define MAX_TALLY ((UINT32_C(1) << 30) - 1)

bool flow_can_rest(const struct flow *flow)
{
	return flow->state == FLOW_OVER && flow->cid[0] <= UINT32_MAX &&
	       flow->cid[1] <= UINT32_MAX && flow->number < UINT32_MAX &&
	       flow->first_frame <= UINT32_MAX && flow->type <= MAX_TYPE &&
	       flow->tally <= MAX_TALLY && !flow->duplicate_open;
}

static void lay_row_down(struct flow_row *row, const struct flow *flow)
{
	unsigned int known = 0;

	row->last_frame = flow->last_frame;
	row->tally = flow->tally & MAX_TALLY;
	row->setup_ns = flow->setup_ns;
	for (unsigned int i = 0; i < 2; i++) {
		const struct flow_end *end = &flow->end[i];

		if (end->has_min_free)
			known |= 1U << i;
		row->end[i] = (struct flow_row_end) {
			.tx = end->tx,
			.stall_ns = end->stall_ns,
			.packets = end->packets,
			.min_free = end->min_free,
		};
	}
	row->min_free = known & 3U;
}

void flow_lay_down(struct flow_resting *resting, struct flow_row *row,
		   const struct flow *flow)
{
	resting->lost = flow->lost;
	resting->number = (uint32_t)flow->number;
	resting->first_frame = (uint32_t)flow->first_frame;
	resting->first_ns = flow->first_ns;
	resting->last_ns = flow->last_ns;
	resting->type = flow->type & MAX_TYPE;
	resting->setup = flow->setup & 7U;
	resting->close = flow->close & 7U;
	resting->rst = flow->rst & 3U;
	resting->last_rst = flow->last_rst != 0;
	resting->closed_by = flow->closed_by != 0;
	resting->begun = flow->begun;
	resting->same = flow->same;
	resting->shared = flow->shared;
	resting->talked = flow->talked;
	for (unsigned int i = 0; i < 2; i++) {
		resting->cid[i] = (uint32_t)flow->cid[i];
		resting->port[i] = flow->port[i];
		resting->owed[i] = flow->owed[i];
	}
	if (row)
		lay_row_down(row, flow);
}

static void wake_row(struct flow *flow, const struct flow_row *row)
{
	flow->last_frame = row->last_frame;
	flow->tally = row->tally;
	flow->setup_ns = row->setup_ns;
	for (unsigned int i = 0; i < 2; i++) {
		struct flow_end *end = &flow->end[i];

		end->tx = row->end[i].tx;
		end->stall_ns = row->end[i].stall_ns;
		end->packets = row->end[i].packets;
		end->min_free = row->end[i].min_free;
		end->has_min_free = row->min_free >> i & 1;
	}
}

void flow_wake(struct flow *flow, const struct flow_resting *resting,
	       const struct flow_row *row)
{
	*flow = (struct flow) {
		.lost = resting->lost,
		.number = resting->number,
		.cid = { resting->cid[0], resting->cid[1] },
		.port = { resting->port[0], resting->port[1] },
		.first_frame = resting->first_frame,
		.first_ns = resting->first_ns,
		.last_ns = resting->last_ns,
		.setup_ns = VSOCKHDR_NO_TIME,
		.type = resting->type,
		.state = FLOW_OVER,
		.setup = resting->setup,
		.close = resting->close,
		.closed_by = resting->closed_by,
		.rst = resting->rst,
		.last_rst = resting->last_rst,
		.owed = { resting->owed[0], resting->owed[1] },
		.begun = resting->begun,
		.same = resting->same,
		.shared = resting->shared,
		.talked = resting->talked,
		.retired = true,
	};
	if (row)
		wake_row(flow, row);
}
