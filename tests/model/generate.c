/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Correct peers, as generate.h says: a handful of connections take turns, each step of
 * one of them being a packet or bytes read in silence. Time stands nearly still while
 * somebody owes an answer, and otherwise may pass by seconds.
 *
 * The order of packets is that of a capture at one of the ends. So an end may send into a
 * promise that its peer has just taken back, and a CREDIT_UPDATE may come after an RST.
 */

#include "generate.h"

#include <stdlib.h>
#include <string.h>

#include "peers.h"

/* splitmix64 (Steele, Lea and Flood, 2014) */
uint64_t next_number(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t below(struct generator *g, uint64_t limit)
{
	return next_number(&g->seed) % limit;
}

static bool percent(struct generator *g, unsigned int chance)
{
	return below(g, 100) < chance;
}

static struct packet *new_packet(struct sequence *sequence)
{
	if (sequence->count == sequence->room) {
		sequence->room = 2 * sequence->room + 64;
		sequence->packet = realloc(sequence->packet,
					   sequence->room * sizeof(*sequence->packet));
		if (!sequence->packet)
			abort();
	}
	return &sequence->packet[sequence->count++];
}

struct packet *emit(struct generator *g, struct connection *c, int from, uint16_t op,
		    uint32_t len, uint32_t flags)
{
	struct peer *peer = &c->peer[from];
	struct packet *packet = new_packet(g->sequence);

	*packet = (struct packet) {
		.src = peer->addr,
		.dst = c->peer[!from].addr,
		.time_ns = g->now_ns,
		.flags = flags,
		.len = len,
		.buf_alloc = peer->buf_alloc,
		.fwd_cnt = (uint32_t)peer->consumed,
		.type = c->type,
		.op = op,
	};
	if (op == VSOCKHDR_OP_RST) {
		if (peer->owed > 0)
			peer->owed--;
		return packet;
	}
	if (op == VSOCKHDR_OP_SHUTDOWN || c->phase == DEAD)
		c->peer[!from].owed++;
	peer->announced = peer->consumed;
	peer->promised = peer->consumed + peer->buf_alloc;
	if (peer->promised > peer->edge)
		peer->edge = peer->promised;
	peer->sent += len;
	return packet;
}

static uint32_t choose_buffer(struct generator *g, const struct connection *c)
{
	static const uint32_t sizes[] = { 1, 128, 4096, 65536, 262144, 262144 };

	if (c->large)
		return UINT32_C(0x40000000) + (uint32_t)below(g, 0x20000000);
	return sizes[below(g, sizeof(sizes) / sizeof(sizes[0]))];
}

static void request(struct generator *g, struct connection *c)
{
	c->client = percent(g, 10);
	c->type = percent(g, 40) ? VSOCKHDR_TYPE_SEQPACKET : VSOCKHDR_TYPE_STREAM;
	c->large = percent(g, 25);
	c->asked = -1;
	for (int i = 0; i < 2; i++)
		c->peer[i] = (struct peer) { .addr = c->peer[i].addr,
					     .buf_alloc = choose_buffer(g, c) };
	emit(g, c, c->client, VSOCKHDR_OP_REQUEST, 0, 0);
	c->phase = REQUESTED;
}

static void end(struct connection *c, int from)
{
	c->phase = DEAD;
	c->rst = from;
	c->last_rst = false;
}

static void reset(struct generator *g, struct connection *c, int from)
{
	emit(g, c, from, VSOCKHDR_OP_RST, 0, 0);
	end(c, from);
}

static void answer(struct generator *g, struct connection *c)
{
	struct packet *packet;

	if (percent(g, 80)) {
		emit(g, c, !c->client, VSOCKHDR_OP_RESPONSE, 0, 0);
		c->phase = OPEN;
	} else if (percent(g, 80)) {
		packet = emit(g, c, !c->client, VSOCKHDR_OP_RST, 0, 0);
		packet->buf_alloc = 0;
		end(c, !c->client);
		c->last_rst = true;
	} else {
		reset(g, c, c->client);
	}
}

/* Sends what the peer has room for; sometimes all of it, sometimes what it had promised
 * before it made its buffer smaller. */
static void send_data(struct generator *g, struct connection *c, int from)
{
	struct peer *peer = &c->peer[from];
	const struct peer *other = &c->peer[!from];
	uint64_t edge = percent(g, 5) ? other->edge : other->promised;
	uint64_t most = c->large ? UINT32_C(0x3fffffff) : VSOCKHDR_MAX_PAYLOAD;
	uint32_t flags = 0;
	uint64_t len;

	if ((peer->shut & VSOCKHDR_SHUTDOWN_SEND) ||
	    (other->shut & VSOCKHDR_SHUTDOWN_RECEIVE) || edge <= peer->sent)
		return;
	if (edge - peer->sent < most)
		most = edge - peer->sent;
	len = percent(g, 40) ? most : 1 + below(g, most);
	peer->message += len;
	if (c->type == VSOCKHDR_TYPE_SEQPACKET && percent(g, 60)) {
		flags = VSOCKHDR_SEQ_EOM | (percent(g, 30) ? VSOCKHDR_SEQ_EOR : 0);
		peer->message = 0;
	}
	emit(g, c, from, VSOCKHDR_OP_RW, (uint32_t)len, flags);
}

/* A counter may not jump by 2^31 or more, lest it seem to go backwards. */
static void consume(struct generator *g, struct connection *c, int from)
{
	struct peer *peer = &c->peer[from];
	uint64_t most = c->peer[!from].sent - peer->consumed;
	uint64_t limit = peer->announced + INT32_MAX - peer->consumed;

	if (most > limit)
		most = limit;
	peer->consumed += percent(g, 50) ? most : below(g, most + 1);
}

static void shut_down(struct generator *g, struct connection *c, int from)
{
	uint32_t flags = percent(g, 50) ? 3 : 1 + (uint32_t)below(g, 3);
	bool to_peer;
	bool from_peer;

	c->peer[from].shut |= flags;
	emit(g, c, from, VSOCKHDR_OP_SHUTDOWN, 0, c->peer[from].shut);
	to_peer = (c->peer[0].shut & VSOCKHDR_SHUTDOWN_SEND) ||
		  (c->peer[1].shut & VSOCKHDR_SHUTDOWN_RECEIVE);
	from_peer = (c->peer[1].shut & VSOCKHDR_SHUTDOWN_SEND) ||
		    (c->peer[0].shut & VSOCKHDR_SHUTDOWN_RECEIVE);
	if (to_peer && from_peer)
		c->phase = COMPLETE;
	c->rst = !from;
}

static void exchange(struct generator *g, struct connection *c)
{
	int from = (int)below(g, 2);
	uint64_t what = below(g, 100);

	if (c->asked >= 0) {
		from = !c->asked;
		c->asked = -1;
		consume(g, c, from);
		emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	} else if (what < 50) {
		send_data(g, c, from);
	} else if (what < 70) {
		consume(g, c, from);
		emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	} else if (what < 82) {
		consume(g, c, from);
	} else if (what < 88) {
		emit(g, c, from, VSOCKHDR_OP_CREDIT_REQUEST, 0, 0);
		c->asked = from;
	} else if (what < 93) {
		c->peer[from].buf_alloc = choose_buffer(g, c);
		emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	} else if (what < 97) {
		shut_down(g, c, from);
	} else {
		reset(g, c, from);
	}
}

static void finish(struct generator *g, struct connection *c)
{
	int from = c->rst;

	if (percent(g, 25)) {
		consume(g, c, from);
		emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	} else {
		reset(g, c, percent(g, 95) ? from : !from);
	}
}

/* What may come after the first RST: the same again, or one from the other end; a late
 * CREDIT_UPDATE; the next connection */
static void after_end(struct generator *g, struct connection *c)
{
	if (!c->last_rst && percent(g, 50)) {
		emit(g, c, percent(g, 70) ? c->rst : !c->rst, VSOCKHDR_OP_RST, 0, 0);
		c->last_rst = true;
	} else if (percent(g, 8)) {
		emit(g, c, (int)below(g, 2), VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	} else if (percent(g, 40)) {
		request(g, c);
	}
}

bool obliged(const struct generator *g)
{
	for (size_t i = 0; i < CONNECTIONS; i++) {
		const struct connection *c = &g->connection[i];

		if (c->phase == REQUESTED || c->phase == COMPLETE ||
		    (c->phase == OPEN && c->asked >= 0))
			return true;
	}
	return false;
}

static void pass_time(struct generator *g)
{
	uint64_t how = below(g, 100);

	if (how < 90)
		g->now_ns += (int64_t)below(g, 200) * MICROSECOND;
	else if (how < 97 || obliged(g))
		g->now_ns += (int64_t)below(g, 5) * MILLISECOND;
	else
		g->now_ns += (int64_t)below(g, 20000) * MILLISECOND;
}

static void step(struct generator *g, struct connection *c)
{
	switch (c->phase) {
	case IDLE:
		request(g, c);
		break;
	case REQUESTED:
		answer(g, c);
		break;
	case OPEN:
		exchange(g, c);
		break;
	case COMPLETE:
		finish(g, c);
		break;
	case DEAD:
		after_end(g, c);
		break;
	}
}

void generate(struct sequence *sequence, uint64_t seed, size_t count,
	      enum vsockhdr_finding_id fault, size_t fault_at)
{
	struct generator g = { .sequence = sequence, .seed = seed, .now_ns = START_NS };

	sequence->count = 0;
	sequence->faulty = false;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		g.connection[i].peer[0].addr = (struct vsockhdr_addr) { 3, 1024 };
		/* The last two differ in a CID alone, the others in a port. */
		g.connection[i].peer[1].addr =
			(struct vsockhdr_addr) { i < 3 ? 2 : 4,
						 i < 3 ? 1234 + (uint32_t)i : 1236 };
	}
	while (sequence->count < count) {
		struct connection *c = &g.connection[below(&g, CONNECTIONS)];

		if (fault != NO_FAULT && !sequence->faulty &&
		    sequence->count >= fault_at && inject(&g, c, fault))
			sequence->faulty = true;
		else
			step(&g, c);
		pass_time(&g);
	}
}
