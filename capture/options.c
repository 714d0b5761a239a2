/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Reading the command line: getopt_long() works by what option_table.c says.
 */

#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "source.h"

#define MAX_OPTIONS 96

/* Long options that have no letter are told apart by their row of the table. */
#define FIRST_ROW 256

/**
 * struct getopt_tables - The table as getopt_long() wants it
 * @letters:	Letters
 * @names:	Long names
 */
struct getopt_tables {
	char letters[2 * MAX_OPTIONS + 1];
	struct option names[MAX_OPTIONS + 1];
};

static void make_tables(struct getopt_tables *tables)
{
	char *letter = tables->letters;
	struct option *name = tables->names;

	for (int i = 0; option_table[i].help; i++) {
		const struct option_row *row = &option_table[i];

		if (row->letter)
			*letter++ = row->letter;
		if (row->letter && row->argument)
			*letter++ = ':';
		if (row->name) {
			*name = (struct option) {
				.name = row->name,
				.has_arg =
					row->argument ? required_argument : no_argument,
				.val = row->letter ? row->letter : FIRST_ROW + i,
			};
			name++;
		}
	}
}

/* The row that getopt_long() has found; NULL where it found none, and said so */
static const struct option_row *row_of(int value)
{
	if (value >= FIRST_ROW)
		return &option_table[value - FIRST_ROW];
	for (const struct option_row *row = option_table; row->help; row++)
		if (row->letter && row->letter == value)
			return row;
	return NULL;
}

/* The operands as one text, as tcpdump does */
static char *join(char **operands)
{
	size_t size = 1;
	char *text;
	char *p;

	for (char **operand = operands; *operand; operand++)
		size += strlen(*operand) + 1;
	text = malloc(size);
	if (!text) {
		message("out of memory");
		return NULL;
	}
	p = text;
	for (char **operand = operands; *operand; operand++) {
		if (p > text)
			*p++ = ' ';
		p = stpcpy(p, *operand);
	}
	*p = '\0';
	return text;
}

static bool parse(struct options *options, int argc, char **argv)
{
	static struct getopt_tables tables;
	int value;

	make_tables(&tables);
	while ((value = getopt_long(argc, argv, tables.letters, tables.names, NULL)) !=
	       -1) {
		const struct option_row *row = row_of(value);

		if (!row || !row->take(options, row, optarg))
			return false;
	}
	if (!argv[optind])
		return true;
	options->expression = join(argv + optind);
	return options->expression != NULL;
}

bool options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options) {
		.snaplen = SOURCE_MAX_SNAPLEN,
		.fail_on = TRACK_NEVER,
		.precision = OPTIONS_PRECISION_ANY,
		.tstamp_type = -1,
	};
	if (parse(options, argc, argv) && options_check(options))
		return true;
	message("try vsockdump --help");
	return false;
}
