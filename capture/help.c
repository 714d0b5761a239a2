/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * --help, made of the table of options.
 */

#include <stdio.h>
#include <string.h>

#include "options.h"

/* Columns of a line, and where explanations begin */
#define LINE_WIDTH 80
#define TEXT_AT    28

/* "  -c, --count COUNT"; returns its width */
static int print_names(const struct option_row *row)
{
	const char *separator = row->name && strlen(row->name) > 0 ? " " : "";
	int width = 2;

	fputs("  ", stdout);
	if (row->letter)
		width += printf("-%c", row->letter);
	if (row->letter && row->name)
		width += printf(", ");
	if (row->name)
		width += printf("--%s", row->name);
	if (row->argument)
		width += printf("%s%s", row->letter ? " " : separator, row->argument);
	return width;
}

/* Words from column TEXT_AT on, broken at spaces; at is the column reached so far */
static void print_text(const char *text, int at)
{
	if (at >= TEXT_AT - 1) {
		putchar('\n');
		at = 0;
	}
	printf("%*s", TEXT_AT - at, "");
	at = TEXT_AT;
	while (*text) {
		int word = (int)strcspn(text, " ");

		if (at > TEXT_AT && at + 1 + word > LINE_WIDTH) {
			printf("\n%*s", TEXT_AT, "");
			at = TEXT_AT;
		}
		at += printf("%s%.*s", at > TEXT_AT ? " " : "", word, text);
		text += word;
		text += *text == ' ';
	}
	putchar('\n');
}

void options_print_help(void)
{
	puts("Usage: vsockdump [OPTION]... [FILTER]\n"
	     "Show the traffic between virtual machines and their hosts (vsock).\n"
	     "FILTER is an expression such as \"src cid 3 and op request\": "
	     "vsock-filter(7).");
	for (const struct option_row *row = option_table; row->help; row++) {
		if (row->take)
			print_text(row->help, print_names(row));
		else
			printf("\n%s:\n", row->help);
	}
	puts("\nExit status: 0 if all is well, 1 if something could not be read, captured "
	     "or\nwritten or --fail-on found something, 2 if the command line is wrong.");
}
