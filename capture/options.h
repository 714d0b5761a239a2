/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_OPTIONS_H
#define VSOCKDUMP_OPTIONS_H

/*
 * The command line.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vsockhdr/tracker.h>

#include "report.h"
#include "text.h"

/** enum options_action - What the command line asks for */
enum options_action {
	ACTION_DUMP,
	ACTION_EXPLAIN,
	ACTION_HELP,
	ACTION_LIST_INTERFACES,
	ACTION_LIST_LINK_TYPES,
	ACTION_LIST_SOCKETS,
	ACTION_LIST_TIME_STAMPS,
	ACTION_PRINT_FILTER,
	ACTION_PROBE,
	ACTION_VERSION,
};

/** enum options_format - What is printed */
enum options_format {
	/** A line of text or a JSON object for each packet */
	FORMAT_PACKETS,
	/** Nothing: they are counted, or only written to a file */
	FORMAT_NONE,
	/** --flows, --findings, --stats, --follow: a report */
	FORMAT_FLOWS,
	FORMAT_FINDINGS,
	FORMAT_STATS,
	FORMAT_FOLLOW,
};

/** Time stamps as the source has them, where nobody asked for a precision */
#define OPTIONS_PRECISION_ANY (-1)

/**
 * struct options - A command line that was found to be right
 * @action:	What to do
 *
 * @interface:	-i, or NULL
 * @read_file:	-r, or NULL
 * @list_file:	-V, or NULL
 * @expression:	The filter's text, from the command line or -F; NULL: none
 * @filter_file:	-F, or NULL
 * @where:	--where, or NULL
 * @count:	-c: packets after which to stop; 0: no limit
 * @snaplen:	-s: bytes to keep of each packet
 * @buffer_kib:	-B: size of the ring buffer; 0: the default
 * @immediate:	--immediate-mode
 * @tstamp_type:	-j: libpcap's number of a kind of time stamp, or -1
 * @user:	-Z, or NULL
 * @no_sandbox:	--no-sandbox
 * @cids_file:	--cids, or NULL
 *
 * @format:	What is printed
 * @json:	--json: JSON instead of text
 * @follow:	--follow: number of the connection
 * @follow_ends:	--follow: whose bytes
 * @print_count:	--count: print the number of packets at the end
 * @print:	--print: print, too, what -w writes
 * @line_buffered:	-l: hand each line on at once
 * @packet_buffered:	-U: hand each packet on at once
 * @text:	How lines look
 * @no_names:	-n
 * @unqualified:	-N
 * @processes:	-e: tell the processes of local sockets
 * @program_style:	-d: how often
 *
 * @write_file:	-w, or NULL
 * @reader_may_leave:	Who reads the pipe of @write_file may close it (extcap)
 * @precision:	PCAP_TSTAMP_PRECISION_MICRO, _NANO or OPTIONS_PRECISION_ANY
 * @rotate_bytes:	-C, or 0
 * @rotate_seconds:	-G, or 0
 * @rotate_files:	-W, or 0
 * @rotate_command:	-z, or NULL
 *
 * @explain:	--explain: identifier of a finding, or "all"
 * @fail_on:	--fail-on, or TRACK_NEVER
 * @limits:	--limit: time limits; 0 where the default is wanted
 * @interval:	--report-interval, in seconds; 0: none
 */
struct options {
	enum options_action action;

	const char *interface;
	const char *read_file;
	const char *list_file;
	char *expression;
	const char *filter_file;
	const char *where;
	uint64_t count;
	int snaplen;
	int buffer_kib;
	bool immediate;
	int tstamp_type;
	const char *user;
	bool no_sandbox;
	const char *cids_file;

	enum options_format format;
	bool json;
	uint64_t follow;
	enum follow_ends follow_ends;
	bool print_count;
	bool print;
	bool line_buffered;
	bool packet_buffered;
	struct text text;
	bool no_names;
	bool unqualified;
	bool processes;
	unsigned int program_style;

	const char *write_file;
	bool reader_may_leave;
	int precision;
	uint64_t rotate_bytes;
	uint64_t rotate_seconds;
	uint64_t rotate_files;
	const char *rotate_command;

	const char *explain;
	enum vsockhdr_severity fail_on;
	struct vsockhdr_tracker_options limits;
	uint64_t interval;
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

/**
 * options_check() - Refuse what contradicts itself, and settle what follows from the rest
 * @options:	As read
 *
 * Doing half of what was asked helps nobody.
 *
 * Return: false, after a message, where the options cannot all be followed
 */
bool options_check(struct options *options);

/** options_is_report() - A report is made of the packets */
static inline bool options_is_report(const struct options *options)
{
	return options->format >= FORMAT_FLOWS;
}

/** options_report_name() - The option that asks for a report, such as "--flows" */
const char *options_report_name(enum options_format format);

/** options_is_live() - Packets come from an interface */
static inline bool options_is_live(const struct options *options)
{
	return !options->read_file && !options->list_file;
}

/**
 * struct option_row - An option, as the table of options has it
 * @letter:	Its letter; 0 where it has none
 * @name:	Its long name without dashes; NULL where it has none
 * @argument:	What it takes, in capitals; NULL: nothing
 * @help:	What --help says
 * @take:	Reads it; false after a message
 * @offset:	Where @take puts what it reads, in struct options
 * @min:	Smallest number, or what @take needs to know
 * @max:	Largest number
 *
 * A row with nothing but @help is a heading of --help.
 */
struct option_row {
	char letter;
	const char *name;
	const char *argument;
	const char *help;
	bool (*take)(struct options *options, const struct option_row *row,
		     const char *argument);
	size_t offset;
	uint64_t min;
	uint64_t max;
};

/** The table, in the order of --help; a row without @help ends it */
extern const struct option_row option_table[];

/** options_print_help() - Print what --help says, on standard output */
void options_print_help(void);

#endif
