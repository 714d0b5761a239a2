/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The second model, as model.h says. What a packet means depends on the last connection
 * of its pair of addresses: an RST ends that, and a REQUEST begins the next one if it has
 * ended, if somebody has shut something down in it, or if it began before the capture, in
 * which case it may have ended before, too. Credit is counted from the REQUEST
 * on; in a connection whose REQUEST was not seen it is not known.
 */

#include "model.h"

#include <stdlib.h>
#include <string.h>

enum state { REQUESTED, ABORTED, ACCEPTED, MIDSTREAM, OVER };

/* heard: has sent a packet that told its buf_alloc and fwd_cnt */
struct side {
	struct vsockhdr_addr addr;
	bool heard;
	uint32_t buf_alloc;
	uint64_t consumed;
	uint64_t sent;
	uint32_t shut;
};

struct connection {
	struct side side[2];
	enum state state;
	bool heard;
	bool began;
	bool doubled;
	bool shared;
	int64_t request_ns;
	int64_t doubled_ns;
	int first_shutdown;
};

struct model {
	struct connection *connection;
	size_t count;
	size_t room;
};

struct model *model_new(void)
{
	struct model *model = calloc(1, sizeof(*model));

	if (!model)
		abort();
	return model;
}

void model_free(struct model *model)
{
	free(model->connection);
	free(model);
}

static bool same(const struct vsockhdr_addr *a, const struct vsockhdr_addr *b)
{
	return a->cid == b->cid && a->port == b->port;
}

static struct vsockhdr_addr src_of(const struct vsockhdr *hdr)
{
	return (struct vsockhdr_addr) { hdr->src_cid, hdr->src_port };
}

static struct vsockhdr_addr dst_of(const struct vsockhdr *hdr)
{
	return (struct vsockhdr_addr) { hdr->dst_cid, hdr->dst_port };
}

/* The last connection between two addresses, or NULL */
static struct connection *find(struct model *model, const struct vsockhdr *hdr)
{
	struct vsockhdr_addr src = src_of(hdr);
	struct vsockhdr_addr dst = dst_of(hdr);

	for (size_t i = model->count; i > 0; i--) {
		struct connection *c = &model->connection[i - 1];

		if (same(&c->side[0].addr, &src) && same(&c->side[1].addr, &dst))
			return c;
		if (same(&c->side[0].addr, &dst) && same(&c->side[1].addr, &src))
			return c;
	}
	return NULL;
}

static struct connection *begin(struct model *model, const struct vsockhdr *hdr,
				int64_t time_ns)
{
	bool by_server = hdr->op == VSOCKHDR_OP_RESPONSE;
	struct connection *c;

	if (model->count == model->room) {
		model->room = 2 * model->room + 16;
		model->connection = realloc(model->connection,
					    model->room * sizeof(*model->connection));
		if (!model->connection)
			abort();
	}
	c = &model->connection[model->count++];
	memset(c, 0, sizeof(*c));
	c->side[0].addr = by_server ? dst_of(hdr) : src_of(hdr);
	c->side[1].addr = by_server ? src_of(hdr) : dst_of(hdr);
	c->began = hdr->op == VSOCKHDR_OP_REQUEST;
	c->state = c->began ? REQUESTED : MIDSTREAM;
	c->request_ns = time_ns;
	c->first_shutdown = -1;
	return c;
}

/* Neither end will send, or the other will not receive it */
static bool complete(const struct connection *c)
{
	bool to_server = (c->side[0].shut & VSOCKHDR_SHUTDOWN_SEND) ||
			 (c->side[1].shut & VSOCKHDR_SHUTDOWN_RECEIVE);
	bool to_client = (c->side[1].shut & VSOCKHDR_SHUTDOWN_SEND) ||
			 (c->side[0].shut & VSOCKHDR_SHUTDOWN_RECEIVE);

	return to_server && to_client;
}

static bool one_address(const struct connection *c)
{
	return same(&c->side[0].addr, &c->side[1].addr);
}

static void take_rst(struct connection *c, int from, int64_t time_ns,
		     struct model_told *told)
{
	told->ended = true;
	told->closed_by = c->side[from].addr;
	if (c->state == REQUESTED && (from == 1 || one_address(c))) {
		told->close = VSOCKHDR_CLOSE_REFUSED;
		told->setup_ns = time_ns - c->request_ns;
	} else if (complete(c)) {
		told->close = VSOCKHDR_CLOSE_CLEAN;
		told->closed_by = c->side[c->first_shutdown].addr;
	} else {
		told->close = VSOCKHDR_CLOSE_RESET_STATE;
	}
	c->state = OVER;
}

static void take_response(struct connection *c, int from, int64_t time_ns,
			  struct model_told *told)
{
	if (c->state == REQUESTED && (from == 1 || one_address(c))) {
		c->state = ACCEPTED;
		told->setup_ns = time_ns - c->request_ns;
	} else if (c->doubled && time_ns - c->doubled_ns <= 2000000000) {
		c->shared = true;
	}
}

static void take_shutdown(struct connection *c, int from, uint32_t flags)
{
	if (c->state == REQUESTED && from == 0)
		c->state = ABORTED;
	if (c->first_shutdown < 0)
		c->first_shutdown = from;
	c->side[from].shut |= flags & 3;
}

/* What the sender says about its buffer. 5.10.6.3: fwd_cnt is a free-running counter. */
static void take_credit(struct connection *c, int from, const struct vsockhdr *hdr)
{
	struct side *side = &c->side[from];
	uint64_t peer_sent = c->side[!from].sent;
	uint32_t moved = hdr->fwd_cnt - (uint32_t)side->consumed;

	if (!side->heard)
		side->consumed = hdr->fwd_cnt;
	else if (moved < UINT32_C(0x80000000))
		side->consumed += moved;
	if (c->began && side->consumed > peer_sent)
		side->consumed = peer_sent;
	side->buf_alloc = hdr->buf_alloc;
	side->heard = true;
}

/* A packet that is no operation gives credit, as Linux sees it, but takes none away. */
static void take_stray_credit(struct connection *c, int from, const struct vsockhdr *hdr)
{
	struct side *side = &c->side[from];
	uint64_t outstanding = c->side[!from].sent - side->consumed;
	uint64_t moved = (uint32_t)(hdr->fwd_cnt - (uint32_t)side->consumed);

	if (c->state != OVER && moved <= outstanding &&
	    moved + hdr->buf_alloc >= side->buf_alloc)
		take_credit(c, from, hdr);
}

/* The credit of the direction in which the end that is numbered sender sends */
static void tell_credit(const struct connection *c, int sender, struct model_told *told)
{
	const struct side *peer = &c->side[!sender];
	uint64_t edge = peer->consumed + peer->buf_alloc;
	uint64_t sent = c->side[sender].sent;

	if (!c->began || c->shared || one_address(c) || !peer->heard)
		return;
	told->credit_known = true;
	told->credit_open |= c->doubled;
	told->peer_free = edge > sent ? edge - sent : 0;
	told->in_flight = sent - peer->consumed;
	told->peer_buf_alloc = peer->buf_alloc;
}

static void take(struct connection *c, int from, const struct vsockhdr *hdr,
		 int64_t time_ns, struct model_told *told)
{
	/* A second REQUEST tells of the connection that it means to begin. */
	bool stray = c->heard && hdr->op == VSOCKHDR_OP_REQUEST;

	c->heard = true;
	if (c->state == OVER)
		return;
	if (hdr->op == VSOCKHDR_OP_RST) {
		take_rst(c, from, time_ns, told);
		return;
	}
	if (!stray)
		take_credit(c, from, hdr);
	if (hdr->op == VSOCKHDR_OP_RESPONSE)
		take_response(c, from, time_ns, told);
	else if (hdr->op == VSOCKHDR_OP_SHUTDOWN)
		take_shutdown(c, from, hdr->flags);
	else if (hdr->op == VSOCKHDR_OP_RW)
		c->side[from].sent += hdr->len;

	if (hdr->op == VSOCKHDR_OP_RW || hdr->op == VSOCKHDR_OP_CREDIT_REQUEST)
		tell_credit(c, from, told);
	else if (hdr->op == VSOCKHDR_OP_CREDIT_UPDATE)
		tell_credit(c, !from, told);
}

void model_feed(struct model *model, const struct vsockhdr_seen *seen,
		struct model_told *told)
{
	const struct vsockhdr *hdr = &seen->rec->hdr;
	struct vsockhdr_addr src = src_of(hdr);
	bool known = hdr->op >= 1 && hdr->op <= 7 && (hdr->type == 1 || hdr->type == 2);
	struct connection *c;
	bool begins;
	int from;

	*told = (struct model_told) { .flow = VSOCKHDR_NO_FLOW,
				      .setup_ns = VSOCKHDR_NO_TIME };
	if (!seen->rec->has_hdr)
		return;
	c = find(model, hdr);
	if (!known && !c)
		return;
	begins = !c;
	if (known && c && hdr->op == VSOCKHDR_OP_REQUEST) {
		begins = c->state == OVER || c->state == MIDSTREAM || c->side[0].shut ||
			 c->side[1].shut;
		c->doubled |= !begins;
		c->doubled_ns = seen->time_ns;
	}
	if (begins)
		c = begin(model, hdr, seen->time_ns);
	from = !same(&c->side[0].addr, &src);
	told->flow = (uint64_t)(c - model->connection);
	told->from = (enum vsockhdr_end)from;
	/* A packet of no known type changes nothing, and need not tell of the credit. */
	told->credit_open = !known;
	if (known)
		take(c, from, hdr, seen->time_ns, told);
	else if (hdr->type == 1 || hdr->type == 2)
		take_stray_credit(c, from, hdr);
}

const char *model_differs(const struct model_told *model,
			  const struct vsockhdr_told *tracker)
{
	if (tracker->flow != model->flow)
		return "flow";
	if (model->flow == VSOCKHDR_NO_FLOW)
		return tracker->credit_known || tracker->ended ? "no flow" : NULL;
	if (tracker->from != model->from)
		return "from";
	if (tracker->ended != model->ended)
		return "ended";
	if (model->ended && tracker->close != model->close)
		return "close";
	if (model->ended && !same(&tracker->closed_by, &model->closed_by))
		return "closed_by";
	/* A clock that went backwards says nothing about how long it took. */
	if (tracker->setup_ns != model->setup_ns &&
	    (model->setup_ns >= 0 || model->setup_ns == VSOCKHDR_NO_TIME))
		return "setup_ns";
	if (model->credit_open)
		return NULL;
	if (tracker->credit_known != model->credit_known)
		return "credit_known";
	if (!model->credit_known)
		return NULL;
	if (tracker->peer_free != model->peer_free)
		return "peer_free";
	if (tracker->in_flight != model->in_flight)
		return "in_flight";
	if (tracker->peer_buf_alloc != model->peer_buf_alloc)
		return "peer_buf_alloc";
	return NULL;
}
