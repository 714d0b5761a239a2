/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: the order of last packets is a list through the flows, so that the
 * connection that was silent longest is known without a search. To keep it costs each
 * packet a look at two other flows, and nobody asks for it while there is room: so those
 * that are not over are brought into order when it is asked for, and kept so from then
 * on. Those that are over get few packets, and are always in order.
 */

#include "flow_list.h"

#include <stdlib.h>

/* By last packets */

void flow_list_remove(struct flow_table *table, const struct flow *flow,
		      unsigned int which)
{
	const struct flow_link *link = &flow->link;
	struct flow_list *list = &table->lists[which];

	if (link->older)
		flow_of(table, link->older)->link.newer = link->newer;
	else
		list->oldest = link->newer;
	if (link->newer)
		flow_of(table, link->newer)->link.older = link->older;
	else
		list->newest = link->older;
}

void flow_list_add(struct flow_table *table, struct flow *flow, unsigned int which)
{
	struct flow_list *list = &table->lists[which];

	flow->link = (struct flow_link) { .older = list->newest };
	if (list->newest)
		flow_of(table, list->newest)->link.newer = flow->self;
	else
		list->oldest = flow->self;
	list->newest = flow->self;
}

/* Shell's: in place, where qsort() takes as much memory again */
static void sort(uint64_t *keys, size_t count)
{
	for (size_t gap = count / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) {
		for (size_t i = gap; i < count; i++) {
			uint64_t key = keys[i];
			size_t to = i;

			for (; to >= gap && keys[to - gap] > key; to -= gap)
				keys[to] = keys[to - gap];
			keys[to] = key;
		}
	}
}

/* Flows that are not over: how long ago their last packets were, the
 * longest first, above their numbers */
static size_t list_ages(const struct flow_table *table, uint64_t frame, uint64_t *to)
{
	flow_ref ref = flow_table_first(table, false);
	size_t count = 0;

	for (; ref; ref = flow_table_next(table, ref)) {
		const struct flow *flow = flow_of(table, ref);
		uint64_t ago = frame - (flow->first_frame + flow->last_frame);

		to[count++] =
			(uint64_t)(ago < UINT32_MAX ? ~(uint32_t)ago : 0) << 32 | ref;
	}
	return count;
}

/* Without memory the order remains that of their beginnings */
static void order(struct flow_table *table, uint64_t frame)
{
	uint64_t *ages = calloc(table->count + 1, sizeof(*ages));
	size_t count;

	table->ordered = true;
	if (!ages)
		return;
	count = list_ages(table, frame, ages);
	sort(ages, count);
	table->lists[FLOW_LIVE] = (struct flow_list) { 0 };
	for (size_t i = 0; i < count; i++)
		flow_list_add(table, flow_of(table, (flow_ref)ages[i]), FLOW_LIVE);
	free(ages);
}

static flow_ref first_resting(const struct flow_table *table)
{
	uint32_t place = rest_ring_first(&table->ring);

	return place != REST_NONE ? place | RESTS : 0;
}

flow_ref flow_table_oldest(struct flow_table *table, uint64_t frame)
{
	flow_ref ref = first_resting(table);

	if (!ref)
		ref = table->lists[FLOW_RETIRED].oldest;
	if (ref)
		return ref;
	if (!table->ordered)
		order(table, frame);
	return table->lists[FLOW_LIVE].oldest;
}

flow_ref flow_table_first(const struct flow_table *table, bool over)
{
	flow_ref ref = over ? first_resting(table) : table->lists[FLOW_LIVE].oldest;

	return ref || !over ? ref : table->lists[FLOW_RETIRED].oldest;
}

flow_ref flow_table_next(const struct flow_table *table, flow_ref ref)
{
	uint32_t place;

	if (!rests(ref))
		return flow_of(table, ref)->link.newer;
	place = rest_ring_next(&table->ring, ref & ~RESTS);
	return place != REST_NONE ? place | RESTS : table->lists[FLOW_RETIRED].oldest;
}

/* By numbers */

/** struct numbered - A flow and its number */
struct numbered {
	uint64_t number;
	flow_ref flow;
};

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = ((const struct numbered *)a)->number;
	uint64_t y = ((const struct numbered *)b)->number;

	return (x > y) - (x < y);
}

static size_t list_numbers(const struct flow_table *table, bool all, struct numbered *to)
{
	unsigned int kinds = all ? 2 : 1;
	size_t count = 0;

	for (unsigned int over = 0; over < kinds; over++) {
		flow_ref ref = flow_table_first(table, over);

		for (; ref; ref = flow_table_next(table, ref)) {
			to[count].number = rests(ref) ? resting_of(table, ref)->number
						      : flow_of(table, ref)->number;
			to[count++].flow = ref;
		}
	}
	return count;
}

/* Numbers are mostly dense: then each flow goes to its place at once. */
static bool sort_by_place(const struct numbered *from, size_t count, flow_ref *to)
{
	uint64_t min = UINT64_MAX;
	uint64_t max = 0;
	flow_ref *places;
	size_t done = 0;

	for (size_t i = 0; i < count; i++) {
		min = from[i].number < min ? from[i].number : min;
		max = from[i].number > max ? from[i].number : max;
	}
	if (count == 0 || (max - min) / 4 > count)
		return false;
	places = calloc((size_t)(max - min) + 1, sizeof(*places));
	if (!places)
		return false;
	for (size_t i = 0; i < count; i++)
		places[from[i].number - min] = from[i].flow;
	for (size_t i = 0; done < count; i++)
		if (places[i])
			to[done++] = places[i];
	free(places);
	return true;
}

flow_ref *flow_table_sorted(const struct flow_table *table, bool all)
{
	struct numbered *numbered = calloc(table->count + 1, sizeof(*numbered));
	flow_ref *sorted = calloc(table->count + FLOW_SORTED_LEAD, sizeof(*sorted));
	size_t count;

	if (!numbered || !sorted) {
		free(numbered);
		free(sorted);
		return NULL;
	}
	count = list_numbers(table, all, numbered);
	if (!sort_by_place(numbered, count, sorted)) {
		qsort(numbered, count, sizeof(*numbered), compare_numbers);
		for (size_t i = 0; i < count; i++)
			sorted[i] = numbered[i].flow;
	}
	free(numbered);
	return sorted;
}
