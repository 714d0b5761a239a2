/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_LEXER_H
#define VSOCKDUMP_FILTER_LEXER_H

/*
 * The words and signs of an expression.
 */

#include <stdbool.h>
#include <stddef.h>

enum filter_token_kind {
	TOKEN_END,
	/** Letters, digits, '_', bytes above 127; does not begin with a digit */
	TOKEN_WORD,
	/** Begins with a digit */
	TOKEN_NUMBER,
	/** In double quotes, which are part of it */
	TOKEN_QUOTED,
	/** A double quote without its partner */
	TOKEN_OPEN_QUOTE,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LE,
	TOKEN_GE,
	TOKEN_LT,
	TOKEN_GT,
	TOKEN_LIKE,
	TOKEN_SHIFT_LEFT,
	TOKEN_SHIFT_RIGHT,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_TIMES,
	TOKEN_DIVIDE,
	TOKEN_MODULO,
	TOKEN_BIT_AND,
	TOKEN_BIT_OR,
	TOKEN_BIT_XOR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_OPEN_SET,
	TOKEN_CLOSE_SET,
	TOKEN_OPEN_INDEX,
	TOKEN_CLOSE_INDEX,
	TOKEN_COLON,
	TOKEN_COMMA,
	/** No sign of the language */
	TOKEN_OTHER,
};

/**
 * struct filter_token - A word or sign
 * @kind:	What it is
 * @offset:	Where it begins
 * @length:	Its bytes; 0 at the end
 */
struct filter_token {
	enum filter_token_kind kind;
	size_t offset;
	size_t length;
};

/**
 * filter_token() - The token at a place
 * @text:	The expression
 * @offset:	The place; blanks and comments behind it are skipped
 *
 * The words and, or, not are signs.
 */
struct filter_token filter_token(const char *text, size_t offset);

/**
 * filter_run() - The longest name or number at a place
 * @text:	The expression
 * @offset:	Where a word or a number begins
 * @wildcards:	'*' and '?' are part of it, too
 *
 * Unlike in a token, '-' and '.' are part of it: 5-9, credit-update, my-vm.lan.
 *
 * Return: its length
 */
size_t filter_run(const char *text, size_t offset, bool wildcards);

/** filter_same_word() - Whether some bytes are a word, without regard to case; '-' and
 * '_' are the same */
bool filter_same_word(const char *text, size_t length, const char *word);

#endif
