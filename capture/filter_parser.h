/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_PARSER_H
#define VSOCKDUMP_FILTER_PARSER_H

/*
 * What the parts of the parser share: filter_parse.c and filter_compare.c know the
 * grammar, filter_word.c what a word at the beginning of a primitive stands for,
 * filter_value.c how values are written.
 */

#include "filter_ast.h"
#include "filter_lexer.h"

/** How deep parentheses may be nested */
#define FILTER_MAX_NESTING 200

/** enum filter_qualifier_kind - What the values behind some words are */
enum filter_qualifier_kind {
	QUALIFIER_NONE,
	/** Values of a field */
	QUALIFIER_FIELD,
	/** CID:PORT (addr) */
	QUALIFIER_ADDRESS,
	/** A CID or CID:PORT (src, dst alone) */
	QUALIFIER_END,
	/** Flags, all of which are set */
	QUALIFIER_FLAGS,
	/** Findings, with wildcards */
	QUALIFIER_FINDING,
};

/**
 * struct filter_qualifier - What values are about
 * @kind:	What they are
 * @field:	The field, of QUALIFIER_FIELD
 * @end:	Which end, if there are two
 */
struct filter_qualifier {
	enum filter_qualifier_kind kind;
	enum filter_field_id field;
	enum filter_end end;
};

/**
 * struct filter_parser - The parser at work
 * @text:	The expression
 * @at:		How far it has got, in bytes
 * @kind:	What it may be about
 * @names:	Names of CIDs and ports
 * @memory:	Where the tree goes
 * @error:	What is wrong; valid if @failed
 * @failed:	Something is
 * @nesting:	Parentheses that are open
 * @last:	What a value without words before it is about
 * @repeats:	How many such values there were
 * @expected:	Names that a word of the calculation at hand may be, first of all
 */
struct filter_parser {
	const char *text;
	size_t at;
	enum filter_kind kind;
	const struct naming *names;
	struct filter_arena *memory;
	struct filter_error *error;
	bool failed;
	unsigned int nesting;
	struct filter_qualifier last;
	size_t repeats;
	enum filter_names expected;
};

/** enum filter_operand_kind - What some part of an expression is */
enum filter_operand_kind {
	/** A condition */
	OPERAND_CONDITION,
	/** A calculation of 32 bits */
	OPERAND_NUMBER,
	/** A field that can be compared with values only */
	OPERAND_FIELD,
};

/**
 * struct filter_operand - A part of an expression
 * @kind:	What it is
 * @node:	Its tree, but of OPERAND_FIELD
 * @field:	Of OPERAND_FIELD
 * @end:	Likewise
 * @keeps:	Of a condition: all packets of a connection give the same answer
 * @literal:	It is a number as it stands in the text, of up to 64 bits
 * @offset:	Where it begins
 * @stop:	Where it ends
 */
struct filter_operand {
	enum filter_operand_kind kind;
	struct filter_node *node;
	enum filter_field_id field;
	enum filter_end end;
	bool keeps;
	bool literal;
	size_t offset;
	size_t stop;
};

/** filter_fail() - Say what is wrong with some bytes; what was said first counts.
 * Return: false */
bool filter_fail(struct filter_parser *parser, size_t offset, size_t length,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/** filter_fail_token() - Likewise, with a token */
#define filter_fail_token(parser, token, ...) \
	filter_fail(parser, (token).offset, (token).length, __VA_ARGS__)

/** filter_made() - Take a node as a condition or number; false where there is none for
 * lack of memory, or the tree is too deep */
bool filter_made(struct filter_parser *parser, struct filter_operand *operand,
		 enum filter_operand_kind kind, struct filter_node *node);

/** filter_peek() - The next token */
struct filter_token filter_peek(const struct filter_parser *parser);

/** filter_take() - Go behind the next token, if it is of a kind */
bool filter_take(struct filter_parser *parser, enum filter_token_kind kind);

/** struct filter_quote - Bytes of the expression, made fit for a message */
struct filter_quote {
	char text[44];
};

/** filter_quote() - Quote some bytes in a message */
struct filter_quote filter_quote(const char *text, size_t length);

/* filter_parse.c: */

/** filter_parse_expression() - and, or, and what is between */
bool filter_parse_expression(struct filter_parser *parser, struct filter_operand *to);

/** filter_parse_sum() - A calculation without parentheses around it */
bool filter_parse_sum(struct filter_parser *parser, struct filter_operand *to);

/** filter_parse_parentheses() - An expression in parentheses */
bool filter_parse_parentheses(struct filter_parser *parser, struct filter_operand *to);

/** filter_parse_operand() - What stands between operators; @inside: no condition */
bool filter_parse_operand(struct filter_parser *parser, bool inside,
			  struct filter_operand *to);

/** filter_parse_operators() - Operators that bind at least so tightly (1: all), and what
 * is at their right */
bool filter_parse_operators(struct filter_parser *parser, int least,
			    struct filter_operand *left);

/** filter_want_number() - Fail where a number of 32 bits is wanted and this is none */
bool filter_want_number(struct filter_parser *parser,
			const struct filter_operand *operand);

/* filter_compare.c: */

/** filter_parse_comparison() - An operand, or two that are compared */
bool filter_parse_comparison(struct filter_parser *parser, struct filter_operand *to);

/* filter_word.c: */

/**
 * filter_parse_word() - A primitive, or a field or number, that begins with a word
 * @parser:	The parser, before the word
 * @inside:	It is inside a calculation: no primitive
 * @to:		Where it goes
 */
bool filter_parse_word(struct filter_parser *parser, bool inside,
		       struct filter_operand *to);

/** filter_parse_address() - The same of an address alone: 3:1024 */
bool filter_parse_address(struct filter_parser *parser, struct filter_operand *to);

/** filter_at_address() - Whether an address begins at the next token */
bool filter_at_address(const struct filter_parser *parser);

/** filter_repeats() - Whether the next token is a value without words before it, so that
 * those before the previous values count */
bool filter_repeats(const struct filter_parser *parser);

/* filter_value.c: */

/** enum filter_number_form - What some bytes are as a number */
enum filter_number_form {
	/** One that fits */
	NUMBER_GOOD,
	NUMBER_NOT,
	NUMBER_TOO_LARGE,
	/** It begins with 0 as if it were octal */
	NUMBER_OCTAL,
};

/** filter_read_number() - Decimal digits, or hexadecimal ones behind 0x */
enum filter_number_form filter_read_number(const char *text, size_t length,
					   uint64_t *number);

/** filter_is_value() - Whether some bytes are a number, or a range of two */
bool filter_is_value(const char *text, size_t length);

/** filter_parse_values() - A value or a set in braces, as a condition */
bool filter_parse_values(struct filter_parser *parser,
			 const struct filter_qualifier *qualifier,
			 struct filter_operand *to);

/** filter_parse_set() - The same as a set, after "field ==" */
bool filter_parse_set(struct filter_parser *parser, enum filter_field_id field,
		      struct filter_set *set);

/** filter_parse_scalar() - One number or name of a field, after "field <" */
bool filter_parse_scalar(struct filter_parser *parser, enum filter_field_id field,
			 uint64_t *value);

/** filter_parse_findings() - Names of findings, with wildcards, bit by bit */
bool filter_parse_findings(struct filter_parser *parser, uint64_t *findings);

#endif
