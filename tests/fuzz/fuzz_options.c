/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any command line: words that end with NUL. What is taken for right must be what the
 * rest of vsockdump relies on. Nothing is opened.
 */

#include <getopt.h>
#include <pcap/pcap.h>

#include "extcap.h"
#include "fuzz.h"
#include "fuzz_message.h"
#include "options.h"
#include "source.h"

#define MAX_WORDS 64

/* Each word in a heap block of its own; returns how many */
static int cut_words(char *argv[MAX_WORDS + 1], const uint8_t *data, size_t size)
{
	int argc = 0;

	while (size > 0 && argc < MAX_WORDS) {
		size_t length = strnlen((const char *)data, size);

		argv[argc] = strndup((const char *)data, length);
		CHECK(argv[argc]);
		argc++;
		if (length < size)
			length++;
		data += length;
		size -= length;
	}
	argv[argc] = NULL;
	return argc;
}

static void check_limit(int64_t ns)
{
	CHECK(ns >= 0 && ns <= INT64_C(1000000000) * 1000000000);
}

static void check_options(const struct options *options)
{
	CHECK(options->action <= ACTION_VERSION);
	CHECK(options->format <= FORMAT_FOLLOW);
	CHECK(options->snaplen > 0 && options->snaplen <= SOURCE_MAX_SNAPLEN);
	CHECK(options->buffer_kib >= 0 && options->buffer_kib <= INT32_MAX / 1024);
	CHECK(options->count <= INT64_MAX && options->follow <= INT64_MAX);
	CHECK(options->text.timestamp.style < TIMESTAMP_STYLES ||
	      options->text.timestamp.style == TIMESTAMP_STYLES);
	CHECK(options->text.verbose <= 3 && options->program_style <= 3);
	CHECK(!options->text.bytes || options->text.form);
	CHECK(options->fail_on <= TRACK_NEVER);
	check_limit(options->limits.connect_ns);
	check_limit(options->limits.close_ns);
	check_limit(options->limits.stall_ns);
	check_limit(options->limits.request_ns);
	if (options->action != ACTION_DUMP)
		return;
	CHECK(!options->read_file || !options->list_file);
	CHECK(!options->interface || options_is_live(options));
	CHECK(!options->print || options->write_file);
	CHECK(!options->rotate_bytes || options->write_file);
	CHECK(!options->rotate_seconds || options->write_file);
	CHECK(!options->rotate_command || options->rotate_bytes ||
	      options->rotate_seconds);
	CHECK(!options->json || options->print || !options->write_file ||
	      options_is_report(options));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options options;
	char *argv[MAX_WORDS + 1];
	int argc = cut_words(argv, data, size);
	int words = argc;

	opterr = 0;
	optind = 0;
	complained = false;
	if (argc > 0 && !extcap_is_asked(argc, argv)) {
		if (options_parse(&options, argc, argv))
			check_options(&options);
		else
			CHECK(complained);
		free(options.expression);
		options.expression = NULL;
	}
	/* getopt_long() puts them in another order, and loses none. */
	for (argc = 0; argc < words; argc++)
		free(argv[argc]);
	return 0;
}
