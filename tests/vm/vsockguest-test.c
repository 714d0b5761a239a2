// SPDX-License-Identifier: BSD-2-Clause
/*
 * The language of vsockguest: what each command means, and what is said of mistakes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vsockguest-script.h"

static char why[256];

static int parse(struct command *command, const char *text)
{
	char line[256];

	snprintf(line, sizeof(line), "%s", text);
	why[0] = '\0';
	return script_parse(command, line, why, sizeof(why));
}

static struct command parsed(const char *text)
{
	struct command command = { .line = 7 };

	if (parse(&command, text) != 1)
		fail_msg("'%s': %s", text, why);
	assert_int_equal(command.line, 7);
	return command;
}

static void test_nothing(void **state)
{
	static const char *const lines[] = { "", "\n", " \t \r\n", "# use 1 2",
					     "  # credit\n" };
	struct command command = { .line = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(&command, lines[i]), 0);
}

static void test_verbs(void **state)
{
	static const struct {
		const char *text;
		enum verb verb;
	} lines[] = {
		{ "use 1 2", VERB_USE },
		{ "set type=2", VERB_SET },
		{ "connect 1 2", VERB_CONNECT },
		{ "accept 1", VERB_ACCEPT },
		{ "send 1", VERB_SEND },
		{ "receive 1", VERB_RECEIVE },
		{ "credit", VERB_CREDIT },
		{ "shutdown", VERB_SHUTDOWN },
		{ "rst # and a comment", VERB_RST },
		{ "close", VERB_CLOSE },
		{ "raw RW", VERB_RAW },
		{ "expect RST", VERB_EXPECT },
		{ "expect-nothing 10", VERB_EXPECT_NOTHING },
		{ "expect-refused", VERB_EXPECT_REFUSED },
		{ "host buffer 10", VERB_HOST_BUFFER },
		{ "host timeout 10", VERB_HOST_TIMEOUT },
		{ "host listen 2", VERB_HOST_LISTEN },
		{ "host accept", VERB_HOST_ACCEPT },
		{ "host connect 1 2", VERB_HOST_CONNECT },
		{ "host connected", VERB_HOST_CONNECTED },
		{ "host send 1", VERB_HOST_SEND },
		{ "host full", VERB_HOST_FULL },
		{ "host receive 1", VERB_HOST_RECEIVE },
		{ "host eof", VERB_HOST_EOF },
		{ "host error EPIPE", VERB_HOST_ERROR },
		{ "host shutdown", VERB_HOST_SHUTDOWN },
		{ "\thost \t close\r\n", VERB_HOST_CLOSE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parsed(lines[i].text).verb, lines[i].verb);
	assert_int_equal(sizeof(lines) / sizeof(lines[0]), VERB_HOST_CLOSE + 1);
}

static void test_arguments(void **state)
{
	struct command c = parsed("connect 1024 0x4d2 seqpacket");

	(void)state;
	assert_int_equal(c.guest_port, 1024);
	assert_int_equal(c.host_port, 1234);
	assert_int_equal(c.type, VSOCKHDR_TYPE_SEQPACKET);
	assert_int_equal(parsed("connect 1 2").type, VSOCKHDR_TYPE_STREAM);
	assert_int_equal(parsed("use 1 2 9").type, 9);
	assert_int_equal(parsed("use 4294967295 2").guest_port, UINT32_MAX);
	assert_int_equal(parsed("shutdown").number, 3);
	assert_int_equal(parsed("shutdown SEND").number, 2);
	assert_int_equal(parsed("host shutdown RECEIVE,SEND").number, 3);
	assert_int_equal(parsed("expect-nothing").number, 0);
	assert_int_equal(parsed("expect-nothing 60000").number, 60000);
	assert_int_equal(parsed("host error ETIMEDOUT").error, ETIMEDOUT);
	assert_int_equal(parsed("host error EPIPE within 5").within_ms, 5);
	assert_int_equal(parsed("receive 3").within_ms, DEFAULT_WITHIN_MS);
	assert_int_equal(parsed("receive 3 within 60000").within_ms, 60000);
}

static void test_fields(void **state)
{
	struct command c =
		parsed("raw 9 src_cid=0x100000003 type=seqpacket flags=EOM,EOR "
		       "payload=131072 header=0 counted=0 fwd_cnt=4294967295");

	(void)state;
	assert_int_equal(c.op, 9);
	assert_true(c.value[FIELD_src_cid] == UINT64_C(0x100000003));
	assert_int_equal(c.value[FIELD_type], 2);
	assert_int_equal(c.value[FIELD_flags], 3);
	assert_int_equal(c.value[FIELD_payload], 131072);
	assert_int_equal(c.value[FIELD_fwd_cnt], UINT32_MAX);
	assert_true(is_given(&c, FIELD_header));
	assert_true(is_given(&c, FIELD_counted));
	assert_false(is_given(&c, FIELD_dst_cid));
	c = parsed("expect SHUTDOWN flags=RECEIVE within 20");
	assert_int_equal(c.op, VSOCKHDR_OP_SHUTDOWN);
	assert_int_equal(c.value[FIELD_flags], 1);
	assert_int_equal(c.within_ms, 20);
	assert_int_equal(parsed("expect RST within 20").given, 0);
}

/* A field is named, read and written by one list: each has its own */
static void test_every_field(void **state)
{
	struct vsockhdr hdr = { 0 };

	(void)state;
	for (unsigned int i = 0; i < FIELD_payload; i++)
		field_set(&hdr, (enum field)i, i + 1);
	for (unsigned int i = 0; i < FIELD_payload; i++) {
		char text[64];
		struct command c;

		assert_int_equal(field_get(&hdr, (enum field)i), i + 1);
		snprintf(text, sizeof(text), "set %s=%u", field_name((enum field)i), i);
		c = parsed(text);
		assert_int_equal(c.given, 1U << i);
		assert_int_equal(c.value[i], i);
	}
	assert_int_equal(hdr.src_cid, 1);
	assert_int_equal(hdr.fwd_cnt, 10);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text;
		const char *why;
	} lines[] = {
		{ "conect 1 2", "there is no command 'conect'" },
		{ "host", "there is no command 'host '" },
		{ "host list 1", "there is no command 'host list 1'" },
		{ "connect 1", "'connect' lacks an argument" },
		{ "host error", "'host error' lacks an argument" },
		{ "set", "'set' lacks an argument" },
		{ "connect one 2", "'one' is no number from 0 to 4294967295" },
		{ "connect 4294967296 2",
		  "'4294967296' is no number from 0 to 4294967295" },
		{ "expect-nothing -1", "'-1' is no number from 0 to 60000" },
		{ "host timeout 60001", "'60001' is no number from 0 to 60000" },
		{ "connect 1 2 raw", "'raw' is no type" },
		{ "connect 1 2 65536", "'65536' is no number from 0 to 65535" },
		{ "connect 1 2 stream x", "unexpected 'x'" },
		{ "credit 1", "unexpected '1'" },
		{ "raw PUSH", "'PUSH' is no op" },
		{ "raw RW len", "'len' is not FIELD=VALUE" },
		{ "raw RW length=1", "there is no field 'length'" },
		{ "raw RW len=1 len=2", "'len' is given twice" },
		{ "raw RW len=", "'' is no number from 0 to 4294967295" },
		{ "raw RW len=4294967296",
		  "'4294967296' is no number from 0 to 4294967295" },
		{ "raw RW flags=FIN", "'FIN' is no flag" },
		{ "raw RW type=65536", "'65536' is no number from 0 to 65535" },
		{ "raw RW header=45", "'45' is no number from 0 to 44" },
		{ "raw RW payload=131073", "'131073' is no number from 0 to 131072" },
		{ "raw RW counted=2", "'2' is no number from 0 to 1" },
		{ "raw RW within 5", "unexpected 'within'" },
		{ "expect RST within", "within how many milliseconds?" },
		{ "expect RST within soon", "'soon' is no number from 0 to 60000" },
		{ "receive 1 soon", "unexpected 'soon'" },
		{ "shutdown BOTH", "'BOTH' is no flag" },
		{ "host error EAGAIN", "'EAGAIN' is no error that a socket has" },
	};
	struct command command = { .line = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(&command, lines[i].text), -1);
		assert_string_equal(why, lines[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),     cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_arguments),   cmocka_unit_test(test_fields),
		cmocka_unit_test(test_every_field), cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
