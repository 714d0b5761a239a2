/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The grammar (vsock-filter(7)), by recursive descent:
 *
 *	expression = term { ("and" | "or") term }
 *	term       = { "not" } comparison
 *	comparison = sum [ relation ( sum | set ) ]
 *	sum        = operand { operator operand }, by precedence
 *	operand    = "-" operand | "(" expression ")" | number | word ...
 *
 * A condition in parentheses and a calculation in parentheses begin alike. So an
 * expression may turn out to be a number, and whoever wants a condition checks.
 */

#include <glib.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_build.h"
#include "filter_names.h"
#include "filter_parser.h"

bool filter_fail(struct filter_parser *parser, size_t offset, size_t length,
		 const char *format, ...)
{
	struct filter_error *error = parser->error;
	va_list args;

	if (parser->failed)
		return false;
	parser->failed = true;
	error->offset = offset;
	error->length = length > 0 ? length : 1;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

bool filter_made(struct filter_parser *parser, struct filter_operand *operand,
		 enum filter_operand_kind kind, struct filter_node *node)
{
	operand->kind = kind;
	operand->node = node;
	operand->stop = parser->at;
	if (!node)
		return filter_fail(parser, parser->at, 1, "not enough memory");
	if (node->depth > FILTER_MAX_DEPTH)
		return filter_fail(parser, operand->offset, parser->at - operand->offset,
				   "this is too long: use sets, {1, 2}, or parentheses");
	if (node->slots > BPF_MEMWORDS)
		return filter_fail(parser, operand->offset, parser->at - operand->offset,
				   "this calculation has too many parentheses");
	return true;
}

struct filter_token filter_peek(const struct filter_parser *parser)
{
	return filter_token(parser->text, parser->at);
}

bool filter_take(struct filter_parser *parser, enum filter_token_kind kind)
{
	struct filter_token token = filter_peek(parser);

	if (token.kind != kind)
		return false;
	parser->at = token.offset + token.length;
	return true;
}

struct filter_quote filter_quote(const char *text, size_t length)
{
	struct filter_quote quote;
	size_t room = sizeof(quote.text) - 4;
	size_t count = length < room ? length : room;

	for (size_t i = 0; i < count; i++)
		quote.text[i] = (char)(g_ascii_isprint(text[i]) ? text[i] : '?');
	g_strlcpy(quote.text + count, count < length ? "..." : "", 4);
	return quote;
}

/* A number alone says nothing; a field alone neither. */
static bool want_condition(struct filter_parser *parser,
			   const struct filter_operand *operand)
{
	size_t length = operand->stop - operand->offset;
	struct filter_quote quote;

	if (operand->kind == OPERAND_CONDITION)
		return true;
	quote = filter_quote(parser->text + operand->offset, length);
	if (operand->literal)
		return filter_fail(parser, operand->offset, length,
				   "%s what: cid %s or port %s?", quote.text, quote.text,
				   quote.text);
	return filter_fail(parser, operand->offset, length,
			   "compare this with something, such as %s > 100", quote.text);
}

/* A calculation takes numbers of 32 bits. */
bool filter_want_number(struct filter_parser *parser,
			const struct filter_operand *operand)
{
	size_t length = operand->stop - operand->offset;

	if (operand->kind == OPERAND_CONDITION)
		return filter_fail(parser, operand->offset, length,
				   "this is a condition, and a number is wanted here");
	if (operand->kind == OPERAND_FIELD)
		return filter_fail(parser, operand->offset, length,
				   "%s has 64 bits: it can be compared with values, not "
				   "calculated with",
				   filter_fields[operand->field].name);
	if (!operand->node)
		return false;
	if (operand->node->kind == NODE_NUMBER && operand->node->number > UINT32_MAX)
		return filter_fail(parser, operand->offset, length,
				   "this does not fit in 32 bits, as all calculations "
				   "do");
	return true;
}

bool filter_parse_parentheses(struct filter_parser *parser, struct filter_operand *to)
{
	enum filter_names expected = parser->expected;
	struct filter_token open = filter_peek(parser);
	bool good;

	filter_take(parser, TOKEN_OPEN);
	if (++parser->nesting > FILTER_MAX_NESTING)
		return filter_fail_token(parser, open, "this is nested too deep");
	parser->expected = NAMES_NONE;
	good = filter_parse_expression(parser, to);
	parser->expected = expected;
	parser->nesting--;
	if (!good)
		return false;
	to->literal = false;
	to->offset = open.offset;
	if (filter_take(parser, TOKEN_CLOSE)) {
		to->stop = parser->at;
		return true;
	}
	if (filter_peek(parser).kind == TOKEN_END)
		return filter_fail_token(parser, open,
					 "this parenthesis is never closed");
	return filter_fail_token(parser, filter_peek(parser),
				 "\"and\", \"or\" or ) is missing before this");
}

static bool parse_number(struct filter_parser *parser, struct filter_token token,
			 struct filter_operand *to)
{
	const char *text = parser->text + token.offset;
	uint64_t number = 0;

	parser->at = token.offset + token.length;
	switch (filter_read_number(text, token.length, &number)) {
	case NUMBER_GOOD:
		break;
	case NUMBER_NOT:
		return filter_fail_token(parser, token,
					 "\"%s\" is neither a number nor a name",
					 filter_quote(text, token.length).text);
	case NUMBER_OCTAL:
		return filter_fail_token(parser, token,
					 "numbers are decimal, or hexadecimal with 0x: "
					 "they do not begin with 0");
	case NUMBER_TOO_LARGE:
		return filter_fail_token(parser, token, "this does not fit in 64 bits");
	}
	to->literal = true;
	return filter_made(parser, to, OPERAND_NUMBER,
			   filter_build_number(parser->memory, number));
}

static bool fail_start(struct filter_parser *parser, struct filter_token token,
		       bool inside)
{
	const char *wanted = inside ? "a number" : "a condition";

	switch (token.kind) {
	case TOKEN_END:
		return filter_fail_token(parser, token, "%s is missing at the end",
					 wanted);
	case TOKEN_OPEN_QUOTE:
		return filter_fail_token(parser, token,
					 "the quotation mark is never closed");
	case TOKEN_OTHER:
		return filter_fail_token(parser, token, "this sign means nothing here");
	default:
		return filter_fail_token(parser, token, "%s is missing before this",
					 wanted);
	}
}

/* Behind a minus */
static bool parse_negative(struct filter_parser *parser, struct filter_operand *to)
{
	size_t offset = to->offset;

	if (++parser->nesting > FILTER_MAX_NESTING)
		return filter_fail_token(parser, filter_peek(parser),
					 "this is nested too deep");
	if (!filter_parse_operand(parser, true, to) || !filter_want_number(parser, to))
		return false;
	parser->nesting--;
	to->literal = false;
	to->offset = offset;
	return filter_made(parser, to, OPERAND_NUMBER,
			   filter_build_negate(parser->memory, to->node));
}

bool filter_parse_operand(struct filter_parser *parser, bool inside,
			  struct filter_operand *to)
{
	struct filter_token token = filter_peek(parser);
	struct filter_qualifier last = parser->last;

	*to = (struct filter_operand) { .offset = token.offset };
	if (!inside && filter_at_address(parser))
		return filter_parse_address(parser, to);
	if (!inside && filter_repeats(parser)) {
		parser->repeats++;
		return filter_parse_values(parser, &last, to);
	}
	switch (token.kind) {
	case TOKEN_OPEN:
		/* In a calculation, a number is no value of the words before. */
		if (inside)
			parser->last = (struct filter_qualifier) { 0 };
		return filter_parse_parentheses(parser, to);
	case TOKEN_MINUS:
		filter_take(parser, TOKEN_MINUS);
		return parse_negative(parser, to);
	case TOKEN_NUMBER:
		return parse_number(parser, token, to);
	case TOKEN_QUOTED:
		last = (struct filter_qualifier) { QUALIFIER_FIELD, FIELD_SRC_CID,
						   END_EITHER };
		parser->last = last;
		return inside ? fail_start(parser, token, inside)
			      : filter_parse_values(parser, &last, to);
	case TOKEN_WORD:
		return filter_parse_word(parser, inside, to);
	default:
		return fail_start(parser, token, inside);
	}
}

/* How tightly an operator binds; 0: it is none */
static int precedence(enum filter_token_kind kind)
{
	static const int table[TOKEN_OTHER + 1] = {
		[TOKEN_BIT_OR] = 1,     [TOKEN_BIT_XOR] = 2,     [TOKEN_BIT_AND] = 3,
		[TOKEN_SHIFT_LEFT] = 4, [TOKEN_SHIFT_RIGHT] = 4, [TOKEN_PLUS] = 5,
		[TOKEN_MINUS] = 5,      [TOKEN_TIMES] = 6,       [TOKEN_DIVIDE] = 6,
		[TOKEN_MODULO] = 6,
	};

	return table[kind];
}

/* One operator and its right side, with what is at its left */
static bool parse_step(struct filter_parser *parser, struct filter_token sign,
		       struct filter_operand *left, struct filter_operand *right)
{
	bool divides = sign.kind == TOKEN_DIVIDE || sign.kind == TOKEN_MODULO;

	if (!filter_want_number(parser, right))
		return false;
	if (divides && right->node && right->node->kind == NODE_NUMBER &&
	    right->node->number == 0)
		return filter_fail(parser, right->offset, parser->at - right->offset,
				   "this divides by zero");
	left->literal = false;
	return filter_made(parser, left, OPERAND_NUMBER,
			   filter_build_calculate(parser->memory, sign.kind, left->node,
						  right->node));
}

/* Operators that bind at least so tightly */
bool filter_parse_operators(struct filter_parser *parser, int least,
			    struct filter_operand *left)
{
	for (;;) {
		struct filter_token sign = filter_peek(parser);
		struct filter_operand right = { 0 };
		int tight = precedence(sign.kind);

		if (tight == 0 || tight < least)
			return true;
		if (!filter_want_number(parser, left))
			return false;
		filter_take(parser, sign.kind);
		if (!filter_parse_operand(parser, true, &right) ||
		    !filter_parse_operators(parser, tight + 1, &right) ||
		    !parse_step(parser, sign, left, &right))
			return false;
	}
}

bool filter_parse_sum(struct filter_parser *parser, struct filter_operand *to)
{
	return filter_parse_operand(parser, true, to) &&
	       filter_parse_operators(parser, 1, to) && filter_want_number(parser, to);
}

static bool parse_term(struct filter_parser *parser, struct filter_operand *to)
{
	size_t offset = filter_peek(parser).offset;
	bool any = false;
	bool negated = false;

	while (filter_take(parser, TOKEN_NOT)) {
		any = true;
		negated = !negated;
	}
	if (!filter_parse_comparison(parser, to))
		return false;
	if (!any)
		return true;
	if (!want_condition(parser, to))
		return false;
	to->offset = offset;
	return !negated || filter_made(parser, to, OPERAND_CONDITION,
				       filter_build_not(parser->memory, to->node));
}

bool filter_parse_expression(struct filter_parser *parser, struct filter_operand *to)
{
	if (!parse_term(parser, to))
		return false;
	for (;;) {
		struct filter_operand right = { 0 };
		struct filter_token sign = filter_peek(parser);

		if (sign.kind != TOKEN_AND && sign.kind != TOKEN_OR)
			return true;
		if (!want_condition(parser, to))
			return false;
		filter_take(parser, sign.kind);
		if (!parse_term(parser, &right) || !want_condition(parser, &right))
			return false;
		to->keeps = to->keeps && right.keeps;
		if (!filter_made(
			    parser, to, OPERAND_CONDITION,
			    filter_build_join(parser->memory,
					      sign.kind == TOKEN_AND ? NODE_AND : NODE_OR,
					      to->node, right.node)))
			return false;
	}
}

/* Two words that a blank alone is between */
static bool fail_rest(struct filter_parser *parser)
{
	struct filter_token token = filter_peek(parser);

	if (token.kind == TOKEN_CLOSE)
		return filter_fail_token(parser, token,
					 "this parenthesis was never opened");
	if (token.kind == TOKEN_OPEN_QUOTE || token.kind == TOKEN_OTHER)
		return fail_start(parser, token, false);
	return filter_fail_token(parser, token,
				 "\"and\" or \"or\" is missing before this");
}

static bool parse_all(struct filter_parser *parser, struct filter *filter)
{
	struct filter_operand all = { 0 };

	if (filter_peek(parser).kind == TOKEN_END) {
		all.keeps = true;
		if (!filter_made(parser, &all, OPERAND_CONDITION,
				 filter_build_constant(parser->memory, true)))
			return false;
	} else if (!filter_parse_expression(parser, &all)) {
		return false;
	}
	if (filter_peek(parser).kind != TOKEN_END)
		return fail_rest(parser);
	if (!want_condition(parser, &all))
		return false;
	filter_build_finish(all.node);
	filter->root = all.node;
	filter->keeps = all.keeps;
	return true;
}

struct filter *filter_parse(const char *text, enum filter_kind kind,
			    const struct naming *names, struct filter_error *error)
{
	struct filter *filter = calloc(1, sizeof(*filter));
	struct filter_parser parser = {
		.text = text,
		.kind = kind,
		.names = names,
		.error = error,
	};
	bool good = false;

	*error = (struct filter_error) { 0 };
	if (!filter) {
		filter_fail(&parser, 0, 1, "not enough memory");
		return NULL;
	}
	filter->kind = kind;
	parser.memory = &filter->memory;
	if (strnlen(text, FILTER_MAX_TEXT + 1) > FILTER_MAX_TEXT)
		filter_fail(&parser, FILTER_MAX_TEXT, 1,
			    "an expression has at most %d bytes", FILTER_MAX_TEXT);
	else
		good = parse_all(&parser, filter);
	if (good)
		return filter;
	filter_free(filter);
	return NULL;
}
