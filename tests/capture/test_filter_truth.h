/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TEST_FILTER_TRUTH_H
#define VSOCKDUMP_TEST_FILTER_TRUTH_H

/*
 * What an expression, as it was thought up, says of a packet. This shares nothing with
 * vsockdump.
 */

#include "test_filter_generate.h"

/* The third evaluator. -1: a byte is not there, or a division by zero */
struct facts {
	const uint8_t *data;
	size_t caplen;
	size_t wirelen;
	bool virtio;
};

static uint64_t little(const uint8_t *from, unsigned int bits)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bits / 8; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

static uint64_t fact(const struct facts *facts, enum field field, bool dst)
{
	unsigned int offset = fields[field].offset;

	if (field == WIRELEN)
		return facts->wirelen;
	if (fields[field].header == ADDRESS)
		offset += (facts->virtio ? 32 : 0) + (dst ? fields[field].bits / 8 : 0);
	return little(facts->data + offset, fields[field].bits);
}

static bool asks_virtio(const struct node *node)
{
	if (!node)
		return false;
	if (node->kind == FLAG)
		return true;
	if (node->kind == VALUES || node->kind == RELATION || node->kind == FIELD)
		return fields[node->field].header == VIRTIO;
	return asks_virtio(node->a) || asks_virtio(node->b);
}

/* Whether any part asks about one of the headers */
static bool asks(const struct node *node, enum header header)
{
	if (!node)
		return false;
	if (node->kind == FLAG)
		return header == VIRTIO;
	if (node->kind == ADDRESSES)
		return header == ADDRESS;
	if (node->kind == VALUES || node->kind == RELATION || node->kind == FIELD)
		return fields[node->field].header == header;
	return asks(node->a, header) || asks(node->b, header);
}

static int number_of(const struct facts *facts, const struct node *node, uint32_t *to)
{
	uint32_t a = 0;
	uint32_t b = 0;

	switch (node->kind) {
	case NUMBER:
		*to = node->number;
		return 1;
	case FIELD:
		*to = (uint32_t)fact(facts, node->field, node->end == DST);
		return 1;
	case NEGATE:
		if (number_of(facts, node->a, &a) < 0)
			return -1;
		*to = 0 - a;
		return 1;
	case LINK:
		if (number_of(facts, node->a, &a) < 0 ||
		    (uint64_t)a + node->size > facts->caplen)
			return -1;
		for (*to = 0; b < node->size; b++)
			*to = *to << 8 | facts->data[a + b];
		return 1;
	default:
		break;
	}
	if (number_of(facts, node->a, &a) < 0 || number_of(facts, node->b, &b) < 0)
		return -1;
	if (node->sign >= 8 && b == 0)
		return -1;
	*to = (const uint32_t[]) { a | b,
				   a ^ b,
				   a & b,
				   b > 31 ? 0 : a << (b & 31),
				   b > 31 ? 0 : a >> (b & 31),
				   a + b,
				   a - b,
				   a * b,
				   b ? a / b : 0,
				   b ? a % b : 0 }[node->sign];
	return 1;
}

static bool related(unsigned int relation, uint64_t a, uint64_t b)
{
	return (const bool[]) { a == b, a != b, a<b, a <= b, a> b, a >= b }[relation];
}

static bool in_ranges(const struct node *node, uint64_t value)
{
	for (size_t i = 0; i < node->ranges; i++)
		if (value >= node->range[i].lo && value <= node->range[i].hi)
			return true;
	return false;
}

static bool holds_at(const struct facts *facts, const struct node *node, bool dst)
{
	uint64_t value = fact(facts, node->field, dst);
	uint64_t port = fact(facts, PORT, dst);

	if (node->kind == ADDRESSES)
		return (node->any_cid || value == node->range[0].lo) &&
		       (node->any_port || port == node->port.lo);
	if (node->kind == VALUES)
		return in_ranges(node, value);
	if (node->style)
		return in_ranges(node, value) == (node->relation == 0);
	return related(node->relation, value, node->range[0].lo);
}

static bool holds(const struct facts *facts, const struct node *node)
{
	bool both = node->end == BOTH || (node->end == EITHER && node->kind == RELATION &&
					  node->relation == 1);
	bool src;
	bool dst;

	if (fields[node->field].header == VIRTIO && !facts->virtio)
		return false;
	if (fields[node->field].header != ADDRESS)
		return holds_at(facts, node, false);
	/* "a or b" repeats the words before: both ends are a, or both are b. */
	if (node->kind == VALUES && node->style > 0 && both && node->ranges > 1) {
		for (size_t i = 0; i < node->ranges; i++) {
			struct node one = *node;

			one.range[0] = node->range[i];
			one.ranges = 1;
			if (holds(facts, &one))
				return true;
		}
		return false;
	}
	src = holds_at(facts, node, false);
	dst = holds_at(facts, node, true);
	if (node->end == SRC || node->end == DST)
		return node->end == SRC ? src : dst;
	return both ? src && dst : src || dst;
}

static int truth(const struct facts *facts, const struct node *node)
{
	uint32_t a = 0;
	uint32_t b = 0;
	int first;

	switch (node->kind) {
	case AND:
		first = truth(facts, node->a);
		return first == 1 ? truth(facts, node->b) : first;
	case OR:
		first = truth(facts, node->a);
		return first == 0 ? truth(facts, node->b) : first;
	case NOT:
		first = truth(facts, node->a);
		return first < 0 ? -1 : !first;
	case FLAG:
		return facts->virtio &&
		       fact(facts, OP, false) == flag_names[node->number].op &&
		       (!flag_names[node->number].seqpacket ||
			fact(facts, TYPE, false) == 2) &&
		       (fact(facts, FLAGS, false) & flag_names[node->number].flag) != 0;
	case COMPARE:
		if (asks_virtio(node) && !facts->virtio)
			return 0;
		if (number_of(facts, node->a, &a) < 0 ||
		    number_of(facts, node->b, &b) < 0)
			return -1;
		return related(node->relation, a, b);
	default:
		return holds(facts, node);
	}
}

static bool expected(const struct packet *pkt, const struct node *node)
{
	struct facts facts = { pkt->data, pkt->caplen, pkt->wirelen, false };
	bool headers = asks(node, ADDRESS) || asks(node, VIRTIO);

	if ((headers || asks(node, MON)) && pkt->caplen < 32)
		return false;
	if (headers) {
		facts.virtio = little(pkt->data + 26, 16) == 2 &&
			       little(pkt->data + 28, 16) >= 44 && pkt->wirelen >= 76;
		if (facts.virtio && pkt->caplen < 76)
			return false;
	}
	return truth(&facts, node) == 1;
}

#endif
