/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_OPTIONS_H
#define VSOCKDUMP_OPTIONS_H

/*
 * The command line.
 */

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/** enum options_action - What the command line asks for */
enum options_action {
	ACTION_DUMP,
	ACTION_LIST_INTERFACES,
	ACTION_HELP,
	ACTION_VERSION,
};

/** enum options_format - What happens to a packet */
enum options_format {
	FORMAT_TEXT,
	FORMAT_JSON,
	/** --count: nothing, it is counted */
	FORMAT_COUNT,
	/** -w: it is written to a file */
	FORMAT_PCAP,
};

/**
 * struct options - A command line that was found to be right
 * @action:	What to do
 * @read_file:	-r, or NULL
 * @interface:	-i, or NULL
 * @write_file:	-w, or NULL
 * @count:	-c: packets after which to stop; 0: no limit
 * @snaplen:	-s: bytes to keep of each packet
 * @format:	What happens to a packet
 * @print_count:	--count: print their number at the end
 * @packet_buffered:	-U: hand each packet on at once
 * @line_buffered:	-l: hand each line on at once
 * @text:	-n, -t, -v, -x, -X
 */
struct options {
	enum options_action action;
	const char *read_file;
	const char *interface;
	const char *write_file;
	uint64_t count;
	int snaplen;
	enum options_format format;
	bool print_count;
	bool packet_buffered;
	bool line_buffered;
	struct text text;
};

/**
 * options_parse() - Read the command line
 * @options:	Where it goes
 * @argc:	As of main()
 * @argv:	As of main()
 *
 * Return: false, after a message, where it is wrong
 */
bool options_parse(struct options *options, int argc, char **argv);

/** options_print_help() - Print what --help says, on standard output */
void options_print_help(void);

#endif
