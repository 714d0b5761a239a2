/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FLOW_ORDER_H
#define VSOCKDUMP_FLOW_ORDER_H

/*
 * Connections in the order of their numbers. The tracker lets go of a connection when
 * the next one on its pair of addresses begins: often before older ones.
 */

#include <stdbool.h>
#include <vsockhdr/tracker.h>

/** Connections that are held back at the most, a power of two: beyond it, those that
 * are held are handed on although older ones are still missing */
#define FLOW_ORDER_MAX (1 << 20)

/* A connection that is held back */
struct flow_held;

/**
 * struct flow_order - What brings connections into order
 * @emit:	Called for each, in order
 * @context:	Given to it
 * @next:	Number of the next one
 * @count:	How many are held
 * @held:	They, at their number modulo FLOW_ORDER_MAX
 */
struct flow_order {
	void (*emit)(void *context, const struct vsockhdr_flow *flow);
	void *context;
	uint64_t next;
	size_t count;
	struct flow_held **held;
};

/**
 * flow_order_init() - Begin
 * @order:	What to set
 * @emit:	Called for each connection
 * @context:	Given to it
 *
 * Return: false where there is no memory
 */
bool flow_order_init(struct flow_order *order,
		     void (*emit)(void *context, const struct vsockhdr_flow *flow),
		     void *context);

/** flow_order_add() - The tracker let go of a connection */
void flow_order_add(struct flow_order *order, const struct vsockhdr_flow *flow);

/** flow_order_flush() - Hand on all that are held, whatever is missing between them */
void flow_order_flush(struct flow_order *order);

/** flow_order_free() - End; those still held are dropped */
void flow_order_free(struct flow_order *order);

#endif
