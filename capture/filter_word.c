/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a word stands for at the beginning of a primitive. In this order: a keyword or a
 * field; a value that belongs to the words before the last value (port 22 or ssh); the
 * name of an op, a type or a flag; the name of a CID.
 */

#include <glib.h>
#include <string.h>

#include "filter_build.h"
#include "filter_names.h"
#include "filter_parser.h"

/* Bytes of the text */
struct span {
	size_t offset;
	size_t length;
};

static const char *span_text(const struct filter_parser *parser, struct span span)
{
	return parser->text + span.offset;
}

static bool is_relation(enum filter_token_kind kind)
{
	return kind >= TOKEN_EQ && kind <= TOKEN_GT;
}

static bool is_calculation(enum filter_token_kind kind)
{
	return kind >= TOKEN_SHIFT_LEFT && kind <= TOKEN_BIT_XOR;
}

/* Whether what comes next is a value of a qualifier, rather than an operator */
static bool at_value(const struct filter_parser *parser,
		     const struct filter_qualifier *qualifier)
{
	enum filter_token_kind kind = filter_peek(parser).kind;

	return kind == TOKEN_WORD || kind == TOKEN_NUMBER || kind == TOKEN_QUOTED ||
	       kind == TOKEN_OPEN_QUOTE || kind == TOKEN_OPEN_SET || kind == TOKEN_OPEN ||
	       (kind == TOKEN_TIMES && qualifier->kind != QUALIFIER_FIELD &&
		qualifier->kind != QUALIFIER_FLAGS);
}

/* The values behind "port", "src cid" and so on; in parentheses, too: (22 or 23) */
static bool parse_qualified(struct filter_parser *parser,
			    const struct filter_qualifier *qualifier,
			    struct filter_operand *to)
{
	struct filter_token token = filter_peek(parser);
	size_t repeats = parser->repeats;

	parser->last = *qualifier;
	if (token.kind != TOKEN_OPEN)
		return filter_parse_values(parser, qualifier, to);
	if (!filter_parse_parentheses(parser, to))
		return false;
	if (parser->repeats == repeats || to->kind != OPERAND_CONDITION)
		return filter_fail(parser, token.offset, parser->at - token.offset,
				   "values are missing here, such as (22 or 23)");
	return true;
}

/* A field that is not followed by its value: part of a comparison */
static bool field_operand(struct filter_parser *parser, enum filter_field_id field,
			  enum filter_end end, struct filter_operand *to)
{
	if (filter_fields[field].bits <= 32)
		return filter_made(parser, to, OPERAND_NUMBER,
				   filter_build_field(parser->memory, field, end));
	to->kind = OPERAND_FIELD;
	to->field = field;
	to->end = end;
	to->stop = parser->at;
	return true;
}

static bool parse_field(struct filter_parser *parser, enum filter_field_id field,
			enum filter_end end, bool inside, struct filter_operand *to)
{
	struct filter_qualifier qualifier = { QUALIFIER_FIELD, field, end };

	if (field == FIELD_FLAGS)
		qualifier.kind = QUALIFIER_FLAGS;
	if (field == FIELD_FINDING)
		qualifier.kind = QUALIFIER_FINDING;
	if (!inside && at_value(parser, &qualifier))
		return parse_qualified(parser, &qualifier, to);
	return field_operand(parser, field, end, to);
}

/* "greater 100" */
static bool parse_limit(struct filter_parser *parser, enum filter_relation relation,
			struct filter_operand *to)
{
	struct filter_set set = { 0 };
	uint64_t value;

	if (!filter_parse_scalar(parser, FIELD_LEN, &value))
		return false;
	if (!filter_build_relation(parser->memory, &set, relation, value,
				   filter_field_max(FIELD_LEN)))
		return filter_made(parser, to, OPERAND_CONDITION, NULL);
	return filter_made(
		parser, to, OPERAND_CONDITION,
		filter_build_test(parser->memory, FIELD_LEN, END_SRC, UINT64_MAX, &set));
}

/* link[offset:size] */
static bool parse_link(struct filter_parser *parser, struct filter_operand *to)
{
	enum filter_names expected = parser->expected;
	struct filter_operand offset = { 0 };
	struct filter_token token;
	uint64_t size = 1;
	bool good;

	if (!filter_take(parser, TOKEN_OPEN_INDEX))
		return filter_fail_token(parser, filter_peek(parser),
					 "[ is missing here: link[offset:size]");
	if (++parser->nesting > FILTER_MAX_NESTING)
		return filter_fail_token(parser, filter_peek(parser),
					 "this is nested too deep");
	parser->expected = NAMES_NONE;
	good = filter_parse_sum(parser, &offset);
	parser->expected = expected;
	parser->nesting--;
	if (!good)
		return false;
	if (offset.node->kind == NODE_NUMBER && offset.node->number > FILTER_MAX_OFFSET)
		return filter_fail(parser, offset.offset, offset.stop - offset.offset,
				   "no record is so long");
	if (filter_take(parser, TOKEN_COLON)) {
		token = filter_peek(parser);
		if (token.kind != TOKEN_NUMBER ||
		    filter_read_number(
			    span_text(parser, (struct span) { token.offset, 0 }),
			    token.length, &size) != NUMBER_GOOD ||
		    (size != 1 && size != 2 && size != 4))
			return filter_fail_token(parser, token,
						 "the size is 1, 2 or 4 bytes");
		parser->at = token.offset + token.length;
	}
	if (!filter_take(parser, TOKEN_CLOSE_INDEX))
		return filter_fail_token(parser, filter_peek(parser),
					 "] is missing here: link[offset:size]");
	return filter_made(
		parser, to, OPERAND_NUMBER,
		filter_build_link(parser->memory, offset.node, (unsigned int)size));
}

/* The other word of "src or dst". Return: it is there */
static bool take_other(struct filter_parser *parser, enum filter_keyword keyword,
		       enum filter_end *end)
{
	struct filter_token join = filter_peek(parser);
	struct filter_token other = filter_token(parser->text, join.offset + join.length);
	enum filter_keyword found =
		filter_find_keyword(parser->text + other.offset, other.length);

	if ((join.kind != TOKEN_AND && join.kind != TOKEN_OR) ||
	    (found != KEYWORD_SRC && found != KEYWORD_DST) || found == keyword)
		return false;
	*end = join.kind == TOKEN_AND ? END_BOTH : END_EITHER;
	parser->at = other.offset + other.length;
	return true;
}

/* Behind src or dst */
static bool parse_direction(struct filter_parser *parser, enum filter_keyword keyword,
			    bool inside, struct filter_operand *to)
{
	enum filter_end end = keyword == KEYWORD_SRC ? END_SRC : END_DST;
	struct filter_qualifier qualifier = { QUALIFIER_END, FIELD_SRC_CID, END_SRC };
	enum filter_field_id field;
	enum filter_keyword next;
	struct filter_token token;

	take_other(parser, keyword, &end);
	token = filter_peek(parser);
	field = filter_find_field(parser->text + token.offset, token.length);
	next = filter_find_keyword(parser->text + token.offset, token.length);
	if (field < FIELD_COUNT && filter_fields[field].has_ends) {
		parser->at = token.offset + token.length;
		return parse_field(parser, field, end, inside, to);
	}
	qualifier.end = end;
	if (next == KEYWORD_ADDR || next == KEYWORD_PORTRANGE) {
		qualifier.kind =
			next == KEYWORD_ADDR ? QUALIFIER_ADDRESS : QUALIFIER_FIELD;
		qualifier.field = FIELD_SRC_PORT;
		parser->at = token.offset + token.length;
	} else if (field < FIELD_COUNT || next != KEYWORD_NONE || inside ||
		   !at_value(parser, &qualifier)) {
		return filter_fail_token(
			parser, token,
			"cid, port, portrange, addr, a CID or an address "
			"is missing here");
	}
	return parse_qualified(parser, &qualifier, to);
}

static bool parse_keyword(struct filter_parser *parser, enum filter_keyword keyword,
			  struct span span, bool inside, struct filter_operand *to)
{
	struct filter_qualifier qualifier = { QUALIFIER_FIELD, FIELD_SRC_PORT,
					      END_EITHER };

	if (keyword == KEYWORD_LINK)
		return parse_link(parser, to);
	if (keyword == KEYWORD_SRC || keyword == KEYWORD_DST)
		return parse_direction(parser, keyword, inside, to);
	if (inside)
		return filter_fail(parser, span.offset, span.length,
				   "a number is missing here");
	if (keyword == KEYWORD_GREATER)
		return parse_limit(parser, RELATION_GE, to);
	if (keyword == KEYWORD_LESS)
		return parse_limit(parser, RELATION_LE, to);
	if (keyword == KEYWORD_ADDR)
		qualifier.kind = QUALIFIER_ADDRESS;
	return parse_qualified(parser, &qualifier, to);
}

/* Which names a value has that repeats the last words */
static enum filter_names names_of(const struct filter_qualifier *qualifier)
{
	switch (qualifier->kind) {
	case QUALIFIER_FIELD:
		return filter_fields[qualifier->field].names;
	case QUALIFIER_ADDRESS:
	case QUALIFIER_END:
		return NAMES_CID;
	case QUALIFIER_FLAGS:
		return NAMES_FLAG;
	case QUALIFIER_FINDING:
	case QUALIFIER_NONE:
		break;
	}
	return NAMES_NONE;
}

/* Whether a number at a place stands alone, not in a calculation */
static bool stands_alone(const struct filter_parser *parser, size_t offset)
{
	size_t length = filter_run(parser->text, offset, false);
	struct filter_token next = filter_token(parser->text, offset + length);

	if (next.kind == TOKEN_MINUS) {
		next = filter_token(parser->text, next.offset + next.length);
		if (next.kind != TOKEN_NUMBER)
			return false;
		next = filter_token(parser->text, next.offset + next.length);
	}
	return next.kind == TOKEN_END || next.kind == TOKEN_CLOSE ||
	       next.kind == TOKEN_AND || next.kind == TOKEN_OR;
}

bool filter_repeats(const struct filter_parser *parser)
{
	struct filter_token token = filter_peek(parser);
	const char *text = parser->text + token.offset;
	enum filter_names names = names_of(&parser->last);
	uint64_t value;

	if (parser->last.kind == QUALIFIER_NONE)
		return false;
	if (token.kind == TOKEN_OPEN_SET || token.kind == TOKEN_QUOTED)
		return true;
	if (token.kind == TOKEN_NUMBER)
		return stands_alone(parser, token.offset);
	if (token.kind != TOKEN_WORD)
		return false;
	if (filter_find_keyword(text, token.length) != KEYWORD_NONE ||
	    filter_find_field(text, token.length) < FIELD_COUNT)
		return false;
	if (parser->last.kind == QUALIFIER_FINDING)
		return filter_match_findings(
			       text, filter_run(parser->text, token.offset, true)) != 0;
	return names != NAMES_NONE &&
	       filter_find_value(parser->names, names, text,
				 filter_run(parser->text, token.offset, false), &value);
}

bool filter_at_address(const struct filter_parser *parser)
{
	struct filter_token token = filter_peek(parser);
	size_t length = token.length;

	if (token.kind == TOKEN_WORD || token.kind == TOKEN_NUMBER)
		length = filter_run(parser->text, token.offset, false);
	else if (token.kind != TOKEN_TIMES && token.kind != TOKEN_QUOTED)
		return false;
	return parser->text[token.offset + length] == ':';
}

bool filter_parse_address(struct filter_parser *parser, struct filter_operand *to)
{
	struct filter_qualifier qualifier = { QUALIFIER_ADDRESS, FIELD_SRC_CID,
					      END_EITHER };

	if (parser->last.kind == QUALIFIER_ADDRESS || parser->last.kind == QUALIFIER_END)
		qualifier = parser->last;
	return parse_qualified(parser, &qualifier, to);
}

/* Names that are primitives of their own, or numbers in a calculation */
static const struct {
	enum filter_names names;
	struct filter_qualifier qualifier;
} bare_names[] = {
	{ NAMES_OP, { QUALIFIER_FIELD, FIELD_OP, END_SRC } },
	{ NAMES_TYPE, { QUALIFIER_FIELD, FIELD_TYPE, END_SRC } },
	{ NAMES_FLAG, { QUALIFIER_FLAGS, FIELD_FLAGS, END_SRC } },
};

/* The name of an op, a type or a flag. Return: it is one, and went to *to */
static bool parse_constant(struct filter_parser *parser, struct span span, bool inside,
			   struct filter_operand *to)
{
	const char *text = span_text(parser, span);
	enum filter_token_kind next =
		filter_token(parser->text, span.offset + span.length).kind;
	uint64_t value;
	uint64_t cid;
	size_t i = 0;

	while (i < G_N_ELEMENTS(bare_names) &&
	       !filter_find_value(NULL, bare_names[i].names, text, span.length, &value))
		i++;
	if (i == G_N_ELEMENTS(bare_names))
		return false;
	if (inside || is_relation(next) || is_calculation(next)) {
		parser->at = span.offset + span.length;
		filter_made(parser, to, OPERAND_NUMBER,
			    filter_build_number(parser->memory, value));
	} else if (filter_find_value(parser->names, NAMES_CID, text, span.length, &cid)) {
		const char *what = filter_kind_of_name(bare_names[i].names);
		struct filter_quote quote = filter_quote(text, span.length);

		filter_fail(parser, span.offset, span.length,
			    "%s is the name of a CID, too: say \"%s %s\" or \"cid %s\"",
			    quote.text,
			    bare_names[i].names == NAMES_FLAG ? "flags" : what,
			    quote.text, quote.text);
	} else {
		parser->last = (struct filter_qualifier) { 0 };
		filter_parse_values(parser, &bare_names[i].qualifier, to);
	}
	return true;
}

static bool fail_word(struct filter_parser *parser, struct span span, bool inside)
{
	const char *text = span_text(parser, span);
	const char *nearest =
		inside && parser->expected != NAMES_NONE
			? filter_nearest_value(parser->expected, text, span.length)
			: NULL;
	struct filter_quote quote = filter_quote(text, span.length);

	if (!nearest)
		nearest = filter_nearest_word(parser->kind, text, span.length);
	if (inside && parser->expected != NAMES_NONE)
		return filter_fail(parser, span.offset, span.length,
				   "unknown %s \"%s\"%s%s%s",
				   filter_kind_of_name(parser->expected), quote.text,
				   nearest ? ": did you mean " : "",
				   nearest ? nearest : "", nearest ? "?" : "");
	return filter_fail(parser, span.offset, span.length, "unknown word \"%s\"%s%s%s",
			   quote.text, nearest ? ": did you mean " : "",
			   nearest ? nearest : "", nearest ? "?" : "");
}

static bool parse_known_field(struct filter_parser *parser, enum filter_field_id field,
			      struct span span, bool inside, struct filter_operand *to)
{
	if (filter_fields[field].layer == LAYER_TRACKER && parser->kind == FILTER_PACKET)
		return filter_fail(parser, span.offset, span.length,
				   "%s is nothing that a packet has in it: use --where "
				   "'%s ...'",
				   filter_fields[field].name, filter_fields[field].name);
	parser->at = span.offset + span.length;
	return parse_field(parser, field, END_EITHER, inside, to);
}

bool filter_parse_word(struct filter_parser *parser, bool inside,
		       struct filter_operand *to)
{
	static const struct filter_qualifier cid = { QUALIFIER_FIELD, FIELD_SRC_CID,
						     END_EITHER };
	struct filter_token token = filter_peek(parser);
	struct span word = { token.offset, token.length };
	struct span run = { token.offset, filter_run(parser->text, token.offset, false) };
	enum filter_keyword keyword =
		filter_find_keyword(parser->text + token.offset, token.length);
	enum filter_field_id field =
		filter_find_field(parser->text + token.offset, token.length);
	uint64_t value;

	if (inside && parser->expected != NAMES_NONE &&
	    filter_find_value(parser->names, parser->expected, span_text(parser, run),
			      run.length, &value)) {
		parser->at = run.offset + run.length;
		return filter_made(parser, to, OPERAND_NUMBER,
				   filter_build_number(parser->memory, value));
	}
	if (keyword != KEYWORD_NONE) {
		parser->at = token.offset + token.length;
		return parse_keyword(parser, keyword, word, inside, to);
	}
	if (field < FIELD_COUNT)
		return parse_known_field(parser, field, word, inside, to);
	if (parse_constant(parser, run, inside, to) ||
	    (word.length < run.length && parse_constant(parser, word, inside, to)))
		return !parser->failed;
	if (!inside && filter_find_value(parser->names, NAMES_CID, span_text(parser, run),
					 run.length, &value)) {
		parser->last = cid;
		return filter_parse_values(parser, &cid, to);
	}
	return fail_word(parser, run, inside);
}
