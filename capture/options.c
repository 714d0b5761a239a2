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

#include "message.h"
#include "source.h"

enum long_option {
	OPT_COUNT = 256,
	OPT_HELP,
	OPT_JSON,
	OPT_VERSION,
};

static const char short_options[] = "c:Dhi:lnr:s:tUvw:xX";

static const struct option long_options[] = {
	{ "count", no_argument, NULL, OPT_COUNT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "interface", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "list-interfaces", no_argument, NULL, 'D' },
	{ "packet-buffered", no_argument, NULL, 'U' },
	{ "snapshot-length", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

void options_print_help(void)
{
	puts("Usage: vsockdump [-i INTERFACE | -r FILE] [OPTION]...\n"
	     "Show the traffic between virtual machines and their hosts (vsock).\n"
	     "\n"
	     "Where packets come from:\n"
	     "  -i INTERFACE  capture on this interface (default: the first vsockmon\n"
	     "                interface; a number is one that -D lists)\n"
	     "  -r FILE       read a pcap or pcapng file; - is standard input\n"
	     "  -D            list the vsockmon interfaces\n"
	     "  -c COUNT      stop after COUNT packets\n"
	     "  -s SNAPLEN    keep SNAPLEN bytes of each packet (default, and for 0: "
	     "262144)\n"
	     "\n"
	     "What becomes of them:\n"
	     "  (nothing)     a line of text each\n"
	     "  --json        a JSON object each\n"
	     "  -w FILE       write them to a pcap file; - is standard output\n"
	     "  --count       print how many there were\n"
	     "  -l            hand on each line at once\n"
	     "  -U            hand on each packet at once, with -w, too\n"
	     "\n"
	     "How lines look:\n"
	     "  -n            numbers instead of names (2 instead of host)\n"
	     "  -t            no time; -tt: seconds since 1970; -ttt: since the\n"
	     "                previous packet; -tttt: with the date; -ttttt: since the\n"
	     "                first packet\n"
	     "  -v            a second line with the vsockmon header\n"
	     "  -x, -X        the packet's bytes in hex, and as text, too; -xx, -XX: with\n"
	     "                the vsockmon header\n"
	     "\n"
	     "  -h, --help    this text; --version: versions\n"
	     "\n"
	     "Exit status: 0 if all is well, 1 if something could not be read, captured or\n"
	     "written, 2 if the command line is wrong.");
}

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

static void add_bytes(struct options *options, bool ascii)
{
	if (options->text.bytes < TEXT_BYTES_RECORD)
		options->text.bytes++;
	options->text.ascii = options->text.ascii || ascii;
}

/* One option; false after a message */
static bool take(struct options *options, int letter, const char *argument)
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
		options->format = FORMAT_JSON;
		return true;
	default:
		/* getopt_long() has said what is wrong. */
		return false;
	}
}

static bool check(struct options *options, const char *first_operand)
{
	const char *both = NULL;

	if (first_operand) {
		message("\"%s\": vsockdump takes no filter expression", first_operand);
		return false;
	}
	if (options->read_file && options->interface)
		both = "-r and -i";
	else if (options->format == FORMAT_JSON && options->write_file)
		both = "--json and -w";
	else if (options->format == FORMAT_JSON && options->print_count)
		both = "--json and --count";
	else if (options->format == FORMAT_JSON && options->text.bytes)
		both = options->text.ascii ? "--json and -X" : "--json and -x";
	else if (options->write_file && options->text.bytes)
		both = options->text.ascii ? "-w and -X" : "-w and -x";
	if (both) {
		message("%s contradict each other", both);
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

	*options = (struct options) { .snaplen = SOURCE_MAX_SNAPLEN };
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
