/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_FLOW_LIST_H
#define VSOCKHDR_FLOW_LIST_H

/*
 * The orders in which flows of a table are: by last packets, and by numbers. Private to
 * flow_table.c; what others ask for is in flow_table.h.
 */

#include "flow_rest.h"

/** A reference is an item's number in the pool of flows, or a place of the ring with this
 * bit */
#define RESTS (UINT32_C(1) << 31)

/** rests() - Whether a flow rests */
static inline bool rests(flow_ref ref)
{
	return (ref & RESTS) != 0;
}

/** flow_of() - A flow that does not */
static inline struct flow *flow_of(const struct flow_table *table, flow_ref ref)
{
	return pool_item(&table->flows, ref);
}

/** resting_of() - A flow that does */
static inline struct flow_resting *resting_of(const struct flow_table *table,
					      flow_ref ref)
{
	const struct rest_ring *ring = &table->ring;

	return (void *)(ring->memory + (ref & ~RESTS) * ring->place_size);
}

/** row_of() - What it did, or NULL */
static inline struct flow_row *row_of(const struct flow_table *table, flow_ref ref)
{
	return table->ring.keeps_rows ? (void *)(resting_of(table, ref) + 1) : NULL;
}

/** flow_list_remove() - Take a flow that is awake out of a list (FLOW_LIVE, FLOW_RETIRED)
 */
void flow_list_remove(struct flow_table *table, const struct flow *flow,
		      unsigned int which);

/** flow_list_add() - Make a flow that is awake the newest of a list */
void flow_list_add(struct flow_table *table, struct flow *flow, unsigned int which);

#endif
