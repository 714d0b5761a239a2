/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Values: numbers, names, ranges, sets, durations, addresses, lists of flags.
 */

#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#include "filter_build.h"
#include "filter_names.h"
#include "filter_parser.h"

enum filter_number_form filter_read_number(const char *text, size_t length,
					   uint64_t *number)
{
	bool hexadecimal = length > 2 && text[0] == '0' && (text[1] | 32) == 'x';
	uint64_t base = hexadecimal ? 16 : 10;
	uint64_t value = 0;
	bool fits = true;

	if (length == 0)
		return NUMBER_NOT;
	for (size_t i = hexadecimal ? 2 : 0; i < length; i++) {
		uint64_t digit = (uint64_t)g_ascii_xdigit_value(text[i]);

		if (digit >= base)
			return NUMBER_NOT;
		if (value > (UINT64_MAX - digit) / base)
			fits = false;
		value = value * base + digit;
	}
	if (!hexadecimal && length > 1 && text[0] == '0')
		return NUMBER_OCTAL;
	*number = value;
	return fits ? NUMBER_GOOD : NUMBER_TOO_LARGE;
}

/* Where the '-' between two numbers is; length where there is none */
static size_t find_dash(const char *text, size_t length)
{
	const char *dash = memchr(text, '-', length);
	size_t offset = dash ? (size_t)(dash - text) : length;
	uint64_t number;

	if (!dash || filter_read_number(text, offset, &number) == NUMBER_NOT ||
	    filter_read_number(dash + 1, length - offset - 1, &number) == NUMBER_NOT)
		return length;
	return offset;
}

bool filter_is_value(const char *text, size_t length)
{
	uint64_t number;

	return filter_read_number(text, length, &number) != NUMBER_NOT ||
	       find_dash(text, length) < length;
}

/* 10ms, 1.5s. Return: it is a duration, in nanoseconds, that fits */
static bool read_duration(const char *text, size_t length, uint64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	size_t digits = 0;
	char number[32];
	double value;

	while (digits < length && (g_ascii_isdigit(text[digits]) || text[digits] == '.'))
		digits++;
	if (digits == 0 || digits >= sizeof(number) ||
	    memchr(text, '.', digits) != memrchr(text, '.', digits))
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		if (!filter_same_word(text + digits, length - digits, units[i].name))
			continue;
		value = g_ascii_strtod(number, NULL) * units[i].ns + 0.5;
		if (value >= (double)INT64_MAX)
			return false;
		*ns = (uint64_t)value;
		return true;
	}
	return false;
}

/* All names of a kind, for a message */
static bool fail_unknown(struct filter_parser *parser, enum filter_names kind,
			 size_t offset, size_t length)
{
	const char *text = parser->text + offset;
	const char *nearest = filter_nearest_value(kind, text, length);
	struct filter_quote quote = filter_quote(text, length);
	const char *what = filter_kind_of_name(kind);
	char list[160] = "";
	size_t i;

	if (nearest)
		return filter_fail(parser, offset, length,
				   "unknown %s \"%s\": did you mean %s?", what,
				   quote.text, nearest);
	for (i = 0; filter_name_at(kind, i); i++) {
		g_strlcat(list, i == 0 ? "" : ", ", sizeof(list));
		g_strlcat(list, filter_name_at(kind, i), sizeof(list));
	}
	if (i == 0)
		return filter_fail(parser, offset, length, "\"%s\" is not a number",
				   quote.text);
	if (kind == NAMES_CID || kind == NAMES_PORT)
		return filter_fail(parser, offset, length, "no %s is called \"%s\"", what,
				   quote.text);
	if (kind == NAMES_FINDING)
		return filter_fail(
			parser, offset, length,
			"no finding is called \"%s\": --explain all lists them",
			quote.text);
	return filter_fail(parser, offset, length, "unknown %s \"%s\": there are %s",
			   what, quote.text, list);
}

static bool fail_missing(struct filter_parser *parser, enum filter_names kind)
{
	struct filter_token token = filter_peek(parser);
	const char *what = filter_kind_of_name(kind);
	const char *article = strchr("aeiou", what[0]) ? "an" : "a";

	if (token.kind == TOKEN_OPEN_QUOTE)
		return filter_fail_token(parser, token,
					 "the quotation mark is never closed");
	return filter_fail_token(parser, token, "%s %s is missing here", article, what);
}

/* A number of a field, in some bytes of the text */
static bool number_value(struct filter_parser *parser, enum filter_field_id field,
			 size_t offset, size_t length, uint64_t *value)
{
	uint64_t max = filter_field_max(field);
	enum filter_number_form form =
		filter_read_number(parser->text + offset, length, value);
	const char *name = field == FIELD_DST_CID || field == FIELD_DST_PORT
				   ? filter_fields[field - 1].name
				   : filter_fields[field].name;

	if (form == NUMBER_OCTAL)
		return filter_fail(parser, offset, length,
				   "numbers are decimal, or hexadecimal with 0x: they do "
				   "not begin with 0");
	if (form == NUMBER_TOO_LARGE || *value > max)
		return filter_fail(parser, offset, length,
				   "%s goes up to %" PRIu64 " only", name, max);
	if (filter_fields[field].names == NAMES_DURATION && *value > 0)
		return filter_fail(parser, offset, length,
				   "%" PRIu64 " what: ns, us, ms or s?", *value);
	return true;
}

/* A name or number, in some bytes of the text */
static bool plain_value(struct filter_parser *parser, enum filter_field_id field,
			size_t offset, size_t length, uint64_t *value)
{
	enum filter_names kind = filter_fields[field].names;
	const char *text = parser->text + offset;
	uint64_t number;

	if (filter_read_number(text, length, &number) != NUMBER_NOT)
		return number_value(parser, field, offset, length, value);
	if (kind == NAMES_DURATION) {
		if (read_duration(text, length, value))
			return true;
		return filter_fail(parser, offset, length,
				   "\"%s\" is not a duration, such as 10ms or 1.5s",
				   filter_quote(text, length).text);
	}
	if (filter_find_value(parser->names, kind, text, length, value))
		return true;
	return fail_unknown(parser, kind, offset, length);
}

/* The bytes of a name or number, without quotation marks. Return: there are some */
static bool take_bytes(struct filter_parser *parser, bool wildcards, size_t *offset,
		       size_t *length)
{
	struct filter_token token = filter_peek(parser);

	*offset = token.offset;
	if (token.kind == TOKEN_QUOTED && token.length > 2) {
		*offset = token.offset + 1;
		*length = token.length - 2;
		parser->at = token.offset + token.length;
		return true;
	}
	if (token.kind != TOKEN_WORD && token.kind != TOKEN_NUMBER &&
	    !(wildcards && token.kind == TOKEN_TIMES))
		return false;
	*length = filter_run(parser->text, token.offset, wildcards);
	parser->at = token.offset + *length;
	return true;
}

/* A value or a range of two: 5, 5-9, host, 5 - 9 */
static bool parse_range(struct filter_parser *parser, enum filter_field_id field,
			struct filter_range *range)
{
	enum filter_names kind = filter_fields[field].names;
	size_t offset;
	size_t length;
	size_t begin;
	size_t dash;

	if (!take_bytes(parser, false, &offset, &length))
		return fail_missing(parser, kind);
	begin = offset;
	dash = find_dash(parser->text + offset, length);
	if (dash < length) {
		if (!number_value(parser, field, offset, dash, &range->lo) ||
		    !number_value(parser, field, offset + dash + 1, length - dash - 1,
				  &range->hi))
			return false;
	} else {
		if (!plain_value(parser, field, offset, length, &range->lo))
			return false;
		range->hi = range->lo;
		if (filter_take(parser, TOKEN_MINUS)) {
			if (!take_bytes(parser, false, &offset, &length))
				return fail_missing(parser, kind);
			if (!plain_value(parser, field, offset, length, &range->hi))
				return false;
		}
	}
	if (range->lo > range->hi)
		return filter_fail(parser, begin, parser->at - begin,
				   "the range begins behind its end");
	return true;
}

bool filter_parse_scalar(struct filter_parser *parser, enum filter_field_id field,
			 uint64_t *value)
{
	struct filter_range range = { 0 };
	size_t offset = filter_peek(parser).offset;

	if (!parse_range(parser, field, &range))
		return false;
	if (range.lo != range.hi)
		return filter_fail(parser, offset, parser->at - offset,
				   "a comparison takes one value; a range is written %s "
				   "%" PRIu64 "-%" PRIu64 ", or == { ... }",
				   filter_fields[field].name, range.lo, range.hi);
	*value = range.lo;
	return true;
}

static bool no_memory(struct filter_parser *parser)
{
	return filter_fail(parser, parser->at, 1, "not enough memory");
}

static bool add_range(struct filter_parser *parser, enum filter_field_id field,
		      struct filter_set *set)
{
	struct filter_range range = { 0 };

	if (!parse_range(parser, field, &range))
		return false;
	return filter_set_add(parser->memory, set, range.lo, range.hi) ||
	       no_memory(parser);
}

/* Behind a value of a set. Return: the set goes on */
static bool goes_on(struct filter_parser *parser, bool *good)
{
	if (filter_take(parser, TOKEN_COMMA))
		return true;
	*good = filter_take(parser, TOKEN_CLOSE_SET) ||
		filter_fail_token(parser, filter_peek(parser),
				  "a comma or } is missing here");
	return false;
}

bool filter_parse_set(struct filter_parser *parser, enum filter_field_id field,
		      struct filter_set *set)
{
	uint64_t value = 0;
	bool good = true;

	if (!filter_take(parser, TOKEN_OPEN_SET))
		return filter_parse_scalar(parser, field, &value) &&
		       (filter_set_add(parser->memory, set, value, value) ||
			no_memory(parser));
	do {
		if (!add_range(parser, field, set))
			return false;
	} while (goes_on(parser, &good));
	filter_set_sort(set);
	return good;
}

/* One half of an address. Return: false where it is wrong; a set that stays empty is
 * "any value" */
static bool parse_half(struct filter_parser *parser, enum filter_field_id field,
		       struct filter_set *set)
{
	return filter_take(parser, TOKEN_TIMES) || add_range(parser, field, set);
}

static struct filter_node *half_test(struct filter_parser *parser,
				     enum filter_field_id field, enum filter_end end,
				     struct filter_set *set)
{
	if (set->count == 0 &&
	    !filter_set_add(parser->memory, set, 0, filter_field_max(field)))
		return NULL;
	return filter_build_test(parser->memory, field, end, UINT64_MAX, set);
}

static struct filter_node *address_test(struct filter_parser *parser, enum filter_end end,
					struct filter_set *cid, struct filter_set *port)
{
	struct filter_node *side[2];

	if (end == END_SRC || end == END_DST)
		return filter_build_join(parser->memory, NODE_AND,
					 half_test(parser, FIELD_SRC_CID, end, cid),
					 half_test(parser, FIELD_SRC_PORT, end, port));
	side[0] = address_test(parser, END_SRC, cid, port);
	side[1] = address_test(parser, END_DST, cid, port);
	return filter_build_join(parser->memory, end == END_BOTH ? NODE_AND : NODE_OR,
				 side[0], side[1]);
}

/* CID:PORT, or a CID alone where that is allowed */
static bool parse_end(struct filter_parser *parser,
		      const struct filter_qualifier *qualifier, struct filter_node **node)
{
	size_t offset = filter_peek(parser).offset;
	struct filter_set cid = { 0 };
	struct filter_set port = { 0 };

	if (!parse_half(parser, FIELD_SRC_CID, &cid))
		return false;
	if (parser->text[parser->at] == ':') {
		parser->at++;
		if (!parse_half(parser, FIELD_SRC_PORT, &port))
			return false;
		*node = address_test(parser, qualifier->end, &cid, &port);
		return true;
	}
	if (qualifier->kind == QUALIFIER_ADDRESS || cid.count == 0)
		return filter_fail(parser, offset, parser->at - offset,
				   "an address is CID:PORT, such as 3:1024 or host:*");
	*node = filter_build_test(parser->memory, FIELD_SRC_CID, qualifier->end,
				  UINT64_MAX, &cid);
	return true;
}

static struct filter_node *test_of(struct filter_parser *parser,
				   enum filter_field_id field, uint64_t mask,
				   uint64_t value)
{
	struct filter_set set = { 0 };

	if (!filter_set_add(parser->memory, &set, value, value))
		return NULL;
	return filter_build_test(parser->memory, field, END_SRC, mask, &set);
}

/* That an op and a type are such that a flag means something, and that it is set */
static struct filter_node *flag_test(struct filter_parser *parser, uint16_t op,
				     uint32_t flag)
{
	uint64_t types = filter_flag_types(op, flag);
	struct filter_node *node = test_of(parser, FIELD_OP, UINT64_MAX, op);
	struct filter_set set = { 0 };

	for (unsigned int type = 0; type < 64; type++)
		if (types >> type & 1 &&
		    !filter_set_add(parser->memory, &set, type, type))
			return NULL;
	filter_set_sort(&set);
	if (types != 0)
		node = filter_build_join(parser->memory, NODE_AND, node,
					 filter_build_test(parser->memory, FIELD_TYPE,
							   END_SRC, UINT64_MAX, &set));
	return filter_build_join(parser->memory, NODE_AND, node,
				 test_of(parser, FIELD_FLAGS, flag, flag));
}

/* NULL where there is no such flag */
static struct filter_node *flag_named(struct filter_parser *parser, size_t offset,
				      size_t length)
{
	const char *name;
	uint16_t op;
	uint32_t flag;

	for (size_t i = 0; (name = filter_name_at(NAMES_FLAG, i)); i++)
		if (filter_same_word(parser->text + offset, length, name) &&
		    vsockhdr_flag_parse(name, &op, &flag) == VSOCKHDR_OK)
			return flag_test(parser, op, flag);
	return NULL;
}

/* SEND,RECEIVE: all of them; in braces, a comma is for the next alternative */
static bool parse_flags(struct filter_parser *parser, bool list,
			struct filter_node **node)
{
	struct filter_node *all = NULL;

	do {
		struct filter_node *one;
		size_t offset;
		size_t length;

		if (!take_bytes(parser, false, &offset, &length))
			return fail_missing(parser, NAMES_FLAG);
		if (filter_is_value(parser->text + offset, length))
			return filter_fail(
				parser, offset, length,
				"flags have names here; for numbers, say flags "
				"== 3, or flags & 3 != 0");
		one = flag_named(parser, offset, length);
		if (!one)
			return fail_unknown(parser, NAMES_FLAG, offset, length);
		all = all ? filter_build_join(parser->memory, NODE_AND, all, one) : one;
	} while (list && filter_take(parser, TOKEN_COMMA));
	*node = all;
	return true;
}

bool filter_parse_findings(struct filter_parser *parser, uint64_t *findings)
{
	bool set = filter_take(parser, TOKEN_OPEN_SET);
	bool good = true;

	*findings = 0;
	do {
		uint64_t found;
		size_t offset;
		size_t length;

		if (!take_bytes(parser, true, &offset, &length))
			return fail_missing(parser, NAMES_FINDING);
		found = filter_match_findings(parser->text + offset, length);
		if (found == 0)
			return fail_unknown(parser, NAMES_FINDING, offset, length);
		*findings |= found;
	} while (set && goes_on(parser, &good));
	return good;
}

/* One value of a set that is made of conditions */
static bool parse_alternative(struct filter_parser *parser,
			      const struct filter_qualifier *qualifier, bool in_set,
			      struct filter_node **node)
{
	if (qualifier->kind == QUALIFIER_FLAGS)
		return parse_flags(parser, !in_set, node);
	return parse_end(parser, qualifier, node);
}

static bool parse_alternatives(struct filter_parser *parser,
			       const struct filter_qualifier *qualifier,
			       struct filter_node **node)
{
	bool in_set = filter_take(parser, TOKEN_OPEN_SET);
	bool good = true;

	*node = NULL;
	do {
		struct filter_node *one = NULL;

		if (!parse_alternative(parser, qualifier, in_set, &one))
			return false;
		*node = *node ? filter_build_join(parser->memory, NODE_OR, *node, one)
			      : one;
		if (!*node)
			return no_memory(parser);
	} while (in_set && goes_on(parser, &good));
	return good;
}

/* A value or a range, or several in braces */
static bool parse_field_values(struct filter_parser *parser,
			       const struct filter_qualifier *qualifier,
			       struct filter_node **node)
{
	struct filter_set set = { 0 };

	if (filter_peek(parser).kind == TOKEN_OPEN_SET
		    ? !filter_parse_set(parser, qualifier->field, &set)
		    : !add_range(parser, qualifier->field, &set))
		return false;
	*node = filter_build_test(parser->memory, qualifier->field, qualifier->end,
				  UINT64_MAX, &set);
	return true;
}

/* Whether all packets of a connection give the same answer */
static bool keeps(const struct filter_qualifier *qualifier)
{
	bool has_ends =
		qualifier->kind == QUALIFIER_ADDRESS || qualifier->kind == QUALIFIER_END;

	if (qualifier->kind == QUALIFIER_FIELD) {
		has_ends = filter_fields[qualifier->field].has_ends;
		if (qualifier->field == FIELD_TYPE || qualifier->field == FIELD_FLOW)
			return true;
	}
	return has_ends && (qualifier->end == END_EITHER || qualifier->end == END_BOTH);
}

bool filter_parse_values(struct filter_parser *parser,
			 const struct filter_qualifier *qualifier,
			 struct filter_operand *to)
{
	struct filter_node *node = NULL;
	uint64_t findings;
	bool good;

	if (qualifier->kind == QUALIFIER_FIELD) {
		good = parse_field_values(parser, qualifier, &node);
	} else if (qualifier->kind == QUALIFIER_FINDING) {
		good = filter_parse_findings(parser, &findings);
		node = filter_build_findings(parser->memory, findings);
	} else {
		good = parse_alternatives(parser, qualifier, &node);
	}
	to->keeps = keeps(qualifier);
	return good && filter_made(parser, to, OPERAND_CONDITION, node);
}
