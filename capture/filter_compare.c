/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Comparisons: of two calculations, or of a field with a value or a set. Fields of 64
 * bits, and those that only --where knows, take values and sets only.
 */

#include <glib.h>

#include "filter_build.h"
#include "filter_parser.h"

static bool is_relation(enum filter_token_kind kind, enum filter_relation *relation)
{
	static const struct {
		enum filter_token_kind kind;
		enum filter_relation relation;
	} relations[] = {
		{ TOKEN_EQ, RELATION_EQ },   { TOKEN_NE, RELATION_NE },
		{ TOKEN_LT, RELATION_LT },   { TOKEN_LE, RELATION_LE },
		{ TOKEN_GT, RELATION_GT },   { TOKEN_GE, RELATION_GE },
		{ TOKEN_LIKE, RELATION_EQ },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(relations); i++) {
		if (relations[i].kind == kind) {
			*relation = relations[i].relation;
			return true;
		}
	}
	return false;
}

/* "field relation set". Of a field of either end, != says so of both. */
static bool make_test(struct filter_parser *parser, enum filter_field_id field,
		      enum filter_end end, enum filter_relation relation,
		      const struct filter_set *set, struct filter_operand *to)
{
	uint64_t max = filter_field_max(field);
	struct filter_set related = { 0 };
	bool good = true;

	if (relation == RELATION_EQ)
		related = *set;
	else if (relation == RELATION_NE)
		good = filter_set_complement(parser->memory, &related, set, max);
	else
		good = filter_build_relation(parser->memory, &related, relation,
					     set->range[0].lo, max);
	if (relation == RELATION_NE && end == END_EITHER)
		end = END_BOTH;
	to->keeps = field == FIELD_TYPE || field == FIELD_FLOW ||
		    (filter_fields[field].has_ends && end != END_SRC && end != END_DST);
	return filter_made(
		parser, to, OPERAND_CONDITION,
		good ? filter_build_test(parser->memory, field, end, UINT64_MAX, &related)
		     : NULL);
}

static bool compare_findings(struct filter_parser *parser, struct filter_token sign,
			     enum filter_relation relation, struct filter_operand *to)
{
	struct filter_node *node;
	uint64_t findings;

	if (relation != RELATION_EQ && relation != RELATION_NE)
		return filter_fail_token(parser, sign,
					 "findings can be compared with ==, != and ~");
	if (!filter_parse_findings(parser, &findings))
		return false;
	node = filter_build_findings(parser->memory, findings);
	if (relation == RELATION_NE)
		node = filter_build_not(parser->memory, node);
	return filter_made(parser, to, OPERAND_CONDITION, node);
}

/* A field at the left that takes values, or a set at the right */
static bool compare_values(struct filter_parser *parser, struct filter_token sign,
			   enum filter_relation relation, enum filter_field_id field,
			   enum filter_end end, struct filter_operand *to)
{
	struct filter_token token = filter_peek(parser);
	struct filter_set set = { 0 };

	if (field == FIELD_FINDING)
		return compare_findings(parser, sign, relation, to);
	if (token.kind == TOKEN_OPEN_SET && relation != RELATION_EQ &&
	    relation != RELATION_NE)
		return filter_fail_token(parser, token,
					 "a set can be compared with == and != only");
	return filter_parse_set(parser, field, &set) &&
	       make_test(parser, field, end, relation, &set, to);
}

/* A number at the left of a field that takes values: 3 < cid */
static bool compare_mirrored(struct filter_parser *parser, enum filter_relation relation,
			     const struct filter_operand *left,
			     const struct filter_operand *right,
			     struct filter_operand *to)
{
	struct filter_set set = { 0 };

	if (!left->literal || filter_fields[right->field].names == NAMES_DURATION ||
	    right->field == FIELD_FINDING)
		return filter_fail(parser, right->offset, parser->at - right->offset,
				   "put this at the left side");
	if (!filter_set_add(parser->memory, &set, left->node->number, left->node->number))
		return filter_made(parser, to, OPERAND_CONDITION, NULL);
	return make_test(parser, right->field, right->end, filter_build_mirror(relation),
			 &set, to);
}

static bool compare_numbers(struct filter_parser *parser, enum filter_relation relation,
			    struct filter_operand *left)
{
	struct filter_operand right = { 0 };
	bool keeps = false;
	bool good;

	parser->expected = left->node->kind == NODE_FIELD
				   ? filter_fields[left->node->field].names
				   : NAMES_NONE;
	good = filter_parse_operand(parser, true, &right) &&
	       filter_parse_operators(parser, 1, &right);
	parser->expected = NAMES_NONE;
	if (!good)
		return false;
	if (right.kind == OPERAND_FIELD)
		return compare_mirrored(parser, relation, left, &right, left);
	if (!filter_want_number(parser, left) || !filter_want_number(parser, &right) ||
	    !filter_made(parser, left, OPERAND_CONDITION,
			 filter_build_compare(parser->memory, relation, left->node,
					      right.node, &keeps)))
		return false;
	left->keeps = keeps;
	return true;
}

static bool parse_right(struct filter_parser *parser, struct filter_token sign,
			enum filter_relation relation, struct filter_operand *left)
{
	const struct filter_node *node = left->node;

	if (left->kind == OPERAND_FIELD)
		return compare_values(parser, sign, relation, left->field, left->end,
				      left);
	if (filter_peek(parser).kind != TOKEN_OPEN_SET || left->kind != OPERAND_NUMBER)
		return compare_numbers(parser, relation, left);
	if (node->kind != NODE_FIELD)
		return filter_fail_token(parser, filter_peek(parser),
					 "only a field can be compared with a set");
	/* Which field it is, its end tells apart: the sender's stands for both. */
	return compare_values(parser, sign, relation,
			      node->end == END_DST && filter_fields[node->field].has_ends
				      ? (enum filter_field_id)(node->field - 1)
				      : node->field,
			      node->end, left);
}

bool filter_parse_comparison(struct filter_parser *parser, struct filter_operand *to)
{
	enum filter_relation relation;
	struct filter_token sign;

	if (!filter_parse_operand(parser, false, to) ||
	    !filter_parse_operators(parser, 1, to))
		return false;
	sign = filter_peek(parser);
	if (!is_relation(sign.kind, &relation)) {
		if (to->kind == OPERAND_FIELD && to->field == FIELD_FINDING)
			return filter_made(
				parser, to, OPERAND_CONDITION,
				filter_build_findings(parser->memory, UINT64_MAX));
		return true;
	}
	if (to->kind == OPERAND_CONDITION)
		return filter_fail_token(parser, sign,
					 "what is before this is a condition: it cannot "
					 "be compared");
	if (sign.kind == TOKEN_LIKE &&
	    (to->kind != OPERAND_FIELD || to->field != FIELD_FINDING))
		return filter_fail_token(parser, sign, "only findings are compared by ~");
	filter_take(parser, sign.kind);
	parser->last = (struct filter_qualifier) { 0 };
	if (!parse_right(parser, sign, relation, to))
		return false;
	sign = filter_peek(parser);
	if (is_relation(sign.kind, &relation))
		return filter_fail_token(parser, sign,
					 "comparisons are joined by \"and\"");
	return true;
}
