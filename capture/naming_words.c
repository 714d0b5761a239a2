/* SPDX-License-Identifier: BSD-2-Clause */

#include "naming_words.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>
#include <vsockhdr/names.h>

/* Words that mean something else in a filter (vsock-filter(7)) */
static const char *const reserved[] = {
	"addr",    "and",     "buf_alloc", "cid",       "dst",  "flags",
	"fwd_cnt", "greater", "len",       "less",      "link", "not",
	"op",      "or",      "port",      "portrange", "src",  "type",
};

_Static_assert(NAMING_MAX == 63, "a message says so");

static bool is_name_char(char c)
{
	return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

static bool is_reserved(const char *word)
{
	uint16_t number;
	uint64_t cid;

	for (size_t i = 0; i < G_N_ELEMENTS(reserved); i++) {
		if (g_ascii_strcasecmp(reserved[i], word) == 0)
			return true;
	}
	return vsockhdr_cid_parse(word, &cid) == VSOCKHDR_OK ||
	       vsockhdr_op_parse(word, &number) == VSOCKHDR_OK ||
	       vsockhdr_type_parse(word, &number) == VSOCKHDR_OK;
}

const char *naming_fault(const char *word)
{
	if (!g_ascii_isalpha(word[0]) && word[0] != '_')
		return "a name begins with a letter";
	if (strlen(word) > NAMING_MAX)
		return "the name is longer than 63 characters";
	for (const char *c = word; *c; c++) {
		if (!is_name_char(*c))
			return "a name consists of letters, digits, '.', '_' and '-'";
	}
	if (is_reserved(word))
		return "this word has a meaning of its own in filters";
	return NULL;
}

void naming_make_sound(char name[NAMING_MAX + 1], const char *text)
{
	size_t i;

	for (i = 0; i < NAMING_MAX && text[i] != '\0'; i++)
		name[i] = is_name_char(text[i]) ? text[i] : '_';
	name[i] = '\0';
	if (naming_fault(name))
		name[0] = '\0';
}
