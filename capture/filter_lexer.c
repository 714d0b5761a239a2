/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: what '-' means depends on what is spoken of: it is part of a
 * name, it makes a range of two values, or it is minus. Only the parser knows. So there
 * are no tokens in store: the parser asks for the token at a place and, where a value
 * may stand, for the longest run of a name's characters there.
 */

#include "filter_lexer.h"

#include <glib.h>
#include <string.h>

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || (unsigned char)c > 127;
}

static size_t skip_blanks(const char *text, size_t offset)
{
	for (;;) {
		if (text[offset] == '#')
			offset += strcspn(text + offset, "\n");
		else if (text[offset] != '\0' && strchr(" \t\r\n\v\f", text[offset]))
			offset++;
		else
			return offset;
	}
}

static const struct {
	const char *text;
	enum filter_token_kind kind;
} signs[] = {
	/* The longer before its beginning */
	{ "&&", TOKEN_AND },         { "||", TOKEN_OR },
	{ "==", TOKEN_EQ },          { "!=", TOKEN_NE },
	{ "<>", TOKEN_NE },          { "<=", TOKEN_LE },
	{ ">=", TOKEN_GE },          { "<<", TOKEN_SHIFT_LEFT },
	{ ">>", TOKEN_SHIFT_RIGHT }, { "=", TOKEN_EQ },
	{ "!", TOKEN_NOT },          { "<", TOKEN_LT },
	{ ">", TOKEN_GT },           { "~", TOKEN_LIKE },
	{ "+", TOKEN_PLUS },         { "-", TOKEN_MINUS },
	{ "*", TOKEN_TIMES },        { "/", TOKEN_DIVIDE },
	{ "%", TOKEN_MODULO },       { "&", TOKEN_BIT_AND },
	{ "|", TOKEN_BIT_OR },       { "^", TOKEN_BIT_XOR },
	{ "(", TOKEN_OPEN },         { ")", TOKEN_CLOSE },
	{ "{", TOKEN_OPEN_SET },     { "}", TOKEN_CLOSE_SET },
	{ "[", TOKEN_OPEN_INDEX },   { "]", TOKEN_CLOSE_INDEX },
	{ ":", TOKEN_COLON },        { ",", TOKEN_COMMA },
	{ "and", TOKEN_AND },        { "or", TOKEN_OR },
	{ "not", TOKEN_NOT },
};

static struct filter_token word(const char *text, size_t offset)
{
	struct filter_token token = { TOKEN_WORD, offset, 1 };

	while (is_word(text[offset + token.length]))
		token.length++;
	if (g_ascii_isdigit(text[offset])) {
		token.kind = TOKEN_NUMBER;
		return token;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
		if (filter_same_word(text + offset, token.length, signs[i].text))
			token.kind = signs[i].kind;
	return token;
}

struct filter_token filter_token(const char *text, size_t offset)
{
	struct filter_token token = { TOKEN_OTHER, skip_blanks(text, offset), 1 };
	const char *at = text + token.offset;

	if (*at == '\0')
		return (struct filter_token) { TOKEN_END, token.offset, 0 };
	if (is_word(*at))
		return word(text, token.offset);
	if (*at == '"') {
		size_t length = strcspn(at + 1, "\"\n");

		if (at[1 + length] != '"')
			token.kind = TOKEN_OPEN_QUOTE;
		else
			token = (struct filter_token) { TOKEN_QUOTED, token.offset,
							length + 2 };
		return token;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
		size_t length = strlen(signs[i].text);

		if (strncmp(at, signs[i].text, length) == 0) {
			token.kind = signs[i].kind;
			token.length = length;
			break;
		}
	}
	return token;
}

size_t filter_run(const char *text, size_t offset, bool wildcards)
{
	size_t length = 0;

	for (;;) {
		char c = text[offset + length];

		if (!is_word(c) && c != '-' && c != '.' &&
		    !(wildcards && (c == '*' || c == '?')))
			return length;
		length++;
	}
}

static char plain(char c)
{
	return c == '-' ? '_' : g_ascii_tolower(c);
}

bool filter_same_word(const char *text, size_t length, const char *word)
{
	for (size_t i = 0; i < length; i++)
		if (word[i] == '\0' || plain(text[i]) != plain(word[i]))
			return false;
	return word[length] == '\0';
}
