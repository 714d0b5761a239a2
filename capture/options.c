/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The command line. Letters and their meanings are tcpdump's. Options that contradict
 * each other are refused: doing half of what was asked helps nobody.
 */

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "source.h"

enum long_option {
	OPT_COUNT = 256,
	OPT_EXPLAIN,
	OPT_FAIL_ON,
	OPT_FINDINGS,
	OPT_FLOWS,
	OPT_FOLLOW,
	OPT_HELP,
	OPT_JSON,
	OPT_LIMIT,
	OPT_REPORT_INTERVAL,
	OPT_STATS,
	OPT_VERSION,
};

/* Longest time between two reports, in seconds: a day */
#define MAX_INTERVAL 86400

static const char short_options[] = "c:Dhi:lnr:s:tUvw:xX";

static const struct option long_options[] = {
	{ "count", no_argument, NULL, OPT_COUNT },
	{ "explain", required_argument, NULL, OPT_EXPLAIN },
	{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
	{ "findings", no_argument, NULL, OPT_FINDINGS },
	{ "flows", no_argument, NULL, OPT_FLOWS },
	{ "follow", required_argument, NULL, OPT_FOLLOW },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "interface", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "list-interfaces", no_argument, NULL, 'D' },
	{ "packet-buffered", no_argument, NULL, 'U' },
	{ "report-interval", required_argument, NULL, OPT_REPORT_INTERVAL },
	{ "snapshot-length", required_argument, NULL, 's' },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static bool parse_number(const char *option, const char *text, uint64_t min, uint64_t max,
			 uint64_t *number)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min ||
	    value > max) {
		message("%s takes a number from %llu to %llu, not \"%s\"", option,
			(unsigned long long)min, (unsigned long long)max, text);
		return false;
	}
	*number = value;
	return true;
}

static bool parse_snaplen(struct options *options, const char *text)
{
	uint64_t number;

	if (!parse_number("-s", text, 0, SOURCE_MAX_SNAPLEN, &number))
		return false;
	options->snaplen = number > 0 ? (int)number : SOURCE_MAX_SNAPLEN;
	return true;
}

static bool add_timestamp(struct options *options)
{
	if (options->text.timestamp.style == TIMESTAMP_STYLES) {
		message("more than five -t");
		return false;
	}
	options->text.timestamp.style++;
	return true;
}

static const char *const report_names[] = {
	[FORMAT_FLOWS] = "--flows",
	[FORMAT_FINDINGS] = "--findings",
	[FORMAT_STATS] = "--stats",
	[FORMAT_FOLLOW] = "--follow",
};

static bool contradict(const char *one, const char *other)
{
	message("%s and %s contradict each other", one, other);
	return false;
}

static bool set_report(struct options *options, enum options_format format)
{
	if (options_is_report(options) && options->format != format)
		return contradict(report_names[options->format], report_names[format]);
	options->format = format;
	return true;
}

static bool parse_follow(struct options *options, char *text)
{
	char *end = strchr(text, ',');

	options->follow_ends = FOLLOW_BOTH;
	if (end) {
		*end++ = '\0';
		if (strcmp(end, "client") == 0) {
			options->follow_ends = FOLLOW_CLIENT;
		} else if (strcmp(end, "server") == 0) {
			options->follow_ends = FOLLOW_SERVER;
		} else {
			message("--follow takes a number, and \",client\" or \",server\" "
				"after it, not \",%s\"",
				end);
			return false;
		}
	}
	return parse_number("--follow", text, 0, INT64_MAX, &options->follow) &&
	       set_report(options, FORMAT_FOLLOW);
}

static bool parse_fail_on(struct options *options, const char *text)
{
	if (vsockhdr_severity_parse(text, &options->fail_on) == VSOCKHDR_OK)
		return true;
	message("--fail-on takes note, warning or violation, not \"%s\"", text);
	return false;
}

/* Longest time limit, in seconds: more than thirty years */
#define MAX_LIMIT 1e9

/* One NAME=SECONDS of --limit */
static bool parse_limit(struct vsockhdr_tracker_options *limits, char *text)
{
	const struct {
		const char *name;
		int64_t *ns;
	} known[] = {
		{ "connect", &limits->connect_ns },
		{ "close", &limits->close_ns },
		{ "stall", &limits->stall_ns },
		{ "request", &limits->request_ns },
	};
	char *number = strchr(text, '=');
	double seconds;
	char *end;

	if (!number)
		return false;
	*number++ = '\0';
	seconds = strtod(number, &end);
	/* Letters would be a hexadecimal number, or none. */
	if (number[0] == '\0' || number[strspn(number, "0123456789.")] != '\0' ||
	    *end != '\0' || seconds * NSEC_PER_SEC < 1 || seconds > MAX_LIMIT)
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(text, known[i].name) == 0) {
			*known[i].ns = (int64_t)(seconds * NSEC_PER_SEC);
			return true;
		}
	}
	return false;
}

static bool parse_limits(struct options *options, char *text)
{
	while (text) {
		char *limit = strsep(&text, ",");

		if (!parse_limit(&options->limits, limit)) {
			message("--limit takes connect=SECONDS, close=, stall= and "
				"request=, with commas between them");
			return false;
		}
	}
	return true;
}

static void add_bytes(struct options *options, bool ascii)
{
	if (options->text.bytes < TEXT_BYTES_RECORD)
		options->text.bytes++;
	options->text.ascii = options->text.ascii || ascii;
}

/* One option about connections and findings; false after a message */
static bool take_report(struct options *options, int letter, char *argument)
{
	switch (letter) {
	case OPT_EXPLAIN:
		options->action = ACTION_EXPLAIN;
		options->explain = argument;
		return true;
	case OPT_FAIL_ON:
		return parse_fail_on(options, argument);
	case OPT_FINDINGS:
		return set_report(options, FORMAT_FINDINGS);
	case OPT_FLOWS:
		return set_report(options, FORMAT_FLOWS);
	case OPT_FOLLOW:
		return parse_follow(options, argument);
	case OPT_LIMIT:
		return parse_limits(options, argument);
	case OPT_REPORT_INTERVAL:
		return parse_number("--report-interval", argument, 1, MAX_INTERVAL,
				    &options->interval);
	case OPT_STATS:
		return set_report(options, FORMAT_STATS);
	default:
		/* getopt_long() has said what is wrong. */
		return false;
	}
}

/* One option; false after a message */
static bool take(struct options *options, int letter, char *argument)
{
	switch (letter) {
	case 'c':
		return parse_number("-c", argument, 1, INT64_MAX, &options->count);
	case 's':
		return parse_snaplen(options, argument);
	case 't':
		return add_timestamp(options);
	case 'D':
		options->action = ACTION_LIST_INTERFACES;
		return true;
	case 'h':
	case OPT_HELP:
		options->action = ACTION_HELP;
		return true;
	case OPT_VERSION:
		options->action = ACTION_VERSION;
		return true;
	case 'i':
		options->interface = argument;
		return true;
	case 'r':
		options->read_file = argument;
		return true;
	case 'w':
		options->write_file = argument;
		return true;
	case 'l':
		options->line_buffered = true;
		return true;
	case 'n':
		options->text.numeric = true;
		return true;
	case 'U':
		options->packet_buffered = true;
		return true;
	case 'v':
		options->text.verbose = true;
		return true;
	case 'x':
	case 'X':
		add_bytes(options, letter == 'X');
		return true;
	case OPT_COUNT:
		options->print_count = true;
		return true;
	case OPT_JSON:
		options->json = true;
		return true;
	default:
		return take_report(options, letter, argument);
	}
}

/* What excludes the other ways of output: the option's name, or NULL */
static const char *exclusive(const struct options *options)
{
	if (options_is_report(options))
		return report_names[options->format];
	return options->json ? "--json" : NULL;
}

static bool check(struct options *options, const char *first_operand)
{
	const char *one = exclusive(options);
	const char *bytes = options->text.ascii ? "-X" : "-x";

	if (first_operand) {
		message("\"%s\": vsockdump takes no filter expression", first_operand);
		return false;
	}
	if (options->read_file && options->interface)
		return contradict("-r", "-i");
	if (one && options->write_file)
		return contradict(one, "-w");
	if (one && options->print_count)
		return contradict(one, "--count");
	if (one && options->text.bytes)
		return contradict(one, bytes);
	if (options->write_file && options->text.bytes)
		return contradict("-w", bytes);
	if (options->interval > 0 && options->read_file)
		return contradict("--report-interval", "-r");
	if (options->interval > 0 &&
	    (!options_is_report(options) || options->format == FORMAT_FOLLOW)) {
		message("--report-interval takes one of --flows, --findings and --stats");
		return false;
	}
	if (options->write_file)
		options->format = FORMAT_PCAP;
	else if (options->print_count)
		options->format = FORMAT_COUNT;
	return true;
}

bool options_parse(struct options *options, int argc, char **argv)
{
	int letter;

	*options = (struct options) {
		.snaplen = SOURCE_MAX_SNAPLEN,
		.fail_on = TRACK_NEVER,
	};
	while ((letter = getopt_long(argc, argv, short_options, long_options, NULL)) !=
	       -1) {
		if (!take(options, letter, optarg)) {
			message("try vsockdump --help");
			return false;
		}
	}
	if (options->action == ACTION_DUMP && !check(options, argv[optind])) {
		message("try vsockdump --help");
		return false;
	}
	return true;
}
