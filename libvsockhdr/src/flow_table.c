/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The table of connections.
 *
 * Theory of operation: chained hashing over numbers instead of pointers, which are half
 * as large. Both directions of a connection must have the same hash, so the hashes of
 * its two addresses are added. The order of last packets is a list through the same
 * items, so that the connection that was silent longest is known without a search.
 */

#include "flow_table.h"

#include <stdlib.h>
#include <sys/random.h>

#define FIRST_BUCKETS 1024

/* The finaliser of MurmurHash3: every bit of the input changes half of the output */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ (x >> 33);
}

static uint64_t hash_address(const struct flow_table *table, uint64_t cid, uint32_t port)
{
	return mix(mix(cid ^ table->seed) + port);
}

static size_t bucket_of(const struct flow_table *table, uint64_t cid_a, uint32_t port_a,
			uint64_t cid_b, uint32_t port_b)
{
	uint64_t hash =
		hash_address(table, cid_a, port_a) + hash_address(table, cid_b, port_b);

	return (size_t)mix(hash) & (table->bucket_count - 1);
}

static size_t bucket_of_flow(const struct flow_table *table, const struct flow *flow)
{
	return bucket_of(table, flow->cid[0], flow->port[0], flow->cid[1], flow->port[1]);
}

bool flow_table_init(struct flow_table *table)
{
	*table = (struct flow_table) { .bucket_count = FIRST_BUCKETS };
	pool_init(&table->flows, sizeof(struct flow));
	pool_init(&table->extras, sizeof(struct flow_extra));
	pool_init(&table->tallies, sizeof(struct flow_tally));
	/* Without random numbers the addresses of memory must do. */
	if (getrandom(&table->seed, sizeof(table->seed), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(table->seed))
		table->seed = (uintptr_t)table;
	table->buckets = calloc(table->bucket_count, sizeof(*table->buckets));
	return table->buckets != NULL;
}

void flow_table_clear(struct flow_table *table)
{
	pool_clear(&table->flows);
	pool_clear(&table->extras);
	pool_clear(&table->tallies);
	free(table->buckets);
	table->buckets = NULL;
}

static void unlink_age(struct flow_table *table, struct flow *flow)
{
	struct flow_list *list = &table->lists[flow->retired];

	if (flow->older)
		flow_table_at(table, flow->older)->newer = flow->newer;
	else
		list->oldest = flow->newer;
	if (flow->newer)
		flow_table_at(table, flow->newer)->older = flow->older;
	else
		list->newest = flow->older;
}

static void link_newest(struct flow_table *table, struct flow *flow, uint32_t number)
{
	struct flow_list *list = &table->lists[flow->retired];

	flow->older = list->newest;
	flow->newer = POOL_NONE;
	if (list->newest)
		flow_table_at(table, list->newest)->newer = number;
	else
		list->oldest = number;
	list->newest = number;
}

/* Its number, which only its neighbours or its list know */
static uint32_t number_of(const struct flow_table *table, const struct flow *flow)
{
	if (flow->older)
		return flow_table_at(table, flow->older)->newer;
	return table->lists[flow->retired].oldest;
}

void flow_table_retire(struct flow_table *table, struct flow *flow)
{
	uint32_t number = number_of(table, flow);

	unlink_age(table, flow);
	flow->retired = true;
	link_newest(table, flow, number);
}

struct flow *flow_table_oldest(const struct flow_table *table)
{
	uint32_t number = table->lists[FLOW_RETIRED].oldest;

	return flow_table_at(table, number ? number : table->lists[FLOW_LIVE].oldest);
}

static bool is_end(const struct flow *flow, unsigned int end, uint64_t cid, uint32_t port)
{
	return flow->cid[end] == cid && flow->port[end] == port;
}

struct flow *flow_table_find(struct flow_table *table, const struct vsockhdr *hdr,
			     enum vsockhdr_end *from)
{
	uint32_t number = table->buckets[bucket_of(table, hdr->src_cid, hdr->src_port,
						   hdr->dst_cid, hdr->dst_port)];
	struct flow *flow;

	for (; number; number = flow->hash_next) {
		flow = flow_table_at(table, number);
		if (is_end(flow, 0, hdr->src_cid, hdr->src_port) &&
		    is_end(flow, 1, hdr->dst_cid, hdr->dst_port))
			*from = VSOCKHDR_CLIENT;
		else if (is_end(flow, 1, hdr->src_cid, hdr->src_port) &&
			 is_end(flow, 0, hdr->dst_cid, hdr->dst_port))
			*from = VSOCKHDR_SERVER;
		else
			continue;
		if (flow->newer) {
			unlink_age(table, flow);
			link_newest(table, flow, number);
		}
		return flow;
	}
	return NULL;
}

/* More buckets, so that chains stay short; without memory they grow longer instead */
static void grow(struct flow_table *table)
{
	size_t old_count = table->bucket_count;
	uint32_t *old = table->buckets;
	uint32_t *buckets = calloc(old_count * 2, sizeof(*buckets));

	if (!buckets)
		return;
	table->buckets = buckets;
	table->bucket_count = old_count * 2;
	for (size_t i = 0; i < old_count; i++) {
		uint32_t number = old[i];

		while (number) {
			struct flow *flow = flow_table_at(table, number);
			uint32_t next = flow->hash_next;
			size_t bucket = bucket_of_flow(table, flow);

			flow->hash_next = buckets[bucket];
			buckets[bucket] = number;
			number = next;
		}
	}
	free(old);
}

struct flow *flow_table_add(struct flow_table *table, const struct vsockhdr_addr *client,
			    const struct vsockhdr_addr *server)
{
	uint32_t number = pool_take(&table->flows);
	struct flow *flow = flow_table_at(table, number);
	size_t bucket;

	if (!flow)
		return NULL;
	if (table->count == table->bucket_count)
		grow(table);
	flow->cid[VSOCKHDR_CLIENT] = client->cid;
	flow->port[VSOCKHDR_CLIENT] = client->port;
	flow->cid[VSOCKHDR_SERVER] = server->cid;
	flow->port[VSOCKHDR_SERVER] = server->port;
	bucket = bucket_of_flow(table, flow);
	flow->hash_next = table->buckets[bucket];
	table->buckets[bucket] = number;
	link_newest(table, flow, number);
	table->count++;
	return flow;
}

void flow_drop_extra(struct flow_table *table, struct flow *flow)
{
	if (flow->extra)
		pool_return(&table->extras, flow->extra);
	flow->extra = POOL_NONE;
}

void flow_table_remove(struct flow_table *table, struct flow *flow)
{
	uint32_t *link = &table->buckets[bucket_of_flow(table, flow)];
	uint32_t number;

	while (flow_table_at(table, *link) != flow)
		link = &flow_table_at(table, *link)->hash_next;
	number = *link;
	*link = flow->hash_next;
	unlink_age(table, flow);
	flow_drop_extra(table, flow);
	if (flow->tally)
		pool_return(&table->tallies, flow->tally);
	pool_return(&table->flows, number);
	table->count--;
}

struct flow_extra *flow_need_extra(struct flow_table *table, struct flow *flow)
{
	if (!flow->extra)
		flow->extra = pool_take(&table->extras);
	return flow_extra(table, flow);
}

struct flow_tally *flow_need_tally(struct flow_table *table, struct flow *flow)
{
	if (!flow->tally)
		flow->tally = pool_take(&table->tallies);
	return pool_item(&table->tallies, flow->tally);
}
