/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Says what is wrong with an expression, with the place marked in it:
 *
 *	vsockdump: filter: unknown op "requst": did you mean REQUEST?
 *	    op requst and cid 3
 *	       ^~~~~~
 *
 * The expression may be anything: several lines, of which the one at fault is shown; a
 * line longer than a terminal is wide, of which a part is; bytes that a terminal must not
 * get.
 */

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "message.h"

/* Columns before the expression, of it, and of it before the mark if it must be cut */
#define INDENT  "    "
#define COLUMNS 70
#define BEFORE  30

static const char dots[] = "...";

/* A character of the expression: its bytes, and as what and how wide it is shown */
struct shown {
	size_t bytes;
	int columns;
	const char *text;
	size_t length;
};

static struct shown show(const char *text, size_t room)
{
	gunichar c = g_utf8_get_char_validated(text, (gssize)room);
	struct shown shown = { 1, 1, "?", 1 };

	if (c == '\t' || c == '\r' || c == '\v' || c == '\f') {
		shown.text = " ";
	} else if (c < 0x110000 && g_unichar_isprint(c)) {
		shown.bytes = shown.length = (size_t)(g_utf8_next_char(text) - text);
		shown.text = text;
		shown.columns = g_unichar_iszerowidth(c) ? 0
				: g_unichar_iswide(c)    ? 2
							 : 1;
	}
	return shown;
}

/* Columns that some bytes take */
static int columns_of(const char *text, size_t length)
{
	int columns = 0;

	for (size_t at = 0; at < length;) {
		struct shown shown = show(text + at, length - at);

		columns += shown.columns;
		at += shown.bytes;
	}
	return columns;
}

/* From where on a line is shown, so that a place in it is */
static size_t cut_before(const char *line, size_t length, size_t offset)
{
	int before = columns_of(line, offset);
	size_t from = 0;

	if (columns_of(line, length) <= COLUMNS)
		return 0;
	while (before > BEFORE) {
		struct shown shown = show(line + from, length - from);

		before -= shown.columns;
		from += shown.bytes;
	}
	return from;
}

static void print_line(const char *line, size_t length, size_t from)
{
	int columns = 0;

	(void)fprintf(stderr, INDENT "%s", from > 0 ? dots : "");
	while (from < length && columns < COLUMNS) {
		struct shown shown = show(line + from, length - from);

		(void)fwrite(shown.text, 1, shown.length, stderr);
		columns += shown.columns;
		from += shown.bytes;
	}
	(void)fprintf(stderr, "%s\n", from < length ? dots : "");
}

static void print_mark(const char *line, size_t from, size_t offset, size_t length)
{
	int before = columns_of(line + from, offset - from) +
		     (from > 0 ? (int)strlen(dots) : 0);
	int marked = columns_of(line + offset, length);

	if (marked > COLUMNS - BEFORE)
		marked = COLUMNS - BEFORE;
	(void)fprintf(stderr, INDENT "%*s^", before, "");
	while (--marked > 0)
		(void)fputc('~', stderr);
	(void)fputc('\n', stderr);
}

void filter_report(const char *what, const char *text, const struct filter_error *error)
{
	const char *line = text;
	const char *place = text + error->offset;
	size_t number = 1;
	size_t length;
	size_t marked;
	size_t from;

	for (const char *c = text; c < place && *c != '\0'; c++) {
		if (*c == '\n') {
			line = c + 1;
			number++;
		}
	}
	length = strcspn(line, "\n");
	if (strchr(text, '\n'))
		message("%s: line %zu: %s", what, number, error->text);
	else
		message("%s: %s", what, error->text);
	marked = MIN(error->length, length - (size_t)(place - line));
	from = cut_before(line, length, (size_t)(place - line));
	print_line(line, length, from);
	print_mark(line, from, (size_t)(place - line), marked);
}
