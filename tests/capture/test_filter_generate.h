/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TEST_FILTER_GENERATE_H
#define VSOCKDUMP_TEST_FILTER_GENERATE_H

/*
 * Random expressions: thought up as a tree, then written as text, in one of the ways in
 * which a person might.
 */

#include <inttypes.h>
#include <stdio.h>

#include "test_filter.h"

#define MAX_NODES  256
#define MAX_TEXT   16384
#define MAX_RANGES 24

static uint64_t state;

static uint64_t rnd(void)
{
	/* xorshift64* */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)(rnd() >> 33) % n;
}

static bool one_in(unsigned int n)
{
	return below(n) == 0;
}

enum field {
	CID,
	PORT,
	LEN,
	TYPE,
	OP,
	FLAGS,
	BUF,
	FWD,
	MON_OP,
	TRANSPORT,
	WIRELEN,
	FIELDS
};
enum end { EITHER, SRC, DST, BOTH };
enum header { ADDRESS, VIRTIO, MON, NEITHER };

static const struct {
	const char *name;
	unsigned int bits;
	unsigned int offset;
	enum header header;
} fields[] = {
	[CID] = { "cid", 64, 0, ADDRESS },
	[PORT] = { "port", 32, 16, ADDRESS },
	[LEN] = { "len", 32, 56, VIRTIO },
	[TYPE] = { "type", 16, 60, VIRTIO },
	[OP] = { "op", 16, 62, VIRTIO },
	[FLAGS] = { "flags", 32, 64, VIRTIO },
	[BUF] = { "buf_alloc", 32, 68, VIRTIO },
	[FWD] = { "fwd_cnt", 32, 72, VIRTIO },
	[MON_OP] = { "mon_op", 16, 24, MON },
	[TRANSPORT] = { "transport", 16, 26, MON },
	[WIRELEN] = { "wirelen", 32, 0, NEITHER },
};

static const char *const ends[] = { "", "src ", "dst ", "src and dst " };
static const char *const signs[] = { "|", "^", "&", "<<", ">>", "+", "-", "*", "/", "%" };
static const char *const relations[] = { "==", "!=", "<", "<=", ">", ">=" };
static const char *const op_names[] = { "invalid",       "REQUEST",       "response",
					"rst",           "Shutdown",      "rw",
					"credit-update", "CREDIT_REQUEST" };

static const struct {
	const char *name;
	uint16_t op;
	bool seqpacket;
	uint32_t flag;
} flag_names[] = {
	{ "receive", 4, false, 1 },
	{ "SEND", 4, false, 2 },
	{ "eom", 5, true, 1 },
	{ "eor", 5, true, 2 },
};

enum kind {
	AND,
	OR,
	NOT,
	VALUES,
	RELATION,
	ADDRESSES,
	FLAG,
	COMPARE,
	NUMBER,
	FIELD,
	LINK,
	NEGATE,
	CALCULATE
};

struct range {
	uint64_t lo;
	uint64_t hi;
};

struct node {
	enum kind kind;
	enum field field;
	enum end end;
	unsigned int relation;
	unsigned int sign;
	struct range range[MAX_RANGES];
	size_t ranges;
	/* The same of the port, of ADDRESSES */
	struct range port;
	bool any_cid;
	bool any_port;
	uint32_t number;
	unsigned int size;
	unsigned int style;
	const struct node *a;
	const struct node *b;
};

static struct node nodes[MAX_NODES];
static size_t used;
static bool links_only;

static struct node *new_node(enum kind kind)
{
	struct node *node = &nodes[used++];

	assert_true(used < MAX_NODES);
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	return node;
}

/* Numbers that fields and expressions have in common */
static uint64_t value_of(enum field field)
{
	static const uint64_t cids[] = { 0,
					 1,
					 2,
					 3,
					 4,
					 0xff,
					 0x100,
					 0xffffffff,
					 0x100000000,
					 0x100000003,
					 0x200000001,
					 UINT64_MAX,
					 0xff00000000000000 };
	static const uint32_t numbers[] = { 0,          1,          2,         3,
					    5,          22,         255,       256,
					    1023,       1024,       1025,      65535,
					    65536,      262144,     0x1000000, 0x7fffffff,
					    0x80000000, 0xfffffffe, 0xffffffff };

	if (field == CID)
		return one_in(10) ? rnd() : cids[below(COUNT(cids))];
	if (field == WIRELEN)
		return one_in(3) ? below(140) : 70 + below(12);
	if (fields[field].bits == 16)
		return one_in(10) ? rnd() & 0xffff : below(9);
	return one_in(10) ? rnd() & 0xffffffff : numbers[below(COUNT(numbers))];
}

static struct node *make_number(int depth);

static struct node *make_leaf(void)
{
	struct node *node;

	if (one_in(3)) {
		node = new_node(NUMBER);
		node->number = (uint32_t)value_of(LEN);
		return node;
	}
	if (links_only || one_in(3)) {
		node = new_node(LINK);
		node->size = 1U << below(3);
		if (one_in(4)) {
			node->a = make_number(1);
		} else {
			struct node *offset = new_node(NUMBER);

			offset->number = one_in(20) ? (uint32_t)rnd() >> 1 : below(90);
			node->a = offset;
		}
		return node;
	}
	node = new_node(FIELD);
	node->field = 1 + below(FIELDS - 1);
	node->end = node->field == PORT ? SRC + below(2) : EITHER;
	return node;
}

static struct node *make_number(int depth)
{
	struct node *node;

	if (depth <= 0 || one_in(3))
		return make_leaf();
	if (one_in(8)) {
		node = new_node(NEGATE);
		node->a = make_number(depth - 1);
		return node;
	}
	node = new_node(CALCULATE);
	node->sign = below(10);
	/* libpcap refuses most shifts. */
	if (links_only && (node->sign == 3 || node->sign == 4))
		node->sign = 5;
	node->a = make_number(depth - 1);
	node->b = make_number(depth - 1);
	/* (5 - 3) may be a range of values, too. */
	if (signs[node->sign][0] == '-' && node->a->kind == NUMBER)
		node->sign = 0;
	return node;
}

static void add_ranges(struct node *node, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t a = value_of(node->field);
		uint64_t b = one_in(3) ? value_of(node->field) : a;

		node->range[node->ranges++] =
			(struct range) { a < b ? a : b, a < b ? b : a };
	}
}

static struct node *make_primitive(void)
{
	struct node *node;

	switch (links_only ? 7 : below(10)) {
	case 0:
	case 1:
	case 2:
	case 3:
		node = new_node(VALUES);
		node->field = below(FIELDS);
		if (node->field == FLAGS)
			node->field = CID;
		node->end = node->field <= PORT ? below(4) : EITHER;
		node->style = below(3);
		add_ranges(node, one_in(6) ? 1 + below(MAX_RANGES - 1) : 1 + below(3));
		return node;
	case 4:
	case 5:
		node = new_node(RELATION);
		node->field = below(FIELDS);
		node->end = node->field <= PORT ? below(4) : EITHER;
		node->relation = below(6);
		node->style = node->relation < 2 ? below(2) : 0;
		add_ranges(node, node->style ? 1 + below(6) : 1);
		if (!node->style)
			node->range[0].hi = node->range[0].lo;
		return node;
	case 6:
		if (one_in(2)) {
			node = new_node(FLAG);
			node->number = below(4);
			node->style = below(2);
			return node;
		}
		node = new_node(ADDRESSES);
		node->field = CID;
		node->end = below(4);
		add_ranges(node, 1);
		node->port.lo = node->port.hi = value_of(PORT);
		node->any_cid = one_in(4);
		node->any_port = one_in(4);
		return node;
	default:
		node = new_node(COMPARE);
		node->relation = below(6);
		node->a = make_number(3);
		node->b = one_in(2) ? make_number(0) : make_number(2);
		return node;
	}
}

static struct node *make_condition(int depth)
{
	struct node *node;

	if (depth <= 0 || one_in(4))
		return make_primitive();
	if (one_in(4)) {
		node = new_node(NOT);
		node->a = make_condition(depth - 1);
		return node;
	}
	node = new_node(one_in(2) ? AND : OR);
	node->a = make_condition(depth - 1);
	node->b = make_condition(depth - 1);
	return node;
}

static char text[MAX_TEXT];
static size_t text_length;

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void put(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_length += (size_t)vsnprintf(text + text_length, sizeof(text) - text_length,
					 format, args);
	va_end(args);
	assert_true(text_length < sizeof(text));
}

static void put_value(enum field field, uint64_t value)
{
	if (field == OP && value < COUNT(op_names) && one_in(2))
		put("%s", op_names[value]);
	else if (field == CID && value == 7)
		put("my-vm");
	else if (field == CID && value == 2 && one_in(2))
		put("host");
	else if (field == PORT && value == 22 && one_in(2))
		put("ssh");
	else if (one_in(3))
		put("0x%" PRIx64, value);
	else
		put("%" PRIu64, value);
}

static void put_range(enum field field, const struct range *range)
{
	if (range->lo == range->hi)
		put_value(field, range->lo);
	else if (one_in(2))
		put("%" PRIu64 "-0x%" PRIx64, range->lo, range->hi);
	else
		put("%" PRIu64 " - %" PRIu64, range->lo, range->hi);
}

static void put_ranges(const struct node *node, const char *open, const char *between,
		       const char *close)
{
	put("%s", open);
	for (size_t i = 0; i < node->ranges; i++) {
		put("%s", i > 0 ? between : "");
		put_range(node->field, &node->range[i]);
	}
	put("%s", close);
}

static const int tight[] = { 1, 2, 3, 4, 4, 5, 5, 6, 6, 6 };

static void put_number(const struct node *node, int least)
{
	int mine = node->kind == CALCULATE ? tight[node->sign] : 7;
	/* Precedence is not all the same there. A number in parentheses may be a value
	 * that belongs to the words before. */
	bool parentheses = links_only
				   ? node->kind == CALCULATE || node->kind == NEGATE
				   : mine < least || (node->kind != NUMBER && one_in(8));

	put("%s", parentheses ? "(" : "");
	switch (node->kind) {
	case NUMBER:
		put(one_in(2) ? "%" PRIu32 : "0x%" PRIx32, node->number);
		break;
	case FIELD:
		put("%s%s", ends[node->end], fields[node->field].name);
		break;
	case LINK:
		put("link[");
		put_number(node->a, 0);
		if (node->size != 1 || one_in(2))
			put(":%u", node->size);
		put("]");
		break;
	case NEGATE:
		put("- ");
		put_number(node->a, 8);
		break;
	default:
		put_number(node->a, mine);
		put(" %s ", signs[node->sign]);
		put_number(node->b, mine + 1);
		break;
	}
	put("%s", parentheses ? ")" : "");
}

static void put_values(const struct node *node)
{
	put("%s", node->end == EITHER && node->field <= PORT && one_in(4)
			  ? "src or dst "
			  : ends[node->end]);
	put("%s ", fields[node->field].name);
	if (node->style == 0)
		put_ranges(node, "{", ", ", "}");
	else if (node->style == 1)
		put_ranges(node, "(", " or ", ")");
	else
		put_ranges(node, "", one_in(2) ? " or " : " || ", "");
}

static void put_address(const struct node *node)
{
	put("%saddr ", ends[node->end]);
	if (node->any_cid)
		put("*");
	else
		put_range(CID, &(struct range) { node->range[0].lo, node->range[0].lo });
	put(":");
	if (node->any_port)
		put("*");
	else
		put_range(PORT, &node->port);
}

/* A list of values is a chain of "or"s: at the right of another sign it takes
 * parentheses. */
static bool is_chain(const struct node *node)
{
	return node->kind == AND || node->kind == OR ||
	       (node->kind == VALUES && node->style == 2 && node->ranges > 1);
}

static void put_condition(const struct node *node, bool right)
{
	bool parentheses = (right && is_chain(node)) || one_in(10);

	put("%s", parentheses ? "(" : "");
	switch (node->kind) {
	case AND:
	case OR:
		put_condition(node->a, false);
		put("%s", node->kind == AND ? (one_in(2) ? " and " : "&&")
					    : (one_in(2) ? " OR " : "||"));
		put_condition(node->b, true);
		break;
	case NOT:
		put("%s", one_in(2) ? "not " : "!");
		put_condition(node->a, true);
		break;
	case VALUES:
		put_values(node);
		break;
	case RELATION:
		put("%s%s %s ", ends[node->end], fields[node->field].name,
		    relations[node->relation]);
		put_ranges(node, node->style ? "{" : "", ",", node->style ? "}" : "");
		break;
	case ADDRESSES:
		put_address(node);
		break;
	case FLAG:
		put("%s%s", node->style ? "flags " : "", flag_names[node->number].name);
		break;
	default:
		put_number(node->a, 0);
		put(" %s ", relations[node->relation]);
		put_number(node->b, 0);
		break;
	}
	put("%s", parentheses ? ")" : "");
}

#endif
