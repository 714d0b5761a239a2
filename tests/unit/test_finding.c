/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The texts of the findings: each kind has all of them, and its sentence says who is at
 * fault, whatever the figures are and however small the buffer is.
 */

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <vsockhdr/finding.h>

#include "helper.h"

static const struct vsockhdr_addr client = { 3, 1024 };
static const struct vsockhdr_addr server = { 2, 1234 };
static const struct vsockhdr_addr widest = { UINT64_MAX, UINT32_MAX };

/* Every figure that a sentence may ask for, of which a finding has a few */
static const struct {
	enum vsockhdr_finding_id id;
	const char *name[VSOCKHDR_MAX_FIGURES];
} figures[] = {
	{ VSOCKHDR_HDR_BAD_OP, { "op" } },
	{ VSOCKHDR_HDR_BAD_TYPE, { "type" } },
	{ VSOCKHDR_HDR_UNKNOWN_FLAGS, { "flags" } },
	{ VSOCKHDR_HDR_LEN_MISMATCH, { "len", "payload" } },
	{ VSOCKHDR_HDR_LEN_ON_CONTROL, { "len" } },
	{ VSOCKHDR_HDR_OVERSIZE, { "len" } },
	{ VSOCKHDR_CONN_UNANSWERED, { "waited_ns" } },
	{ VSOCKHDR_CREDIT_OVERRUN, { "len", "allowed", "over" } },
	{ VSOCKHDR_CREDIT_FWD_CNT_AHEAD, { "fwd_cnt", "sent" } },
	{ VSOCKHDR_CREDIT_FWD_CNT_REGRESS, { "previous", "fwd_cnt" } },
	{ VSOCKHDR_CREDIT_REQUEST_UNANSWERED, { "waited_ns" } },
	{ VSOCKHDR_CREDIT_STALL, { "stalled_ns", "buf_alloc" } },
	{ VSOCKHDR_CREDIT_STARVED, { "stalled_ns", "sent" } },
	{ VSOCKHDR_CREDIT_SHRUNK, { "from", "to" } },
	{ VSOCKHDR_CLOSE_RW_TO_CLOSED, { "len" } },
	{ VSOCKHDR_CLOSE_RESET,
	  { "unconsumed_client", "unconsumed_server", "violation_frame" } },
	{ VSOCKHDR_SEQ_EOM_MISSING, { "bytes" } },
	{ VSOCKHDR_SEQ_MESSAGE_TOO_BIG, { "message", "buf_alloc" } },
};

/* Kinds that blame nobody; of all others the sentence names the end at fault */
static bool blames(enum vsockhdr_finding_id id)
{
	return id != VSOCKHDR_HDR_MON_MISMATCH && id != VSOCKHDR_CONN_REFUSED &&
	       id != VSOCKHDR_CONN_SHARED_PAIR && id != VSOCKHDR_CLOSE_HALF_OPEN;
}

/* A finding of a kind, between two ends, its figures from value on */
static struct vsockhdr_finding example(enum vsockhdr_finding_id id,
				       const struct vsockhdr_addr *src,
				       const struct vsockhdr_addr *dst, uint64_t value)
{
	struct vsockhdr_finding finding = {
		.id = id,
		.severity = vsockhdr_finding_info(id)->severity,
		.frame = 7,
		.src = *src,
		.dst = *dst,
		.has_addresses = true,
		.fault = *src,
		.has_fault = blames(id),
	};

	for (size_t i = 0; i < COUNT(figures); i++) {
		if (figures[i].id != id)
			continue;
		while (finding.figures < VSOCKHDR_MAX_FIGURES &&
		       figures[i].name[finding.figures]) {
			finding.figure[finding.figures] = (struct vsockhdr_figure) {
				figures[i].name[finding.figures],
				value,
			};
			finding.figures++;
		}
	}
	return finding;
}

static const char *message(const struct vsockhdr_finding *finding)
{
	static char buf[VSOCKHDR_MESSAGE_LEN];
	size_t len = vsockhdr_finding_message(buf, sizeof(buf), finding);

	assert_true(len < sizeof(buf));
	assert_int_equal(len, strlen(buf));
	return buf;
}

static void check_sentence(const char *text)
{
	size_t len = strlen(text);

	assert_true(len > 20);
	assert_true(isupper((unsigned char)text[0]) || isdigit((unsigned char)text[0]));
	assert_int_equal(text[len - 1], '.');
	assert_null(strstr(text, "  "));
}

static void test_info(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VSOCKHDR_FINDING_COUNT; i++) {
		enum vsockhdr_finding_id id = (enum vsockhdr_finding_id)i;
		enum vsockhdr_finding_id parsed = VSOCKHDR_FINDING_COUNT;
		const struct vsockhdr_finding_info *info = vsockhdr_finding_info(id);

		assert_non_null(info);
		assert_non_null(strchr(info->name, '.'));
		assert_true(strlen(info->spec) > 3);
		check_sentence(info->summary);
		check_sentence(info->causes);
		check_sentence(info->next);
		assert_non_null(vsockhdr_severity_name(info->severity));
		/* Would be the first of two with the same name */
		assert_int_equal(vsockhdr_finding_parse(info->name, &parsed),
				 VSOCKHDR_OK);
		assert_int_equal(parsed, id);
	}
	assert_null(vsockhdr_finding_info(VSOCKHDR_FINDING_COUNT));
	assert_null(vsockhdr_finding_info((enum vsockhdr_finding_id) - 1));
}

static void test_known_info(void **state)
{
	const struct vsockhdr_finding_info *info;

	(void)state;
	info = vsockhdr_finding_info(VSOCKHDR_CREDIT_OVERRUN);
	assert_string_equal(info->name, "credit.overrun");
	assert_string_equal(info->spec, "5.10.6.3");
	assert_int_equal(info->severity, VSOCKHDR_VIOLATION);
	info = vsockhdr_finding_info(VSOCKHDR_CLOSE_HALF_OPEN);
	assert_string_equal(info->name, "close.half_open");
	assert_string_equal(info->spec, "5.10.6.5");
	assert_int_equal(info->severity, VSOCKHDR_NOTE);
	info = vsockhdr_finding_info(VSOCKHDR_HDR_MON_MISMATCH);
	assert_string_equal(info->spec, "linux/vsockmon.h");
}

static void test_no_finding(void **state)
{
	static const char *const wrong[] = { "",
					     "credit",
					     "credit.",
					     "credit.overru",
					     "credit.overrunn",
					     "Credit.Overrun" };
	enum vsockhdr_finding_id id = VSOCKHDR_CLOSE_RESET;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(vsockhdr_finding_parse(wrong[i], &id),
				 VSOCKHDR_ERR_NAME);
	assert_int_equal(id, VSOCKHDR_CLOSE_RESET);
}

static void test_severity(void **state)
{
	static const char *const names[] = { "note", "warning", "violation" };
	enum vsockhdr_severity severity = VSOCKHDR_NOTE;

	(void)state;
	for (unsigned int i = 0; i < COUNT(names); i++) {
		assert_string_equal(vsockhdr_severity_name((enum vsockhdr_severity)i),
				    names[i]);
		assert_int_equal(vsockhdr_severity_parse(names[i], &severity),
				 VSOCKHDR_OK);
		assert_int_equal(severity, i);
	}
	assert_null(vsockhdr_severity_name((enum vsockhdr_severity)3));
	assert_int_equal(vsockhdr_severity_parse("error", &severity), VSOCKHDR_ERR_NAME);
	assert_int_equal(severity, VSOCKHDR_VIOLATION);
}

static void test_message(void **state)
{
	struct vsockhdr_finding finding;

	(void)state;
	finding = example(VSOCKHDR_CREDIT_OVERRUN, &client, &server, 0);
	finding.figure[0].value = 4096;
	finding.figure[1].value = 1000;
	finding.figure[2].value = 3096;
	assert_string_equal(
		message(&finding),
		"3:1024 sent 4096 bytes although 2:1234 had room for 1000 "
		"only: 3096 bytes too many. 3:1024 ignores the credit that it "
		"is given.");
	finding.capture_loss = true;
	assert_string_equal(
		message(&finding),
		"3:1024 sent 4096 bytes although 2:1234 had room for 1000 "
		"only: 3096 bytes too many. 3:1024 ignores the credit that it "
		"is given. (the capture itself lacks packets, which may be all "
		"that there is to it)");
	/* The other end is at fault, and a time */
	finding = example(VSOCKHDR_CREDIT_STALL, &client, &server, 262144);
	finding.fault = server;
	finding.figure[0].value = 1467102000;
	assert_string_equal(message(&finding),
			    "3:1024 had to wait 1.467 s until 2:1234 made room in its "
			    "buffer of 262144 bytes. 2:1234 reads slowly, or tells late "
			    "that it has read.");
	/* No blame */
	finding = example(VSOCKHDR_CONN_REFUSED, &server, &client, 0);
	assert_string_equal(message(&finding),
			    "2:1234 refused the connection that 3:1024 asked for: most "
			    "likely no program listens at 2:1234.");
}

static void test_time(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} times[] = {
		{ 0, "0 ns" },
		{ 999, "999 ns" },
		{ 1000, "1.000 us" },
		{ 1061999, "1.061 ms" },
		{ 999999, "999.999 us" },
		{ 1000000000, "1.000 s" },
		{ UINT64_MAX, "18446744073.709 s" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		struct vsockhdr_finding finding =
			example(VSOCKHDR_CREDIT_STALL, &client, &server, times[i].ns);
		const char *wait = strstr(message(&finding), "wait ");

		assert_non_null(wait);
		assert_memory_equal(wait + strlen("wait "), times[i].text,
				    strlen(times[i].text));
	}
}

static void test_every_message(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VSOCKHDR_FINDING_COUNT; i++) {
		enum vsockhdr_finding_id id = (enum vsockhdr_finding_id)i;
		struct vsockhdr_finding finding = example(id, &client, &server, 4096);
		const char *text = message(&finding);

		check_sentence(text);
		assert_null(strpbrk(text, "{}[]"));
		assert_null(strstr(text, "(unknown)"));
		assert_non_null(strstr(text, "3:1024"));
		assert_non_null(strstr(text, "2:1234"));
		for (unsigned int n = 0; n < finding.figures; n++) {
			struct vsockhdr_finding other = finding;

			/* A figure that no sentence uses is not worth collecting */
			other.figure[n].value = 77000;
			assert_non_null(strstr(message(&other), "77"));
		}
	}
}

/* What is not known is left out, or said to be unknown where nothing is left without */
static void test_unknown(void **state)
{
	struct vsockhdr_finding finding = { .id = VSOCKHDR_HDR_TRUNCATED };

	(void)state;
	assert_string_equal(
		message(&finding),
		"A packet ends before its headers do. Its sender built it too "
		"short, or the capture file is damaged.");
	finding.id = VSOCKHDR_CREDIT_SHRUNK;
	assert_string_equal(
		message(&finding),
		"(unknown) took back part of its promise: (unknown) was "
		"allowed to send up to byte (unknown), and now only up to byte "
		"(unknown).");
	finding = example(VSOCKHDR_CLOSE_RESET, &client, &server, 0);
	finding.figures = 1;
	assert_string_equal(message(&finding),
			    "3:1024 broke off the connection to 2:1234.");
	finding.figures = UINT32_MAX;
	finding.figure[0].name = finding.figure[1].name = "";
	finding.figure[2].name = finding.figure[3].name = "";
	assert_string_equal(message(&finding),
			    "3:1024 broke off the connection to 2:1234.");
	finding.id = VSOCKHDR_FINDING_COUNT;
	assert_string_equal(message(&finding), "");
}

static void test_extremes(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VSOCKHDR_FINDING_COUNT; i++) {
		enum vsockhdr_finding_id id = (enum vsockhdr_finding_id)i;
		struct vsockhdr_finding finding =
			example(id, &widest, &widest, UINT64_MAX);

		finding.capture_loss = true;
		assert_non_null(
			strstr(message(&finding), "18446744073709551615:4294967295"));
	}
}

static void test_sizes(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VSOCKHDR_FINDING_COUNT; i++) {
		enum vsockhdr_finding_id id = (enum vsockhdr_finding_id)i;
		struct vsockhdr_finding finding = example(id, &client, &server, 1);
		char whole[VSOCKHDR_MESSAGE_LEN];
		size_t len = vsockhdr_finding_message(whole, sizeof(whole), &finding);

		for (size_t size = 0; size <= len + 1; size++) {
			char *buf = (char *)guarded(0, size);
			size_t kept = size > 0 ? size - 1 : 0;

			memset(buf, '#', size);
			assert_int_equal(vsockhdr_finding_message(buf, size, &finding),
					 len);
			if (size > 0) {
				assert_memory_equal(buf, whole, kept);
				assert_int_equal(buf[kept], '\0');
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),          cmocka_unit_test(test_known_info),
		cmocka_unit_test(test_no_finding),    cmocka_unit_test(test_severity),
		cmocka_unit_test(test_message),       cmocka_unit_test(test_time),
		cmocka_unit_test(test_every_message), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_extremes),      cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
