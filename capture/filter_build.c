/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: "port 22 or port 23" becomes one test of the source port against
 * {22, 23} and one of the destination port, because the back ends search a set faster
 * than they go through a list. Nothing is moved across what may end the evaluation (a
 * byte that was not captured, a division by zero), so that the answer stays what it
 * would be from left to right.
 */

#include "filter_build.h"

#include <glib.h>

#include "filter_lexer.h"

/* How far back a test looks for one that it can be merged with, and how large sets may
 * be for their intersection: bounds on the time that a hostile expression takes */
#define LOOK_BACK     16
#define INTERSECT_MAX 64

static struct filter_node *new_node(struct filter_arena *memory,
				    enum filter_node_kind kind, unsigned int uses)
{
	struct filter_node *node = filter_arena_new(memory, sizeof(*node));

	if (node) {
		node->kind = kind;
		node->uses = uses;
	}
	return node;
}

static void adopt(struct filter_node *parent, struct filter_node *child)
{
	child->next = NULL;
	child->prev = parent->last;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->uses |= child->uses;
	parent->depth = MAX(parent->depth, child->depth + 1);
}

/* Two sides of a calculation: the left one is kept while the right one is calculated */
static void adopt_sides(struct filter_node *parent, struct filter_node *left,
			struct filter_node *right)
{
	adopt(parent, left);
	adopt(parent, right);
	parent->slots = left->slots;
	if (right->kind != NODE_NUMBER)
		parent->slots = MAX(left->slots, right->slots + 1);
}

struct filter_node *filter_build_number(struct filter_arena *memory, uint64_t number)
{
	struct filter_node *node = new_node(memory, NODE_NUMBER, 0);

	if (node)
		node->number = number;
	return node;
}

struct filter_node *filter_build_constant(struct filter_arena *memory, bool value)
{
	struct filter_node *node = new_node(memory, NODE_CONSTANT, 0);

	if (node)
		node->number = value;
	return node;
}

static enum filter_field_id at_end(enum filter_field_id field, enum filter_end end)
{
	return end == END_DST ? (enum filter_field_id)(field + 1) : field;
}

struct filter_node *filter_build_field(struct filter_arena *memory,
				       enum filter_field_id field, enum filter_end end)
{
	struct filter_node *node =
		new_node(memory, NODE_FIELD, 1U << filter_fields[field].layer);
	bool has_ends = filter_fields[field].has_ends;

	if (node) {
		node->field = has_ends ? at_end(field, end) : field;
		node->end = has_ends ? end : END_SRC;
	}
	return node;
}

struct filter_node *filter_build_link(struct filter_arena *memory,
				      struct filter_node *offset, unsigned int size)
{
	struct filter_node *node = new_node(memory, NODE_LINK, USES_FAULT);

	if (!node || !offset)
		return NULL;
	node->number = size;
	node->slots = offset->slots;
	adopt(node, offset);
	return node;
}

struct filter_node *filter_build_negate(struct filter_arena *memory,
					struct filter_node *node)
{
	struct filter_node *negated;

	if (!node)
		return NULL;
	if (node->kind == NODE_NUMBER)
		return filter_build_number(memory, (uint32_t)-node->number);
	negated = new_node(memory, NODE_NEGATE, 0);
	if (!negated)
		return NULL;
	negated->slots = node->slots;
	adopt(negated, node);
	return negated;
}

struct filter_node *filter_build_calculate(struct filter_arena *memory, uint64_t sign,
					   struct filter_node *a, struct filter_node *b)
{
	bool divides = sign == TOKEN_DIVIDE || sign == TOKEN_MODULO;
	struct filter_node *node;
	uint32_t result;

	if (!a || !b)
		return NULL;
	if (a->kind == NODE_NUMBER && b->kind == NODE_NUMBER &&
	    filter_calculate(sign, (uint32_t)a->number, (uint32_t)b->number, &result))
		return filter_build_number(memory, result);
	node = new_node(memory, NODE_CALCULATE,
			divides && b->kind != NODE_NUMBER ? USES_FAULT : 0);
	if (!node)
		return NULL;
	node->number = sign;
	adopt_sides(node, a, b);
	return node;
}

static struct filter_node *one_test(struct filter_arena *memory,
				    enum filter_field_id field, uint64_t mask,
				    const struct filter_set *set)
{
	struct filter_node *node =
		new_node(memory, NODE_TEST, 1U << filter_fields[field].layer);

	if (!node || !filter_set_add_all(memory, &node->set, set))
		return NULL;
	node->field = field;
	node->mask = mask & filter_field_max(field);
	return node;
}

struct filter_node *filter_build_test(struct filter_arena *memory,
				      enum filter_field_id field, enum filter_end end,
				      uint64_t mask, const struct filter_set *set)
{
	if (!filter_fields[field].has_ends)
		return one_test(memory, field, mask, set);
	if (end == END_SRC || end == END_DST)
		return one_test(memory, at_end(field, end), mask, set);
	return filter_build_join(memory, end == END_BOTH ? NODE_AND : NODE_OR,
				 one_test(memory, at_end(field, END_SRC), mask, set),
				 one_test(memory, at_end(field, END_DST), mask, set));
}

struct filter_node *filter_build_findings(struct filter_arena *memory, uint64_t kinds)
{
	struct filter_node *node = new_node(memory, NODE_FINDING, USES_TRACKER);

	if (node)
		node->mask = kinds;
	return node;
}

struct filter_node *filter_build_not(struct filter_arena *memory,
				     struct filter_node *node)
{
	struct filter_node *negated;

	if (!node)
		return NULL;
	negated = new_node(memory, NODE_NOT, 0);
	if (negated)
		adopt(negated, node);
	return negated;
}

/* A test among the last children of a list that is about the same as another one */
static struct filter_node *find_same(const struct filter_node *list,
				     const struct filter_node *test)
{
	struct filter_node *node = list->last;

	if (test->kind != NODE_TEST)
		return NULL;
	for (int i = 0; node && i < LOOK_BACK; i++, node = node->prev) {
		if (node->uses & USES_FAULT)
			return NULL;
		if (node->kind == NODE_TEST && node->field == test->field &&
		    node->mask == test->mask)
			return node;
	}
	return NULL;
}

/* Return: false where there is no memory */
static bool merge(struct filter_arena *memory, struct filter_node *list,
		  struct filter_node *node)
{
	struct filter_node *same = find_same(list, node);
	struct filter_set both = { 0 };

	if (same && list->kind == NODE_OR)
		return filter_set_add_all(memory, &same->set, &node->set);
	if (!same || same->set.count > INTERSECT_MAX || node->set.count > INTERSECT_MAX) {
		adopt(list, node);
		return true;
	}
	filter_set_sort(&same->set);
	filter_set_sort(&node->set);
	if (!filter_set_intersect(memory, &both, &same->set, &node->set))
		return false;
	same->set = both;
	return true;
}

struct filter_node *filter_build_join(struct filter_arena *memory,
				      enum filter_node_kind kind, struct filter_node *a,
				      struct filter_node *b)
{
	struct filter_node *list = a;
	struct filter_node *next;

	if (!a || !b)
		return NULL;
	if (a->kind != kind) {
		list = new_node(memory, kind, 0);
		if (!list)
			return NULL;
		adopt(list, a);
	}
	if (b->kind != kind)
		return merge(memory, list, b) ? list : NULL;
	for (struct filter_node *child = b->first; child; child = next) {
		next = child->next;
		if (!merge(memory, list, child))
			return NULL;
	}
	return list;
}

enum filter_relation filter_build_mirror(enum filter_relation relation)
{
	static const enum filter_relation mirrored[] = {
		[RELATION_EQ] = RELATION_EQ, [RELATION_NE] = RELATION_NE,
		[RELATION_LT] = RELATION_GT, [RELATION_LE] = RELATION_GE,
		[RELATION_GT] = RELATION_LT, [RELATION_GE] = RELATION_LE,
	};

	return mirrored[relation];
}

bool filter_build_relation(struct filter_arena *memory, struct filter_set *set,
			   enum filter_relation relation, uint64_t number, uint64_t max)
{
	bool below = relation == RELATION_LT || relation == RELATION_LE ||
		     relation == RELATION_NE;
	bool equal = relation == RELATION_EQ || relation == RELATION_LE ||
		     relation == RELATION_GE;
	bool above = relation == RELATION_GT || relation == RELATION_GE ||
		     relation == RELATION_NE;

	if (below && number > 0 && !filter_set_add(memory, set, 0, MIN(number - 1, max)))
		return false;
	if (equal && number <= max && !filter_set_add(memory, set, number, number))
		return false;
	return !above || number >= max || filter_set_add(memory, set, number + 1, max);
}

/* A copy of a calculation with its fields of either end now of one end */
static struct filter_node *resolve(struct filter_arena *memory,
				   const struct filter_node *node, enum filter_end end)
{
	struct filter_node *copy = new_node(memory, node->kind, node->uses);

	if (!copy)
		return NULL;
	copy->number = node->number;
	copy->slots = node->slots;
	copy->field = node->field;
	copy->end = node->end;
	if (node->kind == NODE_FIELD && node->end != END_SRC && node->end != END_DST) {
		copy->field = at_end(node->field, end);
		copy->end = end;
	}
	for (const struct filter_node *child = node->first; child; child = child->next) {
		struct filter_node *resolved = resolve(memory, child, end);

		if (!resolved)
			return NULL;
		adopt(copy, resolved);
	}
	return copy;
}

/* What a comparison is about: @either, @both: fields of such ends; @other: what differs
 * from packet to packet of a connection */
struct about {
	bool either;
	bool both;
	bool other;
};

static void look_at(const struct filter_node *node, struct about *about)
{
	bool has_ends = node->kind == NODE_FIELD && filter_fields[node->field].has_ends;

	if (has_ends && node->end == END_EITHER)
		about->either = true;
	else if (has_ends && node->end == END_BOTH)
		about->both = true;
	else if (has_ends || node->kind == NODE_LINK ||
		 (node->kind == NODE_FIELD && node->field != FIELD_TYPE))
		about->other = true;
	for (const struct filter_node *child = node->first; child; child = child->next)
		look_at(child, about);
}

/* "field & constant" */
static bool is_masked(const struct filter_node *node)
{
	return node->kind == NODE_CALCULATE && node->number == TOKEN_BIT_AND &&
	       node->first->kind == NODE_FIELD && node->last->kind == NODE_NUMBER &&
	       node->first->field != FIELD_WIRELEN;
}

static struct filter_node *compare(struct filter_arena *memory,
				   enum filter_relation relation, struct filter_node *a,
				   struct filter_node *b)
{
	bool equality = relation == RELATION_EQ || relation == RELATION_NE;
	struct filter_node *node;

	if (a->kind == NODE_NUMBER && b->kind == NODE_NUMBER)
		return filter_build_constant(
			memory, filter_related(relation, a->number, b->number));
	if (a->kind == NODE_NUMBER)
		return compare(memory, filter_build_mirror(relation), b, a);
	if (b->kind == NODE_NUMBER &&
	    (a->kind == NODE_FIELD || (equality && is_masked(a)))) {
		const struct filter_node *field = a->kind == NODE_FIELD ? a : a->first;
		uint64_t max = filter_field_max(field->field);
		uint64_t mask = field == a ? max : a->last->number;
		struct filter_set set = { 0 };

		if (!filter_build_relation(memory, &set, relation, b->number, max))
			return NULL;
		return one_test(memory, field->field, mask, &set);
	}
	node = new_node(memory, NODE_COMPARE, 0);
	if (!node)
		return NULL;
	node->relation = relation;
	adopt_sides(node, a, b);
	return node;
}

struct filter_node *filter_build_compare(struct filter_arena *memory,
					 enum filter_relation relation,
					 struct filter_node *a, struct filter_node *b,
					 bool *keeps)
{
	struct about about = { 0 };
	struct filter_node *side[2];

	if (!a || !b)
		return NULL;
	look_at(a, &about);
	look_at(b, &about);
	*keeps = !about.other;
	if (!about.either && !about.both)
		return compare(memory, relation, a, b);
	for (int i = 0; i < 2; i++) {
		enum filter_end end = i == 0 ? END_SRC : END_DST;
		struct filter_node *left = resolve(memory, a, end);
		struct filter_node *right = resolve(memory, b, end);

		if (!left || !right)
			return NULL;
		side[i] = compare(memory, relation, left, right);
	}
	/* "port != 5" says so of both ends: it is the contrary of "port == 5". */
	return filter_build_join(
		memory, about.both || relation == RELATION_NE ? NODE_AND : NODE_OR,
		side[0], side[1]);
}

void filter_build_finish(struct filter_node *node)
{
	if (node->kind == NODE_TEST)
		filter_set_sort(&node->set);
	for (struct filter_node *child = node->first; child; child = child->next)
		filter_build_finish(child);
}
