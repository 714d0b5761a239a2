/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_OPTIONS_H
#define VSOCKDUMP_OPTIONS_H

/*
 * The command line.
 */

#include <stdbool.h>
#include <stdint.h>
#include <vsockhdr/tracker.h>

#include "report.h"
#include "text.h"

/** enum options_action - What the command line asks for */
enum options_action {
	ACTION_DUMP,
	ACTION_LIST_INTERFACES,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_EXPLAIN,
};

/** enum options_format - What is made of the packets */
enum options_format {
	/** A line of text or a JSON object each */
	FORMAT_PACKETS,
	/** --count: nothing, they are counted */
	FORMAT_COUNT,
	/** -w: they are written to a file */
	FORMAT_PCAP,
	/** --flows, --findings, --stats, --follow: a report */
	FORMAT_FLOWS,
	FORMAT_FINDINGS,
	FORMAT_STATS,
	FORMAT_FOLLOW,
};

/**
 * struct options - A command line that was found to be right
 * @action:	What to do
 * @read_file:	-r, or NULL
 * @interface:	-i, or NULL
 * @write_file:	-w, or NULL
 * @count:	-c: packets after which to stop; 0: no limit
 * @snaplen:	-s: bytes to keep of each packet
 * @format:	What is made of the packets
 * @json:	--json: JSON instead of text
 * @follow:	--follow: number of the connection
 * @follow_ends:	--follow: whose bytes
 * @explain:	--explain: identifier of a finding, or "all"
 * @fail_on:	--fail-on, or TRACK_NEVER
 * @limits:	--limit: time limits; 0 where the default is wanted
 * @interval:	--report-interval, in seconds; 0: none
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
	bool json;
	uint64_t follow;
	enum follow_ends follow_ends;
	const char *explain;
	enum vsockhdr_severity fail_on;
	struct vsockhdr_tracker_options limits;
	uint64_t interval;
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

/** options_is_report() - A report is made of the packets */
static inline bool options_is_report(const struct options *options)
{
	return options->format >= FORMAT_FLOWS;
}

/** options_print_help() - Print what --help says, on standard output */
void options_print_help(void);

#endif
