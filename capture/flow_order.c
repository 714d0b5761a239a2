/* SPDX-License-Identifier: BSD-2-Clause */

#include "flow_order.h"

#include <stdlib.h>
#include <string.h>

/**
 * struct flow_held - A connection that is held back
 * @size:	Bytes of @flow
 * @flow:	A struct vsockhdr_flow without the zeros at its end: most connections have
 *		no finding, and the counts of findings are most of the structure
 */
struct flow_held {
	size_t size;
	unsigned char flow[];
};

_Static_assert(offsetof(struct vsockhdr_flow, findings) +
			       sizeof(((struct vsockhdr_flow *)0)->findings) +
			       _Alignof(struct vsockhdr_flow) >
		       sizeof(struct vsockhdr_flow),
	       "the counts of findings stand at the end");

bool flow_order_init(struct flow_order *order,
		     void (*emit)(void *context, const struct vsockhdr_flow *flow),
		     void *context)
{
	*order = (struct flow_order) { .emit = emit, .context = context };
	/* Pages of it that are never used cost nothing. */
	order->held = calloc(FLOW_ORDER_MAX, sizeof(struct flow_held *));
	return order->held != NULL;
}

static struct flow_held **place(const struct flow_order *order, uint64_t number)
{
	return &order->held[number % FLOW_ORDER_MAX];
}

static bool hold(struct flow_order *order, const struct vsockhdr_flow *flow)
{
	size_t kinds = VSOCKHDR_FINDING_COUNT;
	struct flow_held *held;
	size_t size;

	while (kinds > 0 && flow->findings[kinds - 1] == 0)
		kinds--;
	size = offsetof(struct vsockhdr_flow, findings) +
	       kinds * sizeof(flow->findings[0]);
	held = malloc(sizeof(*held) + size);
	if (!held)
		return false;
	held->size = size;
	memcpy(held->flow, flow, size);
	*place(order, flow->number) = held;
	order->count++;
	return true;
}

static void release(struct flow_order *order, struct flow_held **held)
{
	struct vsockhdr_flow flow = { 0 };

	memcpy(&flow, (*held)->flow, (*held)->size);
	free(*held);
	*held = NULL;
	order->count--;
	order->emit(order->context, &flow);
}

/* Hand on those that are next in order */
static void release_next(struct flow_order *order)
{
	while (order->count > 0 && *place(order, order->next))
		release(order, place(order, order->next++));
}

void flow_order_flush(struct flow_order *order)
{
	for (; order->count > 0; order->next++)
		if (*place(order, order->next))
			release(order, place(order, order->next));
}

void flow_order_add(struct flow_order *order, const struct vsockhdr_flow *flow)
{
	if (flow->number > order->next && flow->number - order->next >= FLOW_ORDER_MAX) {
		flow_order_flush(order);
		order->next = flow->number;
	}
	if (flow->number > order->next && hold(order, flow))
		return;
	order->emit(order->context, flow);
	if (flow->number == order->next) {
		order->next++;
		release_next(order);
	}
}

void flow_order_free(struct flow_order *order)
{
	for (size_t i = 0; order->count > 0; i++) {
		if (order->held[i])
			order->count--;
		free(order->held[i]);
	}
	free(order->held);
}
