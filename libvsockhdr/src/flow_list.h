/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_FLOW_LIST_H
#define VSOCKHDR_FLOW_LIST_H

/*
 * The orders in which flows of a table are: by last packets, and by numbers. Private to
 * flow_table.c; what others ask for is in flow_table.h.
 */

#include "flow_rest.h"

/** A reference is an item's number in one of two pools; this bit tells which */
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
	return pool_item(&table->resting, ref & ~RESTS);
}

/** link_of() - Where any flow has its neighbours */
static inline struct flow_link *link_of(const struct flow_table *table, flow_ref ref)
{
	return rests(ref) ? &resting_of(table, ref)->link : &flow_of(table, ref)->link;
}

/** flow_list_remove() - Take a flow out of a list (FLOW_LIVE, FLOW_RETIRED) */
void flow_list_remove(struct flow_table *table, const struct flow_link *link,
		      unsigned int which);

/** flow_list_add() - Make a flow the newest of a list; @link is that of @ref */
void flow_list_add(struct flow_table *table, struct flow_link *link, flow_ref ref,
		   unsigned int which);

#endif
