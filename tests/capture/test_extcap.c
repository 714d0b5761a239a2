/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What Wireshark says becomes options of vsockdump. Each case runs in a child, whose
 * words are compared, too: Wireshark shows them.
 */

#include "extcap.h"

#include "in_child.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#define WORDS 16

/**
 * struct command_line - What Wireshark runs, and what comes of it
 * @words:	Its arguments, without the program's name
 * @status:	What extcap_run() returns
 * @text:	What the child prints: what vsockdump says, and then the options
 */
struct command_line {
	const char *words[WORDS];
	int status;
	const char *text;
};

#define INTERFACE "--extcap-interface", "vsockmon"
#define CAPTURE   "--capture", INTERFACE, "--fifo", "/dev/null"

/* The words of @line as main() gets them. Return: how many */
static int make_argv(const struct command_line *line, char *argv[WORDS + 2])
{
	int argc = 1;

	argv[0] = strdup("vsockdump");
	for (int i = 0; i < WORDS && line->words[i]; i++)
		argv[argc++] = strdup(line->words[i]);
	argv[argc] = NULL;
	return argc;
}

static void free_argv(char **argv)
{
	for (; *argv; argv++)
		free(*argv);
}

static void print_options(const struct options *options)
{
	printf("-w %s -s %d -B %d %s filter <%s>\n", options->write_file,
	       options->snaplen, options->buffer_kib,
	       options->precision == PCAP_TSTAMP_PRECISION_NANO ? "nano" : "micro",
	       options->expression ? options->expression : "");
}

static int run(const void *context)
{
	static struct options options;
	char *argv[WORDS + 2];
	char *words[WORDS + 2];
	int argc = make_argv(context, argv);
	bool capture = true;
	int status;

	/* getopt_long() changes their order. */
	memcpy(words, argv, sizeof(words));
	status = (int)extcap_run(argc, argv, &options, &capture);
	if (capture)
		print_options(&options);
	if (capture && (options.action != ACTION_DUMP || options.interface ||
			options.format != FORMAT_NONE || status != STATUS_OK))
		puts("this is no capture into a file");
	free(options.expression);
	free_argv(words);
	return status;
}

static void check(const struct command_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct outcome outcome = in_child(run, &lines[i]);

		assert_string_equal(outcome.text, lines[i].text);
		assert_int_equal(outcome.status, lines[i].status);
	}
}

#define CHECK(lines) check(lines, sizeof(lines) / sizeof((lines)[0]))

static void test_is_asked(void **state)
{
	static const struct {
		struct command_line line;
		bool asked;
	} cases[] = {
		{ { .words = { "--extcap-interfaces" } }, true },
		{ { .words = { "--extcap-interfaces", "--extcap-version=4.0" } }, true },
		{ { .words = { "--extcap-interface=vsockmon", "--extcap-dlts" } }, true },
		{ { .words = { CAPTURE } }, true },
		{ { .words = { "--capture" } }, true },
		{ { .words = { "--fifo=x" } }, true },
		{ { .words = { NULL } }, false },
		{ { .words = { "-i", "vsockmon0", "-w", "file" } }, false },
		{ { .words = { "--count", "--fifty", "--captures" } }, false },
		{ { .words = { "-r", "file", "--", "--capture" } }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *argv[WORDS + 2];
		int argc = make_argv(&cases[i].line, argv);

		assert_int_equal(extcap_is_asked(argc, argv), cases[i].asked);
		free_argv(argv);
	}
}

static void test_capture(void **state)
{
	static const struct command_line lines[] = {
		{ { CAPTURE }, 0, "-w /dev/null -s 262144 -B 0 nano filter <>\n" },
		{ { "--fifo=/dev/null", "--extcap-interface=vsockmon", "--capture" },
		  0,
		  "-w /dev/null -s 262144 -B 0 nano filter <>\n" },
		{ { CAPTURE, "--snapshot-length", "80", "--buffer-size=4096" },
		  0,
		  "-w /dev/null -s 80 -B 4096 nano filter <>\n" },
		{ { CAPTURE, "--snapshot-length", "", "--buffer-size=", "--filter", "" },
		  0,
		  "-w /dev/null -s 262144 -B 0 nano filter <>\n" },
		{ { CAPTURE, "--extcap-capture-filter", "port 1024" },
		  0,
		  "-w /dev/null -s 262144 -B 0 nano filter <port 1024>\n" },
		{ { CAPTURE, "--filter", "port 1024" },
		  0,
		  "-w /dev/null -s 262144 -B 0 nano filter <port 1024>\n" },
		{ { CAPTURE, "--filter", "port 1", "--extcap-capture-filter", "" },
		  0,
		  "-w /dev/null -s 262144 -B 0 nano filter <port 1>\n" },
		{ { CAPTURE, "--extcap-capture-filter", "port 1", "--filter", "port 2" },
		  0,
		  "-w /dev/null -s 262144 -B 0 nano filter <(port 1\n) and (port 2\n)>\n" },
		/* No option, although it looks like one */
		{ { CAPTURE, "--extcap-capture-filter", "-r" },
		  0,
		  "-w /dev/null -s 262144 -B 0 nano filter <-r>\n" },
	};

	(void)state;
	CHECK(lines);
}

static void test_refused(void **state)
{
	static const struct command_line lines[] = {
		{ { "--capture", INTERFACE },
		  2,
		  "vsockdump: --capture needs --fifo, and --fifo needs --capture\n" },
		{ { "--fifo", "x", INTERFACE },
		  2,
		  "vsockdump: --capture needs --fifo, and --fifo needs --capture\n" },
		{ { "--capture", "--fifo", "x" },
		  2,
		  "vsockdump: --extcap-interface=vsockmon is missing\n" },
		{ { "--capture", "--fifo", "x", "--extcap-interface", "eth0" },
		  2,
		  "vsockdump: there is no extcap interface \"eth0\", only vsockmon\n" },
		{ { "--extcap-dlts", "--extcap-interface=" },
		  2,
		  "vsockdump: there is no extcap interface \"\", only vsockmon\n" },
		{ { INTERFACE },
		  2,
		  "vsockdump: what Wireshark asks for is missing, such as "
		  "--extcap-interfaces\n" },
		{ { "--capture", INTERFACE, "--fifo", "/no/such" },
		  1,
		  "vsockdump: /no/such: No such file or directory\n" },
		{ { CAPTURE, "--no-such" },
		  2,
		  "vsockdump: unrecognized option '--no-such'\n" },
		{ { CAPTURE, "-w", "x" }, 2, "vsockdump: invalid option -- 'w'\n" },
		{ { CAPTURE, "port", "1024" },
		  2,
		  "vsockdump: \"port\" is no argument of the extcap protocol\n" },
		{ { CAPTURE, "--snapshot-length", "-1" },
		  2,
		  "vsockdump: -s takes a number from 0 to 262144, not \"-1\"\n"
		  "vsockdump: try vsockdump --help\n" },
	};

	(void)state;
	CHECK(lines);
}

static void test_questions(void **state)
{
	static const struct command_line lines[] = {
		{ { "--extcap-dlts", INTERFACE },
		  0,
		  "dlt {number=271}{name=VSOCK}{display=Linux vsock}\n" },
		{ { "--extcap-capture-filter", "port 1024", INTERFACE }, 0, "" },
		{ { "--extcap-capture-filter", "", INTERFACE }, 0, "" },
	};

	(void)state;
	CHECK(lines);
}

/* Two that are right only together, or only apart, are both refused. */
static void test_wrong_filters(void **state)
{
	static const struct command_line lines[] = {
		{ { "--extcap-capture-filter", "port 1 or wibble", INTERFACE }, 0, "" },
		{ { CAPTURE, "--extcap-capture-filter", "port 1) or (port 2", "--filter",
		    "port 3" },
		  2,
		  "" },
		{ { CAPTURE, "--extcap-capture-filter", "port 1", "--filter", "port" },
		  2,
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct outcome outcome = in_child(run, &lines[i]);

		assert_int_equal(outcome.status, lines[i].status);
		assert_int_not_equal(outcome.text[0], '\0');
	}
	assert_non_null(strstr(in_child(run, &lines[0]).text, "\"wibble\": "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_asked),      cmocka_unit_test(test_capture),
		cmocka_unit_test(test_refused),       cmocka_unit_test(test_questions),
		cmocka_unit_test(test_wrong_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
