/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One fault of each kind that is a violation, committed by an end that is correct
 * otherwise: what follows must fit what the fault left behind, so that no second
 * violation comes of it.
 */

#include "peers.h"

/* A stranger, whose packets concern no connection of the sequence */
static const struct vsockhdr_addr stranger = { 77, 77 };

/* The packet that was made last is the one that the finding names. */
static bool blame(struct generator *g, const struct vsockhdr_addr *fault)
{
	g->sequence->frame = g->sequence->count;
	g->sequence->has_fault = fault != NULL;
	if (fault)
		g->sequence->fault = *fault;
	return true;
}

/* A packet as good as any but for its header, which is to be spoilt: whether it tells the
 * credit is not to be relied on. */
static bool spoil(struct generator *g, struct connection *c, int from,
		  enum vsockhdr_finding_id fault)
{
	struct peer before = c->peer[from];
	struct packet *packet = emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);

	c->peer[from] = before;
	switch (fault) {
	case VSOCKHDR_HDR_TRUNCATED:
		packet->err = VSOCKHDR_ERR_HDR_TRUNCATED;
		packet->no_hdr = true;
		break;
	case VSOCKHDR_HDR_MON_MISMATCH:
		packet->other_mon = true;
		return blame(g, NULL);
	case VSOCKHDR_HDR_BAD_OP:
		packet->op = below(g, 2) ? 0 : 8;
		break;
	case VSOCKHDR_HDR_BAD_TYPE:
		packet->type = below(g, 2) ? 0 : 3;
		break;
	case VSOCKHDR_HDR_CID_HIGH_BITS:
		packet->src.cid |= UINT64_C(1) << (32 + below(g, 32));
		break;
	case VSOCKHDR_HDR_RESERVED_CID:
		packet->src.cid = below(g, 2) ? 0 : 0xffffffff;
		break;
	case VSOCKHDR_HDR_LEN_MISMATCH:
		packet->payload_more = 1;
		break;
	case VSOCKHDR_HDR_LEN_ON_CONTROL:
		packet->len = 1;
		break;
	default:
		return false;
	}
	return blame(g, &packet->src);
}

static bool be_silent(struct generator *g)
{
	struct connection c = {
		.peer = { { .addr = stranger }, { .addr = { 2, 1 } } },
		.type = VSOCKHDR_TYPE_STREAM,
	};

	if (obliged(g))
		return false;
	emit(g, &c, 0, VSOCKHDR_OP_REQUEST, 0, 0);
	blame(g, &c.peer[1].addr);
	g->now_ns += 3 * SECOND;
	/* Somebody else's packet shows that time has passed. */
	c.peer[0].addr.port++;
	emit(g, &c, 0, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	return true;
}

static bool overrun(struct generator *g, struct connection *c, int from)
{
	struct peer *peer = &c->peer[from];
	uint64_t free = c->peer[!from].edge - peer->sent;

	if (c->large || free >= VSOCKHDR_MAX_PAYLOAD || peer->shut ||
	    (c->peer[!from].shut & VSOCKHDR_SHUTDOWN_RECEIVE))
		return false;
	emit(g, c, from, VSOCKHDR_OP_RW, (uint32_t)free + 1,
	     c->type == VSOCKHDR_TYPE_SEQPACKET);
	return blame(g, &peer->addr);
}

/* All is consumed, so that the true counter is where the tracker puts it afterwards. */
static bool run_ahead(struct generator *g, struct connection *c, int from)
{
	struct peer *peer = &c->peer[from];
	uint64_t sent = c->peer[!from].sent;
	struct packet *packet;

	if (sent - peer->announced > INT32_MAX / 2)
		return false;
	peer->consumed = sent;
	packet = emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	packet->fwd_cnt += 1 + (uint32_t)below(g, INT32_MAX / 2);
	return blame(g, &peer->addr);
}

static bool regress(struct generator *g, struct connection *c, int from)
{
	struct peer *peer = &c->peer[from];
	uint32_t announced = (uint32_t)peer->announced;
	struct packet *packet;

	if (peer->announced == 0)
		return false;
	peer->consumed = peer->announced;
	packet = emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	packet->fwd_cnt = announced - 1 - (uint32_t)below(g, UINT32_C(0x80000000));
	return blame(g, &peer->addr);
}

static bool keep_waiting(struct generator *g, struct connection *c, int from)
{
	if (obliged(g) || c->peer[0].shut || c->peer[1].shut)
		return false;
	emit(g, c, from, VSOCKHDR_OP_CREDIT_REQUEST, 0, 0);
	blame(g, &c->peer[!from].addr);
	g->now_ns += SECOND + MILLISECOND;
	emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);
	return true;
}

static bool send_after_shutdown(struct generator *g, struct connection *c, int from)
{
	const struct peer *peer = &c->peer[from];

	if (!(peer->shut & VSOCKHDR_SHUTDOWN_SEND) ||
	    c->peer[!from].promised <= peer->sent)
		return false;
	emit(g, c, from, VSOCKHDR_OP_RW, 1, c->type == VSOCKHDR_TYPE_SEQPACKET);
	return blame(g, &peer->addr);
}

/* RW of one byte whose flags are wrong */
static bool send_flags(struct generator *g, struct connection *c, int from, uint16_t type,
		       uint32_t flags)
{
	const struct peer *peer = &c->peer[from];

	if (c->type != type || c->peer[!from].promised <= peer->sent ||
	    (peer->shut & VSOCKHDR_SHUTDOWN_SEND) ||
	    (c->peer[!from].shut & VSOCKHDR_SHUTDOWN_RECEIVE))
		return false;
	emit(g, c, from, VSOCKHDR_OP_RW, 1, flags);
	return blame(g, &peer->addr);
}

/* The REQUEST would begin a connection: its counter, too, is at the beginning. */
static bool request_again(struct generator *g, struct connection *c)
{
	struct peer before = c->peer[c->client];

	emit(g, c, c->client, VSOCKHDR_OP_REQUEST, 0, 0)->fwd_cnt = 0;
	c->peer[c->client] = before;
	return blame(g, &before.addr);
}

static bool change_type(struct generator *g, struct connection *c, int from)
{
	struct packet *packet = emit(g, c, from, VSOCKHDR_OP_CREDIT_UPDATE, 0, 0);

	packet->type = c->type == VSOCKHDR_TYPE_STREAM ? VSOCKHDR_TYPE_SEQPACKET
						       : VSOCKHDR_TYPE_STREAM;
	return blame(g, &c->peer[from].addr);
}

static bool in_open(struct generator *g, struct connection *c,
		    enum vsockhdr_finding_id fault)
{
	int from = (int)below(g, 2);

	if (c->phase != OPEN || c->asked >= 0)
		return false;
	switch (fault) {
	case VSOCKHDR_CONN_DUPLICATE_REQUEST:
		if (c->peer[0].shut || c->peer[1].shut)
			return false;
		return request_again(g, c);
	case VSOCKHDR_CONN_UNEXPECTED_RESPONSE:
		emit(g, c, from, VSOCKHDR_OP_RESPONSE, 0, 0);
		return blame(g, &c->peer[from].addr);
	case VSOCKHDR_CONN_TYPE_CHANGE:
		return change_type(g, c, from);
	case VSOCKHDR_CREDIT_OVERRUN:
		return overrun(g, c, from);
	case VSOCKHDR_CREDIT_FWD_CNT_AHEAD:
		return run_ahead(g, c, from);
	case VSOCKHDR_CREDIT_FWD_CNT_REGRESS:
		return regress(g, c, from);
	case VSOCKHDR_CREDIT_REQUEST_UNANSWERED:
		return keep_waiting(g, c, from);
	case VSOCKHDR_CLOSE_RW_AFTER_SHUTDOWN:
		return send_after_shutdown(g, c, from);
	case VSOCKHDR_SEQ_EOR_WITHOUT_EOM:
		return send_flags(g, c, from, VSOCKHDR_TYPE_SEQPACKET, VSOCKHDR_SEQ_EOR);
	case VSOCKHDR_SEQ_FLAGS_ON_STREAM:
		return send_flags(g, c, from, VSOCKHDR_TYPE_STREAM,
				  1 + (uint32_t)below(g, 3));
	default:
		return spoil(g, c, from, fault);
	}
}

bool inject(struct generator *g, struct connection *c, enum vsockhdr_finding_id fault)
{
	struct packet *answer;

	if (fault == VSOCKHDR_CONN_UNANSWERED)
		return be_silent(g);
	if (fault != VSOCKHDR_CLOSE_RST_REPLY_TO_RST)
		return in_open(g, c, fault);
	/* An RST, the other end's, and one that answers that */
	if (c->phase != DEAD || c->last_rst || c->peer[c->rst].owed > 0)
		return false;
	emit(g, c, !c->rst, VSOCKHDR_OP_RST, 0, 0);
	answer = emit(g, c, c->rst, VSOCKHDR_OP_RST, 0, 0);
	answer->buf_alloc = 0;
	answer->fwd_cnt = 0;
	c->last_rst = true;
	return blame(g, &c->peer[c->rst].addr);
}

bool can_generate(enum vsockhdr_finding_id fault)
{
	switch (fault) {
	case VSOCKHDR_HDR_TRUNCATED:
	case VSOCKHDR_HDR_MON_MISMATCH:
	case VSOCKHDR_HDR_BAD_OP:
	case VSOCKHDR_HDR_BAD_TYPE:
	case VSOCKHDR_HDR_CID_HIGH_BITS:
	case VSOCKHDR_HDR_RESERVED_CID:
	case VSOCKHDR_HDR_LEN_MISMATCH:
	case VSOCKHDR_HDR_LEN_ON_CONTROL:
	case VSOCKHDR_CONN_UNANSWERED:
	case VSOCKHDR_CONN_DUPLICATE_REQUEST:
	case VSOCKHDR_CONN_UNEXPECTED_RESPONSE:
	case VSOCKHDR_CONN_TYPE_CHANGE:
	case VSOCKHDR_CREDIT_OVERRUN:
	case VSOCKHDR_CREDIT_FWD_CNT_AHEAD:
	case VSOCKHDR_CREDIT_FWD_CNT_REGRESS:
	case VSOCKHDR_CREDIT_REQUEST_UNANSWERED:
	case VSOCKHDR_CLOSE_RW_AFTER_SHUTDOWN:
	case VSOCKHDR_CLOSE_RST_REPLY_TO_RST:
	case VSOCKHDR_SEQ_EOR_WITHOUT_EOM:
	case VSOCKHDR_SEQ_FLAGS_ON_STREAM:
		return true;
	default:
		return false;
	}
}
