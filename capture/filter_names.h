/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_NAMES_H
#define VSOCKDUMP_FILTER_NAMES_H

/*
 * The words of the language: keywords, fields, and names of values.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter_ast.h"

/** enum filter_keyword - Words that are no fields */
enum filter_keyword {
	KEYWORD_NONE,
	KEYWORD_SRC,
	KEYWORD_DST,
	KEYWORD_ADDR,
	KEYWORD_PORTRANGE,
	KEYWORD_GREATER,
	KEYWORD_LESS,
	KEYWORD_LINK,
};

/** filter_find_keyword() - The keyword that some bytes are, or KEYWORD_NONE */
enum filter_keyword filter_find_keyword(const char *text, size_t length);

/** filter_find_field() - The field that some bytes name, or FIELD_COUNT */
enum filter_field_id filter_find_field(const char *text, size_t length);

/** filter_find_value() - The value of a name among those of a kind */
bool filter_find_value(const struct naming *names, enum filter_names kind,
		       const char *text, size_t length, uint64_t *value);

/** filter_kind_of_name() - What the names of a kind name: "op", "CID" */
const char *filter_kind_of_name(enum filter_names kind);

/** filter_name_at() - One name of a kind, by index; NULL behind the last */
const char *filter_name_at(enum filter_names kind, size_t index);

/** filter_flag_types() - In which types an op's flag is defined: a set of types; empty
 * where in all */
uint64_t filter_flag_types(uint16_t op, uint32_t flag);

/** filter_nearest_value() - The name of a kind that some bytes may be meant to be; or
 * NULL */
const char *filter_nearest_value(enum filter_names kind, const char *text, size_t length);

/** filter_nearest_word() - Likewise among all words of an expression of some kind */
const char *filter_nearest_word(enum filter_kind kind, const char *text, size_t length);

/** filter_match_findings() - Kinds of findings whose names match a glob, bit by bit */
uint64_t filter_match_findings(const char *text, size_t length);

#endif
