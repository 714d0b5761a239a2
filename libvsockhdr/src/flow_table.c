/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The table of connections.
 *
 * Theory of operation: a hash table with open addressing. A place holds a hash and the
 * number of a flow, which is half as large as a pointer; so the search looks at the flow
 * only where it is very likely the right one, and the table grows without a look at any.
 * Places are in the order of hashes, but for collisions: so the table may have any number
 * of them, and to grow is one walk through the old and the new. Both directions of a
 * connection must have the same hash, so the hashes of its two addresses are added.
 *
 * A flow that is over rests: it is kept in another form, and wakes, in a place that is
 * there for that, for as long as a packet of it is looked at.
 */

#include "flow_table.h"

#include <string.h>
#include <sys/random.h>

#include "flow_list.h"
#include "flow_rest.h"
#include "pages.h"

#define FIRST_SLOTS 1024

/* Fewer flows, and fewer places, than this are in the processor's cache anyway */
#define FETCHED_FLOWS 16384
#define FETCHED_SLOTS 65536

/* Hashes */

static uint64_t hash_address(const struct flow_table *table, uint64_t cid, uint32_t port)
{
	uint64_t x = table->key[0] + cid * table->key[1] + port * table->key[2];

	/* From the finaliser of MurmurHash3 */
	x ^= x >> 32;
	x *= UINT64_C(0xff51afd7ed558ccd);
	return x ^ (x >> 33);
}

static uint32_t hash_pair(const struct flow_table *table, uint64_t cid_a, uint32_t port_a,
			  uint64_t cid_b, uint32_t port_b)
{
	return (uint32_t)(hash_address(table, cid_a, port_a) +
			  hash_address(table, cid_b, port_b));
}

static uint32_t hash_flow(const struct flow_table *table, const struct flow *flow)
{
	return hash_pair(table, flow->cid[0], flow->port[0], flow->cid[1], flow->port[1]);
}

/* Without random numbers the addresses of memory must do. */
static void make_key(struct flow_table *table)
{
	if (getrandom(table->key, sizeof(table->key), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(table->key))
		table->key[0] = (uintptr_t)table;
	/* Odd factors lose no bit. */
	table->key[1] |= 1;
	table->key[2] |= 1;
}

/* Places */

static size_t next_slot(const struct flow_table *table, size_t slot)
{
	return slot + 1 == table->slot_count ? 0 : slot + 1;
}

static size_t first_slot(const struct flow_table *table, uint32_t hash)
{
	return (size_t)((uint64_t)hash * table->slot_count >> 32);
}

/* How far a place is behind another */
static size_t distance(const struct flow_table *table, size_t from, size_t to)
{
	return to >= from ? to - from : to + table->slot_count - from;
}

static void put(struct flow_table *table, uint32_t hash, flow_ref ref)
{
	size_t slot = first_slot(table, hash);

	while (table->slots[slot].flow)
		slot = next_slot(table, slot);
	table->slots[slot] = (struct flow_slot) { hash, ref };
}

static struct flow_slot *find_slot(const struct flow_table *table, uint32_t hash,
				   flow_ref ref)
{
	size_t slot = first_slot(table, hash);

	while (table->slots[slot].flow != ref)
		slot = next_slot(table, slot);
	return &table->slots[slot];
}

static struct flow_slot *slot_of(const struct flow_table *table, const struct flow *flow)
{
	return find_slot(table, hash_flow(table, flow), flow->self);
}

/* Free a place. Those behind it move up, where that is not before their first one */
static void take_out(struct flow_table *table, const struct flow *flow)
{
	size_t hole = (size_t)(slot_of(table, flow) - table->slots);
	size_t slot = hole;

	for (;;) {
		size_t first;

		slot = next_slot(table, slot);
		if (!table->slots[slot].flow)
			break;
		first = first_slot(table, table->slots[slot].hash);
		if (distance(table, first, slot) < distance(table, hole, slot))
			continue;
		table->slots[hole] = table->slots[slot];
		hole = slot;
	}
	table->slots[hole].flow = 0;
}

static struct flow_slot *make_slots(size_t count)
{
	return pages_resize(NULL, 0, count * sizeof(struct flow_slot));
}

static void free_slots(struct flow_slot *slots, size_t count)
{
	pages_free(slots, count * sizeof(*slots));
}

/* More places; without memory they become as full as can be. Each place costs memory, so
 * many of them grow by less */
static bool grow(struct flow_table *table)
{
	size_t old_count = table->slot_count;
	size_t count = old_count < FETCHED_SLOTS ? old_count * 2 : old_count / 2 * 3;
	struct flow_slot *old = table->slots;
	struct flow_slot *slots = make_slots(count);

	if (!slots)
		return table->count + 1 < table->slot_count;
	table->slots = slots;
	table->slot_count = count;
	for (size_t i = 0; i < old_count; i++)
		if (old[i].flow)
			put(table, old[i].hash, old[i].flow);
	free_slots(old, old_count);
	return true;
}

/* The table */

static void init_pools(struct flow_table *table)
{
	pool_init(&table->flows, sizeof(struct flow));
	pool_init(&table->extras, sizeof(struct flow_extra));
	pool_init(&table->tallies, sizeof(struct flow_tally));
}

bool flow_table_init(struct flow_table *table, bool keeps_rows)
{
	*table = (struct flow_table) { .slot_count = FIRST_SLOTS };
	init_pools(table);
	rest_ring_init(&table->ring, keeps_rows);
	make_key(table);
	table->slots = make_slots(table->slot_count);
	return table->slots != NULL;
}

static void clear_flows(struct flow_table *table)
{
	pool_clear(&table->flows);
	pool_clear(&table->extras);
	pool_clear(&table->tallies);
	rest_ring_clear(&table->ring);
}

void flow_table_clear(struct flow_table *table)
{
	clear_flows(table);
	free_slots(table->slots, table->slot_count);
	table->slots = NULL;
}

void flow_table_empty(struct flow_table *table)
{
	clear_flows(table);
	memset(table->slots, 0, table->slot_count * sizeof(*table->slots));
	memset(table->lists, 0, sizeof(table->lists));
	table->count = 0;
	table->ordered = false;
}

/* Rest */

static struct flow *wake(struct flow_table *table, flow_ref ref)
{
	flow_wake(&table->woken, resting_of(table, ref), row_of(table, ref));
	table->woken.self = ref;
	return &table->woken;
}

static void drop_tally(struct flow_table *table, struct flow *flow)
{
	if (flow->tally)
		pool_return(&table->tallies, flow->tally);
	flow->tally = POOL_NONE;
}

static void on_moved(void *context, uint32_t from, uint32_t to)
{
	struct flow_table *table = context;
	const struct flow_resting *resting = resting_of(table, to);
	uint32_t hash = hash_pair(table, resting->cid[0], resting->port[0],
				  resting->cid[1], resting->port[1]);

	find_slot(table, hash, from | RESTS)->flow = to | RESTS;
}

/* Room for a resting flow; 0 where there is none */
static flow_ref take_resting(struct flow_table *table)
{
	uint32_t place = rest_ring_add(&table->ring);

	if (place == REST_NONE && rest_ring_widen(&table->ring, on_moved, table))
		place = rest_ring_add(&table->ring);
	return place != REST_NONE ? place | RESTS : 0;
}

/* One that was woken goes back to its place. */
static bool lay_down(struct flow_table *table, struct flow *flow)
{
	flow_ref ref = rests(flow->self) ? flow->self : take_resting(table);

	if (!ref)
		return false;
	if (!table->ring.keeps_rows)
		drop_tally(table, flow);
	flow_lay_down(resting_of(table, ref), row_of(table, ref), flow);
	if (ref != flow->self) {
		slot_of(table, flow)->flow = ref;
		flow_list_remove(table, flow, flow->retired);
		pool_return(&table->flows, flow->self);
	}
	return true;
}

/* One that was woken cannot go on resting. */
static bool get_up(struct flow_table *table, const struct flow *woken)
{
	uint32_t number = pool_take(&table->flows);
	struct flow *flow = flow_of(table, number);

	if (!flow)
		return false;
	slot_of(table, woken)->flow = number;
	rest_ring_remove(&table->ring, woken->self & ~RESTS);
	*flow = *woken;
	flow->self = number;
	flow_list_add(table, flow, FLOW_RETIRED);
	return true;
}

void flow_table_rest(struct flow_table *table, struct flow *flow)
{
	/* What waits for another packet must wait awake. */
	if (flow_can_rest(flow) && !flow->extra && lay_down(table, flow))
		return;
	if (rests(flow->self)) {
		/* Without memory it waits no more. */
		if (!get_up(table, flow)) {
			flow_drop_extra(table, flow);
			(void)lay_down(table, flow);
		}
	} else if (!flow->retired) {
		flow_list_remove(table, flow, FLOW_LIVE);
		flow->retired = true;
		flow_list_add(table, flow, FLOW_RETIRED);
	}
}

/* Flows */

static bool is_from(const struct vsockhdr *hdr, uint64_t src_cid, uint32_t src_port,
		    uint64_t dst_cid, uint32_t dst_port)
{
	return hdr->src_cid == src_cid && hdr->src_port == src_port &&
	       hdr->dst_cid == dst_cid && hdr->dst_port == dst_port;
}

/* Whether a packet is of a connection: then from is set */
static inline bool is_of(const struct vsockhdr *hdr, const uint64_t cid[2],
			 const uint32_t port[2], enum vsockhdr_end *from)
{
	if (is_from(hdr, cid[0], port[0], cid[1], port[1]))
		*from = VSOCKHDR_CLIENT;
	else if (is_from(hdr, cid[1], port[1], cid[0], port[0]))
		*from = VSOCKHDR_SERVER;
	else
		return false;
	return true;
}

/* The flow of a place, if the packet is of it, and awake; or NULL */
static struct flow *try_slot(struct flow_table *table, const struct flow_slot *slot,
			     const struct vsockhdr *hdr, enum vsockhdr_end *from)
{
	struct flow *flow;

	if (rests(slot->flow)) {
		const struct flow_resting *resting = resting_of(table, slot->flow);
		const uint64_t cid[2] = { resting->cid[0], resting->cid[1] };

		return is_of(hdr, cid, resting->port, from) ? wake(table, slot->flow)
							    : NULL;
	}
	flow = flow_of(table, slot->flow);
	if (!is_of(hdr, flow->cid, flow->port, from))
		return NULL;
	if ((table->ordered || flow->retired) && flow->link.newer) {
		flow_list_remove(table, flow, flow->retired);
		flow_list_add(table, flow, flow->retired);
	}
	return flow;
}

struct flow *flow_table_find(struct flow_table *table, const struct vsockhdr *hdr,
			     enum vsockhdr_end *from)
{
	uint32_t hash = hash_pair(table, hdr->src_cid, hdr->src_port, hdr->dst_cid,
				  hdr->dst_port);
	size_t i = first_slot(table, hash);

	for (; table->slots[i].flow; i = next_slot(table, i)) {
		struct flow *flow = NULL;

		if (table->slots[i].hash == hash)
			flow = try_slot(table, &table->slots[i], hdr, from);
		if (flow)
			return flow;
	}
	return NULL;
}

/* Fetch a line into the cache. The compiler takes a function that does no more for one
 * without effect, and leaves out the call: the asm is an effect */
static void fetch_line(const void *line)
{
	__builtin_prefetch(line, 1);
	__asm__ volatile("");
}

static void fetch_flow(const struct flow_table *table, flow_ref ref)
{
	const uint8_t *item;

	if (rests(ref)) {
		item = (const uint8_t *)resting_of(table, ref);
		fetch_line(item);
		fetch_line(item + sizeof(struct flow_resting) - 1);
	} else {
		item = (const uint8_t *)flow_of(table, ref);
		for (size_t i = 0; i < sizeof(struct flow); i += POOL_LINE)
			fetch_line(item + i);
	}
}

void flow_table_fetch(const struct flow_table *table, const flow_ref *next)
{
	flow_ref far = next[FLOW_SORTED_LEAD - 1];
	flow_ref near = next[FLOW_SORTED_LEAD / 2];

	if (far)
		fetch_flow(table, far);
	if (near && rests(near) && table->ring.keeps_rows)
		fetch_line(row_of(table, near));
}

/* The flow of a place that has been fetched, or one of those behind it */
static void fetch_expected(const struct flow_table *table, uint32_t hash)
{
	size_t slot = first_slot(table, hash);

	while (table->slots[slot].flow && table->slots[slot].hash != hash)
		slot = next_slot(table, slot);
	if (table->slots[slot].flow)
		fetch_flow(table, table->slots[slot].flow);
}

static void expect(struct flow_table *table, const struct vsockhdr_addr *src,
		   const struct vsockhdr_addr *dst)
{
	uint32_t hash = hash_pair(table, src->cid, src->port, dst->cid, dst->port);
	uint32_t *place = &table->expected[table->expected_count++ % FLOW_EXPECTED];

	if (table->flows.used >= FETCHED_FLOWS)
		fetch_expected(table, *place);
	fetch_line(&table->slots[first_slot(table, hash)]);
	*place = hash;
}

bool flow_table_expect(struct flow_table *table, const struct vsockhdr_addr *src,
		       const struct vsockhdr_addr *dst)
{
	if (table->slot_count < FETCHED_SLOTS)
		return false;
	expect(table, src, dst);
	return true;
}

struct flow *flow_table_add(struct flow_table *table, const struct vsockhdr_addr *client,
			    const struct vsockhdr_addr *server)
{
	uint32_t number;
	struct flow *flow;

	if (table->count >= table->slot_count / 4 * 3 && !grow(table))
		return NULL;
	number = pool_take(&table->flows);
	if (!number || number >= RESTS)
		return NULL;
	flow = flow_of(table, number);
	flow->self = number;
	flow->cid[VSOCKHDR_CLIENT] = client->cid;
	flow->port[VSOCKHDR_CLIENT] = client->port;
	flow->cid[VSOCKHDR_SERVER] = server->cid;
	flow->port[VSOCKHDR_SERVER] = server->port;
	put(table, hash_flow(table, flow), number);
	flow_list_add(table, flow, FLOW_LIVE);
	table->count++;
	return flow;
}

struct flow *flow_table_at(const struct flow_table *table, flow_ref ref,
			   struct flow *room)
{
	if (!rests(ref))
		return flow_of(table, ref);
	flow_wake(room, resting_of(table, ref), row_of(table, ref));
	room->self = ref;
	return room;
}

void flow_table_outcome(const struct flow_table *table, flow_ref ref,
			enum vsockhdr_setup *setup, enum vsockhdr_close *close)
{
	const struct flow *flow;
	const struct flow_resting *resting;

	if (rests(ref)) {
		resting = resting_of(table, ref);
		*setup = (enum vsockhdr_setup)resting->setup;
		*close = (enum vsockhdr_close)resting->close;
	} else {
		flow = flow_of(table, ref);
		*setup = (enum vsockhdr_setup)flow->setup;
		*close = (enum vsockhdr_close)flow->close;
	}
}

void flow_drop_extra(struct flow_table *table, struct flow *flow)
{
	if (flow->extra)
		pool_return(&table->extras, flow->extra);
	flow->extra = POOL_NONE;
}

void flow_table_remove(struct flow_table *table, struct flow *flow)
{
	take_out(table, flow);
	flow_drop_extra(table, flow);
	drop_tally(table, flow);
	if (rests(flow->self)) {
		rest_ring_remove(&table->ring, flow->self & ~RESTS);
	} else {
		flow_list_remove(table, flow, flow->retired);
		pool_return(&table->flows, flow->self);
	}
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
