/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: Wireshark runs each program of its extcap folder with arguments
 * of the extcap protocol (extcap(4)). It asks for interfaces, link types and options,
 * and takes the answers from standard output, a line each, but only if the program ends
 * with 0. To capture it makes a FIFO, which dumpcap reads, and starts the program again;
 * to stop it sends SIGTERM, or dumpcap closes the FIFO.
 *
 * There is one interface, whatever devices there are: each vsockmon device shows all
 * the traffic of the machine, and vsockdump takes the first or makes one. The name is
 * not that of a device, as dumpcap lists those itself.
 *
 * A capture is an ordinary one: what Wireshark wants is written as vsockdump's own
 * command line and read by options_parse(), so that options mean the same here.
 */

#include "extcap.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glib.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <vsockhdr/vsockhdr.h>

#include "filter.h"
#include "naming.h"
#include "source.h"

#define INTERFACE "vsockmon"

/** enum argument - What Wireshark may say */
enum argument {
	ASK_INTERFACES,
	ASK_LINK_TYPES,
	ASK_OPTIONS,
	ASK_CAPTURE,
	ARGUMENT_VERSION,
	ARGUMENT_INTERFACE,
	ARGUMENT_FIFO,
	ARGUMENT_CAPTURE_FILTER,
	ARGUMENT_FILTER,
	ARGUMENT_SNAPLEN,
	ARGUMENT_BUFFER,
	ARGUMENTS,
};

#define SNAPLEN "snapshot-length"
#define BUFFER  "buffer-size"

static const struct option arguments[] = {
	{ "extcap-interfaces", no_argument, NULL, ASK_INTERFACES },
	{ "extcap-dlts", no_argument, NULL, ASK_LINK_TYPES },
	{ "extcap-config", no_argument, NULL, ASK_OPTIONS },
	{ "capture", no_argument, NULL, ASK_CAPTURE },
	{ "extcap-version", required_argument, NULL, ARGUMENT_VERSION },
	{ "extcap-interface", required_argument, NULL, ARGUMENT_INTERFACE },
	{ "fifo", required_argument, NULL, ARGUMENT_FIFO },
	{ "extcap-capture-filter", required_argument, NULL, ARGUMENT_CAPTURE_FILTER },
	{ "filter", required_argument, NULL, ARGUMENT_FILTER },
	{ SNAPLEN, required_argument, NULL, ARGUMENT_SNAPLEN },
	{ BUFFER, required_argument, NULL, ARGUMENT_BUFFER },
	{ NULL, 0, NULL, 0 },
};

/**
 * struct offer - An option of vsockdump that Wireshark offers in its dialog
 * @argument:	What Wireshark says then
 * @name:	Its name, there and here
 * @display:	What the dialog calls it
 * @initial:	What the dialog has at first; NULL: nothing, which is the default
 */
static const struct offer {
	enum argument argument;
	const char *name;
	const char *display;
	const char *initial;
} offers[] = {
	{ ARGUMENT_SNAPLEN, SNAPLEN, "Snapshot length (bytes)",
	  G_STRINGIFY(SOURCE_MAX_SNAPLEN) },
	{ ARGUMENT_BUFFER, BUFFER, "Kernel buffer (KiB)", NULL },
};

#define OFFERS (sizeof(offers) / sizeof(offers[0]))

bool extcap_is_asked(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (g_str_has_prefix(argv[i], "--extcap-") ||
		    g_str_has_prefix(argv[i], "--fifo=") ||
		    strcmp(argv[i], "--fifo") == 0 || strcmp(argv[i], "--capture") == 0)
			return true;
	return false;
}

static void print_interfaces(void)
{
	printf("extcap {version=%s}\n", vsockhdr_version());
	puts("interface {value=" INTERFACE "}{display=vsock (vsockmon)}");
}

static void print_link_types(void)
{
	printf("dlt {number=%d}{name=%s}{display=%s}\n", DLT_VSOCK,
	       pcap_datalink_val_to_name(DLT_VSOCK),
	       pcap_datalink_val_to_description(DLT_VSOCK));
}

/* The option's row, for its limits and its help */
static const struct option_row *row_of(const struct offer *offer)
{
	const struct option_row *row = option_table;

	while (!row->name || strcmp(row->name, offer->name) != 0)
		row++;
	return row;
}

static void print_options(void)
{
	puts("arg {number=0}{call=--filter}{display=Filter}{type=string}"
	     "{tooltip=which packets to capture, as vsock-filter(7) says; with a capture "
	     "filter, too, only what both of them match}{group=Capture}");
	for (size_t i = 0; i < OFFERS; i++) {
		const struct option_row *row = row_of(&offers[i]);

		printf("arg {number=%zu}{call=--%s}{display=%s}{type=unsigned}"
		       "{range=%llu,%llu}{tooltip=%s}{group=Capture}",
		       i + 1, row->name, offers[i].display, (unsigned long long)row->min,
		       (unsigned long long)row->max, row->help);
		if (offers[i].initial)
			printf("{default=%s}", offers[i].initial);
		putchar('\n');
	}
}

/* Whether an expression is right; if not, @error says why. Names are those of vsockdump's
 * live captures */
static enum exit_status parse_filter(const char *text, bool *right,
				     struct filter_error *error)
{
	const struct naming_options naming = { .machines = true };
	struct naming *names = naming_new(&naming);
	struct filter *filter;

	if (!names)
		return STATUS_FAILED;
	filter = filter_parse(text, FILTER_PACKET, names, error);
	*right = filter != NULL;
	filter_free(filter);
	naming_free(names);
	return STATUS_OK;
}

/* Wireshark asks while somebody types a capture filter. It takes a line on standard
 * output for what is wrong with it, and does not look at it unless we end with 0. */
static enum exit_status judge_filter(const char *text)
{
	struct filter_error error;
	bool right;
	enum exit_status status = parse_filter(text, &right, &error);

	if (status != STATUS_OK || right)
		return status;
	if (error.offset < strlen(text))
		printf("\"%.*s\": ", (int)error.length, text + error.offset);
	else
		fputs("at its end: ", stdout);
	puts(error.text);
	return STATUS_OK;
}

/* Two expressions become one: each must be right by itself, or "a) or (b" would be. */
static enum exit_status check_filter(const char *what, const char *text)
{
	struct filter_error error;
	bool right;
	enum exit_status status = parse_filter(text, &right, &error);

	if (status != STATUS_OK || right)
		return status;
	filter_report(what, text, &error);
	return STATUS_USAGE;
}

/* The expression for the command line, to be freed; NULL: there is none */
static enum exit_status make_expression(char *const given[ARGUMENTS], char **expression)
{
	const char *box = given[ARGUMENT_CAPTURE_FILTER];
	const char *dialog = given[ARGUMENT_FILTER];
	enum exit_status status;

	*expression = NULL;
	if (!box || !*box || !dialog || !*dialog) {
		*expression = g_strdup(box && *box ? box : dialog);
		return STATUS_OK;
	}
	status = check_filter("capture filter", box);
	if (status == STATUS_OK)
		status = check_filter("filter", dialog);
	/* Either may end with a comment, which ends with its line. */
	if (status == STATUS_OK)
		*expression = g_strdup_printf("(%s\n) and (%s\n)", box, dialog);
	return status;
}

/* The command line that means what Wireshark wants */
static enum exit_status make_options(char *const given[ARGUMENTS], char *program,
				     struct options *options)
{
	char *argv[8 + 2 * OFFERS] = { program, (char *)"--nano", (char *)"-w",
				       given[ARGUMENT_FIFO] };
	char names[OFFERS][32];
	char *expression;
	int argc = 4;
	enum exit_status status = make_expression(given, &expression);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < OFFERS; i++) {
		char *value = given[offers[i].argument];

		if (!value || !*value)
			continue;
		snprintf(names[i], sizeof(names[i]), "--%s", offers[i].name);
		argv[argc++] = names[i];
		argv[argc++] = value;
	}
	argv[argc++] = (char *)"--";
	if (expression && *expression)
		argv[argc++] = expression;
	/* getopt_long() begins anew. */
	optind = 0;
	if (!options_parse(options, argc, argv))
		status = STATUS_USAGE;
	g_free(expression);
	return status;
}

static bool parse(char *given[ARGUMENTS], int argc, char **argv)
{
	int value;

	while ((value = getopt_long(argc, argv, "", arguments, NULL)) != -1) {
		if (value == '?')
			return false;
		given[value] = optarg ? optarg : argv[0];
	}
	if (!argv[optind])
		return true;
	message("\"%s\" is no argument of the extcap protocol", argv[optind]);
	return false;
}

/* What is not about an interface, or about the only one there is */
static bool check_interface(const char *name)
{
	if (name && strcmp(name, INTERFACE) == 0)
		return true;
	if (name)
		message("there is no extcap interface \"%s\", only " INTERFACE, name);
	else
		message("--extcap-interface=" INTERFACE " is missing");
	return false;
}

/* dumpcap would wait for ever for a writer that never came: it is waited for here, and
 * whatever goes wrong later, our end closes the FIFO. */
static bool meet_dumpcap(const char *fifo)
{
	static int until_exit;

	until_exit = open(fifo, O_WRONLY | O_CLOEXEC);
	if (until_exit < 0)
		message("%s: %s", fifo, strerror(errno));
	return until_exit >= 0;
}

static enum exit_status prepare_capture(char *const given[ARGUMENTS], char *program,
					struct options *options)
{
	enum exit_status status;

	/* Where Wireshark is killed, it stops nobody any more. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* It shows whatever is said as an error. */
	message_only_faults();
	if (!meet_dumpcap(given[ARGUMENT_FIFO]))
		return STATUS_FAILED;
	status = make_options(given, program, options);
	options->reader_may_leave = true;
	return status;
}

enum exit_status extcap_run(int argc, char **argv, struct options *options, bool *capture)
{
	char *given[ARGUMENTS] = { NULL };
	enum exit_status status = STATUS_USAGE;

	*capture = false;
	if (!parse(given, argc, argv))
		return STATUS_USAGE;
	if (given[ASK_INTERFACES]) {
		print_interfaces();
		return STATUS_OK;
	}
	if (!check_interface(given[ARGUMENT_INTERFACE]))
		return STATUS_USAGE;
	if (given[ASK_CAPTURE] && given[ARGUMENT_FIFO]) {
		status = prepare_capture(given, argv[0], options);
		*capture = status == STATUS_OK;
	} else if (given[ASK_CAPTURE] || given[ARGUMENT_FIFO]) {
		message("--capture needs --fifo, and --fifo needs --capture");
	} else if (given[ASK_LINK_TYPES]) {
		print_link_types();
		status = STATUS_OK;
	} else if (given[ASK_OPTIONS]) {
		print_options();
		status = STATUS_OK;
	} else if (given[ARGUMENT_CAPTURE_FILTER]) {
		status = judge_filter(given[ARGUMENT_CAPTURE_FILTER]);
	} else {
		message("what Wireshark asks for is missing, such as --extcap-interfaces");
	}
	return status;
}
