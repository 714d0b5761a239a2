/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_MODEL_PEERS_H
#define VSOCKHDR_MODEL_PEERS_H

/*
 * What generate.c and faults.c share: the peers whose packets make a sequence, as they
 * know themselves, not as the wire shows them.
 */

#include "generate.h"

enum phase { IDLE, REQUESTED, OPEN, COMPLETE, DEAD };

/**
 * struct peer - An end of a connection
 * @buf_alloc:	Its receive buffer
 * @edge:	Furthest that it ever promised
 * @promised:	What it promises now
 * @sent:	Bytes that it has sent
 * @consumed:	Bytes that it has read
 * @shut:	Flags of its SHUTDOWNs
 * @message:	Bytes of its unfinished message
 * @owed:	Packets that it got and may answer by an RST
 */
struct peer {
	struct vsockhdr_addr addr;
	uint32_t buf_alloc;
	uint64_t edge;
	uint64_t promised;
	uint64_t sent;
	uint64_t consumed;
	uint64_t announced;
	uint32_t shut;
	uint64_t message;
	unsigned int owed;
};

/**
 * struct connection - Two ends
 * @large:	Its packets are far larger than Linux makes them, so that its counters
 *		soon pass 2^32
 * @asked:	Who waits for credit after a CREDIT_REQUEST, or -1
 * @rst:	Who sent the RST
 * @last_rst:	The last of its RSTs has been sent
 */
struct connection {
	struct peer peer[2];
	enum phase phase;
	int client;
	uint16_t type;
	bool large;
	int asked;
	int rst;
	bool last_rst;
};

#define CONNECTIONS 4

struct generator {
	struct sequence *sequence;
	uint64_t seed;
	int64_t now_ns;
	struct connection connection[CONNECTIONS];
};

/** below() - A random number from 0 to @limit - 1 */
uint64_t below(struct generator *g, uint64_t limit);

/** emit() - One end of a connection sends a packet; returns it, to be spoilt */
struct packet *emit(struct generator *g, struct connection *c, int from, uint16_t op,
		    uint32_t len, uint32_t flags);

/** obliged() - Somebody has to answer, so that time must not pass */
bool obliged(const struct generator *g);

/** inject() - Commit a fault in a connection, if it is one where that can be done */
bool inject(struct generator *g, struct connection *c, enum vsockhdr_finding_id fault);

#endif
