/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_FLOW_TABLE_H
#define VSOCKHDR_FLOW_TABLE_H

/*
 * The connections that a tracker remembers, found by their pair of addresses, in the
 * order in which they make room. Those that are over take less of it (flow_rest.h).
 * Private to the library.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vsockhdr/tracker.h>

#include "pool.h"
#include "rest_ring.h"

/** enum flow_state - Where a connection stands */
enum flow_state {
	/** REQUEST seen, no answer */
	FLOW_REQUESTED,
	/** Accepted, or begun before the capture */
	FLOW_OPEN,
	/** RST seen */
	FLOW_OVER,
};

/**
 * struct mark - A packet that may yet matter
 * @ns:		Its time
 * @frame:	Its number, counted from the flow's first packet
 */
struct mark {
	int64_t ns;
	uint32_t frame;
};

/**
 * struct flow_end - One end of a connection
 * @tx:		Payload bytes that it sent
 * @fwd:	fwd_cnt that it last said, extended to 64 bits
 * @stall_ns:	How long it was without credit
 * @rw_ns:	Time of its last RW or, while it is stalled, of the RW that used up its
 *		credit
 * @rw_frame:	That packet, counted from the flow's first
 * @packets:	How many it sent
 * @buf_alloc:	What it last said
 * @max_buf_alloc:	The most that it ever said
 * @promise:	How far beyond @fwd the furthest edge is that it ever promised
 * @min_free:	Smallest credit after an RW of its own; valid if @has_min_free
 * @message:	Bytes of the message that it is in the middle of (seqpacket)
 * @shut:	SHUTDOWN flags that it sent
 */
struct flow_end {
	uint64_t tx;
	uint64_t fwd;
	int64_t stall_ns;
	int64_t rw_ns;
	uint32_t rw_frame;
	uint32_t packets;
	uint32_t buf_alloc;
	uint32_t max_buf_alloc;
	uint32_t promise;
	uint32_t min_free;
	uint32_t message;
	uint8_t shut;
	bool said_credit : 1;
	bool stalled : 1;
	bool has_min_free : 1;
	bool in_message : 1;
	bool message_reported : 1;
	bool zero_reported : 1;
	bool ahead_reported : 1;
};

/**
 * struct flow_split - An RW with more payload than its len says
 * @mark:	The packet
 * @payload:	Bytes of its payload; 0: there is none
 * @len:	What its header says
 */
struct flow_split {
	struct mark mark;
	uint64_t payload;
	uint32_t len;
};

/**
 * struct flow_extra - What only some connections have at some time
 * @request:	CREDIT_REQUEST of each end that waits for an answer
 * @split:	Last packet of each end, if its payload is longer than its len
 * @shutdown:	The last SHUTDOWN before both directions were shut down
 * @duplicate:	A REQUEST on the living connection, to be judged
 * @previous_end_ns:	When the previous connection of the pair, ended by an RST, had
 *			its last packet; valid if @has_previous
 * @previous_last_rst:	End of that one that sent the last RST
 * @previous_both_rst:	Both ends of that one had sent an RST
 * @violation:	The last packet of each end, counted from the flow's first and one more,
 *		if it was a violation; else 0
 * @held_first:	First finding that is held back
 * @held_last:	Last one
 * @held_count:	How many
 * @request_open:	@request of an end is set, and may still be answered in time
 * @request_late:	It is set, and was not
 * @shutdown_end:	End that sent @shutdown
 * @duplicate_end:	End that sent @duplicate
 */
struct flow_extra {
	struct mark request[2];
	struct flow_split split[2];
	struct mark shutdown;
	struct mark duplicate;
	int64_t previous_end_ns;
	struct vsockhdr_addr previous_last_rst;
	uint32_t violation[2];
	uint32_t held_first;
	uint32_t held_last;
	uint32_t held_count;
	bool request_open[2];
	bool request_late[2];
	bool has_previous;
	bool previous_both_rst;
	uint8_t shutdown_end;
	uint8_t duplicate_end;
};

/** struct flow_tally - Findings of a connection by kind */
struct flow_tally {
	uint32_t count[VSOCKHDR_FINDING_COUNT];
};

/** What names a flow in the table: 0 is none; see flow_table_at() */
typedef uint32_t flow_ref;

/** struct flow_link - Its neighbours in the order of last packets */
struct flow_link {
	flow_ref older;
	flow_ref newer;
};

/**
 * struct flow - A connection
 *
 * Kept small: a million of them are to fit in 256 MiB.
 */
struct flow {
	/* The table's */
	struct flow_link link;
	flow_ref self;
	/* Of the table's pools */
	uint32_t extra;
	uint32_t tally;

	/** Packets that the capture had lost when the flow began */
	uint32_t lost;
	uint64_t number;
	uint64_t cid[2];
	uint32_t port[2];
	uint64_t first_frame;
	int64_t first_ns;
	int64_t last_ns;
	int64_t setup_ns;
	uint32_t last_frame;
	uint16_t type;
	uint8_t state;
	uint8_t setup;
	uint8_t close;
	uint8_t closed_by;
	/** Ends that sent an RST, a bit each */
	uint8_t rst;
	/** End that sent the last RST */
	uint8_t last_rst;
	/** Packets that each end got and may yet answer by an RST: SHUTDOWNs, and what
	 * came when the connection was over */
	uint8_t owed[2];
	/** The capture has its REQUEST */
	bool begun : 1;
	/** Both ends have the same address */
	bool same : 1;
	/** Another connection has the same pair of addresses */
	bool shared : 1;
	bool duplicate_open : 1;
	bool unanswered_reported : 1;
	/** Its client had not finished the previous connection of the pair, which may be
	 * why nobody answers */
	bool pair_busy : 1;
	bool no_rst_reported : 1;
	bool half_open_reported : 1;
	/** Nothing but credit has followed the last SHUTDOWN */
	bool quiet : 1;
	/** Another packet than an RST was seen */
	bool talked : 1;
	/** It rests, or is in the list FLOW_RETIRED */
	bool retired : 1;
	struct flow_end end[2];
};

/**
 * struct flow_list - Flows by the time of their last packets, see @ordered below
 * @oldest:	The flow that was silent longest
 * @newest:	The flow of the last packet
 */
struct flow_list {
	flow_ref oldest;
	flow_ref newest;
};

/** Which list a flow is in: of those that are not over, or of those that are, and awake
 */
#define FLOW_LIVE    0
#define FLOW_RETIRED 1

/**
 * struct flow_slot - A place of the hash table
 * @hash:	Of the flow's addresses
 * @flow:	The flow; 0: the place is free
 */
struct flow_slot {
	uint32_t hash;
	flow_ref flow;
};

/** From a packet's being expected on, its place is fetched from memory; so many packets
 * later, its flow. A power of two */
#define FLOW_EXPECTED 4

/**
 * struct flow_table - The connections
 * @flows:	struct flow
 * @extras:	struct flow_extra
 * @tallies:	struct flow_tally
 * @ring:	Those that rest. What they did is kept there, or only that they were
 * @woken:	One that rests while a packet of it is looked at
 * @slots:	The hash table
 * @slot_count:	Its places
 * @count:	Flows
 * @lists:	Those that are awake (FLOW_LIVE, FLOW_RETIRED)
 * @ordered:	FLOW_LIVE is in the order of last packets, else in any
 * @key:	Of the hash: a guest chooses its ports, and must not choose collisions
 * @expected:	Hashes of packets that will come soon, the latest ones
 * @expected_count:	How many there were, modulo 2^32
 */
struct flow_table {
	struct pool flows;
	struct pool extras;
	struct pool tallies;
	struct rest_ring ring;
	struct flow woken;
	struct flow_slot *slots;
	size_t slot_count;
	size_t count;
	struct flow_list lists[2];
	bool ordered;
	uint64_t key[3];
	uint32_t expected[FLOW_EXPECTED];
	uint32_t expected_count;
};

/**
 * flow_table_init() - Make an empty table
 * @table:	What to set
 * @keeps_rows:	Of a flow that is over, what it did is kept, not only that it was
 *
 * Return: false where there is no memory
 */
bool flow_table_init(struct flow_table *table, bool keeps_rows);

/** flow_table_clear() - Free everything */
void flow_table_clear(struct flow_table *table);

/** flow_table_empty() - Remove all flows */
void flow_table_empty(struct flow_table *table);

/**
 * flow_table_find() - The flow of a packet, which becomes the newest
 * @from:	Set to the end that the packet is from, if both ends differ
 *
 * Return: NULL where there is none. If it is over, flow_table_rest() is to follow
 */
struct flow *flow_table_find(struct flow_table *table, const struct vsockhdr *hdr,
			     enum vsockhdr_end *from);

/** flow_table_expect() - A packet will come soon: fetch what flow_table_find() will need.
 * Return: false where that is in the cache anyway */
bool flow_table_expect(struct flow_table *table, const struct vsockhdr_addr *src,
		       const struct vsockhdr_addr *dst);

/**
 * flow_table_add() - Add a flow; there must be none of that pair
 * @client:	The end that is its client
 * @server:	The other
 *
 * Return: all zero but the addresses; NULL where there is no memory
 */
struct flow *flow_table_add(struct flow_table *table, const struct vsockhdr_addr *client,
			    const struct vsockhdr_addr *server);

/** flow_table_rest() - A flow is over, and nobody holds a pointer to it any more: it
 * makes room before those that are not, and takes less room until then, if it can */
void flow_table_rest(struct flow_table *table, struct flow *flow);

/** flow_table_oldest() - The flow that makes room next; 0 in an empty table. @frame is
 * not before that of any packet */
flow_ref flow_table_oldest(struct flow_table *table, uint64_t frame);

/**
 * flow_table_at() - A flow
 * @table:	The table
 * @ref:	From flow_table_oldest(), flow_table_sorted(), a list or a link; not 0
 * @room:	Where a resting one goes, to be looked at, or removed, but not changed
 *
 * Return: the flow, which may be @room
 */
struct flow *flow_table_at(const struct flow_table *table, flow_ref ref,
			   struct flow *room);

/** How far flow_table_fetch() looks ahead */
#define FLOW_SORTED_LEAD 16

/** flow_table_fetch() - Fetch from memory what flow_table_at() will need soon: @next is
 * the next place of an array of flow_table_sorted() */
void flow_table_fetch(const struct flow_table *table, const flow_ref *next);

/** flow_table_outcome() - How a flow began and ended, from the same */
void flow_table_outcome(const struct flow_table *table, flow_ref ref,
			enum vsockhdr_setup *setup, enum vsockhdr_close *close);

/**
 * flow_table_sorted() - Flows in the order of their numbers
 * @table:	The table
 * @all:	Those that are over, too
 *
 * Return: an array for free(), with FLOW_SORTED_LEAD zeros at its end; NULL where there
 * is no memory
 */
flow_ref *flow_table_sorted(const struct flow_table *table, bool all);

/** flow_table_first() - A flow that is not over, or one that is; 0 where there is none */
flow_ref flow_table_first(const struct flow_table *table, bool over);

/** flow_table_next() - Another one, until 0 */
flow_ref flow_table_next(const struct flow_table *table, flow_ref ref);

/** flow_table_remove() - Remove a flow, which is gone then */
void flow_table_remove(struct flow_table *table, struct flow *flow);

/** flow_extra() - A flow's extra, or NULL */
static inline struct flow_extra *flow_extra(const struct flow_table *table,
					    const struct flow *flow)
{
	return pool_item(&table->extras, flow->extra);
}

/** flow_need_extra() - A flow's extra, made where it has none; NULL without memory */
struct flow_extra *flow_need_extra(struct flow_table *table, struct flow *flow);

/** flow_drop_extra() - A flow needs its extra no more */
void flow_drop_extra(struct flow_table *table, struct flow *flow);

/** flow_need_tally() - A flow's tally, likewise */
struct flow_tally *flow_need_tally(struct flow_table *table, struct flow *flow);

/** flow_address() - Address of an end */
static inline struct vsockhdr_addr flow_address(const struct flow *flow, unsigned int end)
{
	return (struct vsockhdr_addr) { flow->cid[end], flow->port[end] };
}

#endif
