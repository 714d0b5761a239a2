/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which file a packet belongs into, and what that is called: each case lists packets, and
 * the files in the order in which they are begun with how many packets they get.
 */

#include "rotation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file's header, and each packet */
#define HEADER 24
#define PACKET 100

#define MAX_PACKETS 16
#define END         INT64_MIN

/**
 * struct example - A capture
 * @limits:	What is asked for
 * @times:	Time stamps of its packets, up to END
 * @files:	"NAME:PACKETS" for each file; "done" at last where the capture is ended
 */
struct example {
	struct rotation_limits limits;
	int64_t times[MAX_PACKETS];
	const char *files;
};

/* What the writer does, without writing */
static void play(const struct example *example, char *files, size_t size)
{
	struct rotation rotation;
	char name[64] = "";
	unsigned int packets = 0;
	uint64_t bytes = 0;
	size_t used = 0;

	rotation_init(&rotation, &example->limits);
	for (size_t i = 0; example->times[i] != END; i++) {
		enum rotation_step step = ROTATION_NEXT;

		if (i == 0) {
			rotation_begin(&rotation, example->times[i]);
		} else {
			step = rotation_by_time(&rotation, example->times[i]);
			if (step == ROTATION_STAY)
				step = rotation_by_size(&rotation, bytes);
		}
		if (step != ROTATION_STAY && i > 0)
			used += (size_t)snprintf(files + used, size - used, "%s:%u ",
						 name, packets);
		if (step == ROTATION_DONE) {
			snprintf(files + used, size - used, "done");
			return;
		}
		if (step == ROTATION_NEXT) {
			assert_true(rotation_name(&rotation, name, sizeof(name)));
			packets = 0;
			bytes = HEADER;
		}
		packets++;
		bytes += PACKET;
	}
	snprintf(files + used, size - used, "%s:%u", name, packets);
}

#define SIX 0, 0, 0, 0, 0, 0, END

static const struct example examples[] = {
	/* No rotation: the name is taken as it is */
	{ { .path = "f" }, { SIX }, "f:6" },
	{ { .path = "f%H" }, { SIX }, "f%H:6" },
	/* -C: a file that is larger, not as large, is not written to */
	{ { "f", .max_bytes = 124 }, { SIX }, "f:2 f1:2 f2:2" },
	{ { "f", .max_bytes = 123 }, { SIX }, "f:1 f1:1 f2:1 f3:1 f4:1 f5:1" },
	{ { "f", .max_bytes = 724 }, { SIX }, "f:6" },
	{ { "f%H", .max_bytes = 224 }, { SIX }, "f%H:3 f%H1:3" },
	/* -C -W: a ring */
	{ { "f", .max_bytes = 124, .files = 1 }, { SIX }, "f:2 f:2 f:2" },
	{ { "f", .max_bytes = 124, .files = 2 }, { SIX }, "f0:2 f1:2 f0:2" },
	{ { "f", .max_bytes = 124, .files = 3 }, { SIX }, "f0:2 f1:2 f2:2" },
	{ { "f", .max_bytes = 124, .files = 10 }, { SIX }, "f0:2 f1:2 f2:2" },
	{ { "f", .max_bytes = 124, .files = 11 }, { SIX }, "f00:2 f01:2 f02:2" },
	{ { "f", .max_bytes = 124, .files = 1001 }, { SIX }, "f0000:2 f0001:2 f0002:2" },
	/* -G: windows follow each other from the first packet on */
	{ { "f%s", .seconds = 10 }, { 7, 8, 16, 17, 26, 27, END }, "f7:3 f17:2 f27:1" },
	{ { "f", .seconds = 10 }, { 7, 17, 27, END }, "f:1 f:1 f:1" },
	{ { "f%%", .seconds = 10 }, { 7, END }, "f%:1" },
	/* A window without packets has no file, and shifts no other */
	{ { "f%s", .seconds = 10 }, { 7, 36, 37, END }, "f7:1 f27:1 f37:1" },
	/* Time that goes backwards stays where it is, from before 1970, too */
	{ { "f%s", .seconds = 10 }, { 7, 17, 3, -50, 26, 27, END }, "f7:1 f17:4 f27:1" },
	{ { "f%s", .seconds = 10 }, { -25, -16, -15, -5, END }, "f-25:2 f-15:1 f-5:1" },
	/* -G -W: the end */
	{ { "f%s", .seconds = 10, .files = 1 }, { 0, 9, 10, 11, END }, "f0:2 done" },
	{ { "f%s", .seconds = 10, .files = 2 },
	  { 0, 9, 10, 20, END },
	  "f0:2 f10:1 done" },
	{ { "f%s", .seconds = 10, .files = 2 },
	  { 0, 50, 59, 60, END },
	  "f0:1 f50:2 done" },
	{ { "f%s", .seconds = 10, .files = 2 }, { 0, 9, END }, "f0:2" },
	/* -C -G: numbered in each window; -W is about these numbers alone */
	{ { "f%s-", .max_bytes = 124, .seconds = 10 },
	  { 0, 0, 0, 0, 0, 10, 10, 10, END },
	  "f0-:2 f0-1:2 f0-2:1 f10-:2 f10-1:1" },
	{ { "f%s-", .max_bytes = 124, .seconds = 10, .files = 2 },
	  { 0, 0, 0, 0, 0, 10, 20, 20, 20, END },
	  "f0-0:2 f0-1:2 f0-0:1 f10-0:1 f20-0:2 f20-1:1" },
	/* What no clock shows: neither a loop nor thousands of files */
	{ { "f%s", .seconds = 1 },
	  { 0, INT64_C(1) << 60, INT64_MAX, -(INT64_C(1) << 60), 5, END },
	  "f0:1 f4611686017:4" },
	{ { "f%s", .seconds = 1 },
	  { -INT64_MAX, INT64_MAX, END },
	  "f-4611686017:1 f4611686017:1" },
	{ { "f%s", .seconds = INT32_MAX },
	  { -(INT64_C(1) << 60), INT64_C(1) << 60, END },
	  "f-4611686017:1 f3978248571:1" },
};

static void test_files(void **state)
{
	char files[256];

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		play(&examples[i], files, sizeof(files));
		assert_string_equal(files, examples[i].files);
	}
}

static void name_at(const char *path, int64_t sec, char *name, size_t size)
{
	const struct rotation_limits limits = { .path = path, .seconds = 60 };
	struct rotation rotation;

	rotation_init(&rotation, &limits);
	rotation_begin(&rotation, sec);
	assert_true(rotation_name(&rotation, name, size));
}

static void test_local_time(void **state)
{
	char name[64];

	(void)state;
	setenv("TZ", "XXX-5:30", 1);
	name_at("/tmp/%Y-%m-%d_%H.%M.%S.pcap", 1700000000, name, sizeof(name));
	assert_string_equal(name, "/tmp/2023-11-15_03.43.20.pcap");
	setenv("TZ", "UTC0", 1);
	name_at("%F %T%%", 1700000000, name, sizeof(name));
	assert_string_equal(name, "2023-11-14 22:13:20%");
}

/* In the sandbox nobody can look at /etc/localtime. */
static void test_time_zone_is_fixed(void **state)
{
	char name[64];

	(void)state;
	unsetenv("TZ");
	name_at("%s", 12, name, sizeof(name));
	assert_string_equal(name, "12");
	assert_string_equal(getenv("TZ"), ":/etc/localtime");
	setenv("TZ", "UTC0", 1);
	name_at("%s", 12, name, sizeof(name));
	assert_string_equal(getenv("TZ"), "UTC0");
}

static void test_no_room(void **state)
{
	struct rotation_limits limits = { .path = "12345%S", .max_bytes = 1, .files = 2 };
	struct rotation rotation;
	char name[9];

	(void)state;
	rotation_init(&rotation, &limits);
	rotation_begin(&rotation, 0);
	assert_true(rotation_name(&rotation, name, 9));
	assert_string_equal(name, "12345%S0");
	assert_false(rotation_name(&rotation, name, 8));
	assert_false(rotation_name(&rotation, name, 7));
	limits.seconds = 1;
	rotation_init(&rotation, &limits);
	rotation_begin(&rotation, 0);
	assert_true(rotation_name(&rotation, name, 9));
	assert_string_equal(name, "12345000");
	assert_false(rotation_name(&rotation, name, 8));
	assert_false(rotation_name(&rotation, name, 7));
	limits.path = "";
	rotation_init(&rotation, &limits);
	rotation_begin(&rotation, 0);
	assert_false(rotation_name(&rotation, name, 9));
}

static void test_parse_size(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "1", 1000000 },
		{ "12", 12000000 },
		{ "012", 12000000 },
		{ "1k", 1024 },
		{ "3K", 3072 },
		{ "2m", 2097152 },
		{ "2M", 2097152 },
		{ "1g", 1073741824 },
		{ "1G", 1073741824 },
		{ "9223372036854", UINT64_C(9223372036854000000) },
		{ "9007199254740991k", UINT64_C(9223372036854774784) },
	};
	static const char *const bad[] = {
		"",
		"0",
		"0k",
		"-1",
		"+1",
		" 1",
		"k",
		"1x",
		"1kb",
		"1 k",
		"1.5",
		"0x10",
		"1e3",
		"1kk",
		"9223372036855",
		"9007199254740992k",
		"18446744073709551616",
		"99999999999999999999999999",
	};
	uint64_t bytes = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(rotation_parse_size(bad[i], &bytes));
	assert_int_equal(bytes, 77);
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(rotation_parse_size(good[i].text, &bytes));
		assert_int_equal(bytes, good[i].bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_local_time),
		cmocka_unit_test(test_time_zone_is_fixed),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_parse_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
