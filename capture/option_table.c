/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Every option in one table: its names, what it takes, what --help says of it, and how
 * it is read. Letters and their meanings are tcpdump's.
 */

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "options.h"
#include "rotation.h"
#include "source.h"

/* Longest time between two reports, in seconds: a day */
#define MAX_INTERVAL 86400

/* How an option is called in messages */
static const char *called(const struct option_row *row)
{
	static char name[64];

	if (row->letter) {
		name[0] = '-';
		name[1] = row->letter;
		name[2] = '\0';
	} else {
		name[0] = name[1] = '-';
		strncpy(name + 2, row->name, sizeof(name) - 3);
	}
	return name;
}

static void *member(struct options *options, const struct option_row *row)
{
	return (char *)options + row->offset;
}

static bool take_flag(struct options *options, const struct option_row *row,
		      const char *argument)
{
	(void)argument;
	*(bool *)member(options, row) = true;
	return true;
}

static bool take_text(struct options *options, const struct option_row *row,
		      const char *argument)
{
	*(const char **)member(options, row) = argument;
	return true;
}

static bool take_action(struct options *options, const struct option_row *row,
			const char *argument)
{
	(void)argument;
	options->action = (enum options_action)row->min;
	return true;
}

/* An option that means more each time it is given, up to a limit */
static bool take_level(struct options *options, const struct option_row *row,
		       const char *argument)
{
	unsigned int *level = member(options, row);

	(void)argument;
	if (*level < row->max)
		(*level)++;
	return true;
}

static bool parse_number(const struct option_row *row, const char *text, uint64_t *number)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value < row->min || value > row->max) {
		message("%s takes a number from %llu to %llu, not \"%s\"", called(row),
			(unsigned long long)row->min, (unsigned long long)row->max, text);
		return false;
	}
	*number = value;
	return true;
}

static bool take_number(struct options *options, const struct option_row *row,
			const char *argument)
{
	return parse_number(row, argument, member(options, row));
}

static bool take_int(struct options *options, const struct option_row *row,
		     const char *argument)
{
	uint64_t number;

	if (!parse_number(row, argument, &number))
		return false;
	*(int *)member(options, row) = (int)number;
	return true;
}

static bool take_snaplen(struct options *options, const struct option_row *row,
			 const char *argument)
{
	if (!take_int(options, row, argument))
		return false;
	if (options->snaplen == 0)
		options->snaplen = SOURCE_MAX_SNAPLEN;
	return true;
}

static bool take_timestamp(struct options *options, const struct option_row *row,
			   const char *argument)
{
	(void)row;
	(void)argument;
	if (options->text.timestamp.style == TIMESTAMP_STYLES) {
		message("more than five -t");
		return false;
	}
	options->text.timestamp.style++;
	return true;
}

static bool take_report(struct options *options, const struct option_row *row,
			const char *argument)
{
	(void)argument;
	if (options_is_report(options) && options->format != row->min) {
		message("%s and %s contradict each other",
			options_report_name(options->format), called(row));
		return false;
	}
	options->format = (enum options_format)row->min;
	return true;
}

/* What stands behind the number of --follow */
static bool parse_ends(const char *text, enum follow_ends *ends)
{
	if (text[0] == '\0') {
		*ends = FOLLOW_BOTH;
	} else if (strcmp(text, ",client") == 0) {
		*ends = FOLLOW_CLIENT;
	} else if (strcmp(text, ",server") == 0) {
		*ends = FOLLOW_SERVER;
	} else {
		message("--follow takes a number, and \",client\" or \",server\" after it, "
			"not \"%s\"",
			text);
		return false;
	}
	return true;
}

static bool take_follow(struct options *options, const struct option_row *row,
			const char *argument)
{
	const struct option_row number = { .name = row->name, .max = INT64_MAX };
	size_t length = strcspn(argument, ",");
	char *text;
	bool ok;

	if (!parse_ends(argument + length, &options->follow_ends))
		return false;
	text = g_strndup(argument, length);
	ok = parse_number(&number, text, &options->follow);
	g_free(text);
	return ok && take_report(options, row, NULL);
}

static bool take_explain(struct options *options, const struct option_row *row,
			 const char *argument)
{
	(void)row;
	options->action = ACTION_EXPLAIN;
	options->explain = argument;
	return true;
}

static bool take_fail_on(struct options *options, const struct option_row *row,
			 const char *argument)
{
	(void)row;
	if (vsockhdr_severity_parse(argument, &options->fail_on) == VSOCKHDR_OK)
		return true;
	message("--fail-on takes note, warning or violation, not \"%s\"", argument);
	return false;
}

/* Longest time limit, in seconds: more than thirty years */
#define MAX_LIMIT 1e9

/* The SECONDS of a NAME=SECONDS of --limit; 0 where they are wrong */
static double parse_seconds(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	/* Letters would be a hexadecimal number, or none. */
	if (text[0] == '\0' || text[strspn(text, "0123456789.")] != '\0' ||
	    *end != '\0' || seconds * NSEC_PER_SEC < 1 || seconds > MAX_LIMIT)
		return 0;
	return seconds;
}

static bool parse_limit(struct vsockhdr_tracker_options *limits, const char *text)
{
	const struct {
		const char *name;
		int64_t *ns;
	} known[] = {
		{ "connect=", &limits->connect_ns },
		{ "close=", &limits->close_ns },
		{ "stall=", &limits->stall_ns },
		{ "request=", &limits->request_ns },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t length = strlen(known[i].name);

		if (strncmp(text, known[i].name, length) == 0) {
			*known[i].ns =
				(int64_t)(parse_seconds(text + length) * NSEC_PER_SEC);
			return *known[i].ns > 0;
		}
	}
	return false;
}

static bool take_limits(struct options *options, const struct option_row *row,
			const char *argument)
{
	gchar **limits = g_strsplit(argument, ",", -1);
	bool ok = limits[0] != NULL;

	(void)row;
	for (gchar **limit = limits; *limit && ok; limit++)
		ok = parse_limit(&options->limits, *limit);
	g_strfreev(limits);
	if (!ok)
		message("--limit takes connect=SECONDS, close=, stall= and request=, "
			"with commas between them");
	return ok;
}

/* -x, -X and -A: once for what follows the vsockmon header, twice for all of it */
static bool take_bytes(struct options *options, const struct option_row *row,
		       const char *argument)
{
	(void)argument;
	if (options->text.bytes < TEXT_BYTES_RECORD)
		options->text.bytes++;
	if (options->text.form < row->min)
		options->text.form = (enum text_form)row->min;
	return true;
}

static bool take_link_header(struct options *options, const struct option_row *row,
			     const char *argument)
{
	options->processes = true;
	return take_flag(options, row, argument);
}

static bool take_precision(struct options *options, const struct option_row *row,
			   const char *argument)
{
	const char *name = argument ? argument : row->name;

	if (strcmp(name, "micro") == 0) {
		options->precision = PCAP_TSTAMP_PRECISION_MICRO;
	} else if (strcmp(name, "nano") == 0) {
		options->precision = PCAP_TSTAMP_PRECISION_NANO;
	} else {
		message("--time-stamp-precision takes micro or nano, not \"%s\"", name);
		return false;
	}
	options->text.timestamp.nano = options->precision == PCAP_TSTAMP_PRECISION_NANO;
	return true;
}

static bool take_tstamp_type(struct options *options, const struct option_row *row,
			     const char *argument)
{
	(void)row;
	options->tstamp_type = pcap_tstamp_type_name_to_val(argument);
	if (options->tstamp_type >= 0)
		return true;
	message("-j: there is no kind of time stamp \"%s\": -J lists them", argument);
	return false;
}

static bool take_link_type(struct options *options, const struct option_row *row,
			   const char *argument)
{
	(void)options;
	(void)row;
	if (pcap_datalink_name_to_val(argument) == DLT_VSOCK)
		return true;
	message("-y: vsockdump knows no link type but VSOCK, not \"%s\"", argument);
	return false;
}

static bool take_program(struct options *options, const struct option_row *row,
			 const char *argument)
{
	options->action = ACTION_PRINT_FILTER;
	return take_level(options, row, argument);
}

static bool take_size(struct options *options, const struct option_row *row,
		      const char *argument)
{
	(void)row;
	if (rotation_parse_size(argument, &options->rotate_bytes))
		return true;
	message("-C takes a number of millions of bytes, or of KiB, MiB or GiB with k, m "
		"or g behind it, not \"%s\"",
		argument);
	return false;
}

#define AT(name)     .offset = offsetof(struct options, name)
#define FLAG(name)   .take = take_flag, AT(name)
#define TEXT(name)   .take = take_text, AT(name)
#define ACTION(what) .take = take_action, .min = ACTION_##what
#define REPORT(what) .take = take_report, .min = FORMAT_##what

const struct option_row option_table[] = {
	{ .help = "Where packets come from" },
	{ 'i', "interface", "INTERFACE",
	  "capture on this interface, or the one with this number of -D (default: the "
	  "first vsockmon interface; where there is none, one of our own)",
	  TEXT(interface) },
	{ 'r', NULL, "FILE", "read a pcap or pcapng file; - is standard input",
	  TEXT(read_file) },
	{ 'V', NULL, "FILE", "read the files that FILE lists, one after the other",
	  TEXT(list_file) },
	{ 'F', NULL, "FILE", "read the filter expression from FILE", TEXT(filter_file) },
	{ 0, "where", "EXPRESSION",
	  "only packets of which this is true, by what connections are known to be",
	  TEXT(where) },
	{ 'c', NULL, "COUNT", "stop after COUNT packets", .take = take_number, AT(count),
	  .min = 1, .max = INT64_MAX },
	{ 's', "snapshot-length", "SNAPLEN",
	  "keep SNAPLEN bytes of each packet (default, and for 0: 262144)",
	  .take = take_snaplen, AT(snaplen), .max = SOURCE_MAX_SNAPLEN },
	{ 'B', "buffer-size", "KIB", "size of the kernel's buffer (default: 16384)",
	  .take = take_int, AT(buffer_kib), .min = 1, .max = INT_MAX / 1024 },
	{ 0, "immediate-mode", NULL, "hand on packets without delay", FLAG(immediate) },
	{ 'j', "time-stamp-type", "TYPE", "who makes the time stamps",
	  .take = take_tstamp_type },
	{ 'y', "linktype", "TYPE", "link type: VSOCK is the only one",
	  .take = take_link_type },
	{ 'Z', "relinquish-privileges", "USER", "go on as USER once the capture is open",
	  TEXT(user) },
	{ 0, "no-sandbox", NULL, "go on with all system calls, for debuggers",
	  FLAG(no_sandbox) },

	{ .help = "What becomes of them" },
	{ 'w', NULL, "FILE",
	  "write them to a pcap file instead of printing them; - is standard output",
	  TEXT(write_file) },
	{ 0, "print", NULL, "print, too, what -w writes", FLAG(print) },
	{ 'C', NULL, "SIZE",
	  "go on to another file after SIZE million bytes, or with k, m, g after it",
	  .take = take_size },
	{ 'G', NULL, "SECONDS",
	  "go on to another file after SECONDS; its name is for strftime()",
	  .take = take_number, AT(rotate_seconds), .min = 1, .max = INT32_MAX },
	{ 'W', NULL, "COUNT", "use COUNT files in turn; with -G: stop after COUNT files",
	  .take = take_number, AT(rotate_files), .min = 1, .max = INT32_MAX },
	{ 'z', NULL, "COMMAND", "run COMMAND FILE for each file that -C or -G has ended",
	  TEXT(rotate_command) },
	{ 'U', "packet-buffered", NULL, "hand on each packet at once, with -w, too",
	  FLAG(packet_buffered) },
	{ 'l', NULL, NULL, "hand on each line at once", FLAG(line_buffered) },
	{ 0, "count", NULL, "print how many there were", FLAG(print_count) },
	{ 0, "flows", NULL, "a line for each connection", REPORT(FLOWS) },
	{ 0, "findings", NULL, "a line for each thing that is wrong or worth seeing",
	  REPORT(FINDINGS) },
	{ 0, "stats", NULL, "figures of the whole", REPORT(STATS) },
	{ 0, "follow", "N[,client|,server]",
	  "the bytes of connection N, or those of one end", .take = take_follow,
	  .min = FORMAT_FOLLOW },
	{ 0, "json", NULL, "JSON instead of text, an object a line", FLAG(json) },

	{ .help = "What is found" },
	{ 0, "explain", "FINDING",
	  "print what a finding means and what to do; all: list them",
	  .take = take_explain },
	{ 0, "fail-on", "note|warning|violation",
	  "exit status 1 if there was a finding at least this bad",
	  .take = take_fail_on },
	{ 0, "limit", "connect=S,close=S,stall=S,request=S",
	  "seconds after which something takes too long (2, 8, 1, 1)",
	  .take = take_limits },
	{ 0, "report-interval", "SECONDS",
	  "live: print the report so far, again and again", .take = take_number,
	  AT(interval), .min = 1, .max = MAX_INTERVAL },

	{ .help = "How lines look" },
	{ 'n', NULL, NULL, "numbers instead of names (2 instead of host)",
	  FLAG(no_names) },
	{ 'N', NULL, NULL, "names only up to their first dot", FLAG(unqualified) },
	{ 0, "cids", "FILE", "names of CIDs and ports", TEXT(cids_file) },
	{ 't', NULL, NULL,
	  "no time; -tt: seconds since 1970; -ttt: since the previous packet; -tttt: "
	  "with the date; -ttttt: since the first packet",
	  .take = take_timestamp },
	{ 0, "time-stamp-precision", "micro|nano",
	  "precision of times, in lines and in files", .take = take_precision },
	{ 0, "micro", NULL, "the same as --time-stamp-precision=micro",
	  .take = take_precision },
	{ 0, "nano", NULL, "the same as --time-stamp-precision=nano",
	  .take = take_precision },
	{ '#', "number", NULL, "the packet's number", FLAG(text.number) },
	{ 'q', NULL, NULL, "less: no credit", FLAG(text.quiet) },
	{ 'e', NULL, NULL,
	  "the vsockmon header; live: the processes of this machine's sockets, too",
	  .take = take_link_header, AT(text.link_header) },
	{ 'v', NULL, NULL,
	  "more: a line with the vsockmon header; -vv: one with the connection; -vvv: "
	  "findings in full",
	  .take = take_level, AT(text.verbose), .max = 3 },
	{ 'x', NULL, NULL, "bytes in hex; -xx: with the vsockmon header",
	  .take = take_bytes, .min = TEXT_FORM_HEX },
	{ 'X', NULL, NULL, "bytes in hex and as text; -XX: with the vsockmon header",
	  .take = take_bytes, .min = TEXT_FORM_HEX_ASCII },
	{ 'A', NULL, NULL, "bytes as text; -AA: with the vsockmon header",
	  .take = take_bytes, .min = TEXT_FORM_ASCII },

	{ .help = "What there is" },
	{ 'D', "list-interfaces", NULL, "list the vsockmon interfaces",
	  ACTION(LIST_INTERFACES) },
	{ 'L', "list-data-link-types", NULL, "list the link types of an interface",
	  ACTION(LIST_LINK_TYPES) },
	{ 'J', "list-time-stamp-types", NULL,
	  "list the kinds of time stamps of an interface", ACTION(LIST_TIME_STAMPS) },
	{ 0, "list-sockets", NULL, "list this machine's vsock sockets and whose they are",
	  ACTION(LIST_SOCKETS) },
	{ 0, "probe", NULL, "what this machine offers, and what to do about each gap",
	  ACTION(PROBE) },
	{ 'd', NULL, NULL,
	  "print the filter's program and stop; -dd: as C; -ddd: as numbers",
	  .take = take_program, AT(program_style), .max = 3 },
	{ 'h', "help", NULL, "this text", ACTION(HELP) },
	{ 0, "version", NULL, "versions", ACTION(VERSION) },
	{ 0 },
};
