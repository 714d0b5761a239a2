/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Every constant and its name, both ways, and what is not a name.
 */

#include <ctype.h>
#include <string.h>

#include "helper.h"

#define MAX_NAME 32

struct pair {
	uint64_t number;
	const char *name;
};

/* A kind of constant: the functions under test behind one type, every constant that
 * has a name, and the largest number */
struct kind {
	const char *(*name)(uint64_t number);
	int (*parse)(const char *name, uint64_t *number);
	const struct pair *pairs;
	size_t count;
	uint64_t max;
};

#define KIND_CALLS(kind, type)                                      \
	static const char *kind##_name(uint64_t number)             \
	{                                                           \
		return vsockhdr_##kind##_name((type)number);        \
	}                                                           \
	static int kind##_parse(const char *name, uint64_t *number) \
	{                                                           \
		type value = (type)*number;                         \
		int err = vsockhdr_##kind##_parse(name, &value);    \
                                                                    \
		*number = value;                                    \
		return err;                                         \
	}
KIND_CALLS(op, uint16_t)
KIND_CALLS(type, uint16_t)
KIND_CALLS(mon_op, uint16_t)
KIND_CALLS(transport, uint16_t)
KIND_CALLS(event, uint32_t)
KIND_CALLS(cid, uint64_t)

#define KIND(kind, type_max)                                                           \
	{                                                                              \
		kind##_name, kind##_parse, kind##_pairs, COUNT(kind##_pairs), type_max \
	}

static const struct pair op_pairs[] = {
	{ 0, "INVALID" },       { 1, "REQUEST" },        { 2, "RESPONSE" },
	{ 3, "RST" },           { 4, "SHUTDOWN" },       { 5, "RW" },
	{ 6, "CREDIT_UPDATE" }, { 7, "CREDIT_REQUEST" },
};
static const struct pair type_pairs[] = { { 1, "stream" },
					  { 2, "seqpacket" },
					  { 3, "dgram" } };
static const struct pair mon_op_pairs[] = {
	{ 0, "unknown" }, { 1, "connect" }, { 2, "disconnect" },
	{ 3, "control" }, { 4, "payload" },
};
static const struct pair transport_pairs[] = { { 0, "unknown" },
					       { 1, "no_info" },
					       { 2, "virtio" } };
static const struct pair event_pairs[] = { { 0, "TRANSPORT_RESET" } };
static const struct pair cid_pairs[] = {
	{ 0, "hypervisor" }, { 1, "local" }, { 2, "host" }, { UINT32_MAX, "any" }
};

static const struct kind kinds[] = {
	KIND(op, UINT16_MAX),        KIND(type, UINT16_MAX),  KIND(mon_op, UINT16_MAX),
	KIND(transport, UINT16_MAX), KIND(event, UINT32_MAX), KIND(cid, UINT64_MAX),
};

/* The name in capitals, in small letters, and alternating */
static void recase(char *to, const char *name, int style)
{
	size_t i;

	assert_true(strlen(name) < MAX_NAME);
	for (i = 0; name[i] != '\0'; i++) {
		int upper = style == 0 || (style == 2 && i % 2 == 0);
		int letter = (unsigned char)name[i];

		to[i] = (char)(upper ? toupper(letter) : tolower(letter));
	}
	to[i] = '\0';
}

static void test_both_ways(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		for (size_t i = 0; i < kinds[k].count; i++) {
			const struct pair *pair = &kinds[k].pairs[i];
			char text[MAX_NAME];
			uint64_t number;

			assert_string_equal(kinds[k].name(pair->number), pair->name);
			for (int style = 0; style < 3; style++) {
				recase(text, pair->name, style);
				number = ~pair->number & kinds[k].max;
				assert_int_equal(kinds[k].parse(text, &number),
						 VSOCKHDR_OK);
				assert_int_equal(number, pair->number);
			}
		}
	}
}

static void test_numbers_without_a_name(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const uint64_t far[] = { 0x7fff,         0xffff,
					 0x7fffffff,     0xfffffffe,
					 UINT32_MAX,     UINT64_C(0x100000000),
					 UINT64_MAX - 1, UINT64_MAX };
		size_t named = 0;

		for (uint64_t number = 0; number < 300; number++)
			named += kinds[k].name(number) != NULL;
		for (size_t i = 0; i < COUNT(far); i++)
			if (far[i] <= kinds[k].max)
				named += kinds[k].name(far[i]) != NULL;
		assert_int_equal(named, kinds[k].count);
	}
	assert_null(vsockhdr_op_name(8));
	/* A hole in the numbers, before the first type */
	assert_null(vsockhdr_type_name(0));
	assert_null(vsockhdr_type_name(4));
	assert_null(vsockhdr_mon_op_name(5));
	assert_null(vsockhdr_transport_name(3));
	assert_null(vsockhdr_event_name(1));
	assert_null(vsockhdr_event_name(0x10000));
	assert_null(vsockhdr_cid_name(3));
	assert_null(vsockhdr_cid_name(UINT64_C(0x100000001)));
}

static void test_not_a_name(void **state)
{
	static const char *const texts[] = {
		"",          " ",      "RS",      "RSTT",    "RST ", " RST",
		"0",         "1",      "streams", "strea",   "seq",  "hos",
		"hosts",     "CREDIT", "vmci",    "no info", "*",    "CREDIT-UPDATE",
		"TRANSPORT", "EOM",
	};

	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		for (size_t i = 0; i < COUNT(texts); i++) {
			uint64_t number = 42;

			assert_int_equal(kinds[k].parse(texts[i], &number),
					 VSOCKHDR_ERR_NAME);
			assert_int_equal(number, 42);
		}
	}
}

static void test_op_to_mon_op(void **state)
{
	/* virtio_transport_build_skb() of virtio_transport_common.c */
	static const uint16_t expected[] = {
		[VSOCKHDR_OP_INVALID] = VSOCKHDR_MON_OP_UNKNOWN,
		[VSOCKHDR_OP_REQUEST] = VSOCKHDR_MON_OP_CONNECT,
		[VSOCKHDR_OP_RESPONSE] = VSOCKHDR_MON_OP_CONNECT,
		[VSOCKHDR_OP_RST] = VSOCKHDR_MON_OP_DISCONNECT,
		[VSOCKHDR_OP_SHUTDOWN] = VSOCKHDR_MON_OP_DISCONNECT,
		[VSOCKHDR_OP_RW] = VSOCKHDR_MON_OP_PAYLOAD,
		[VSOCKHDR_OP_CREDIT_UPDATE] = VSOCKHDR_MON_OP_CONTROL,
		[VSOCKHDR_OP_CREDIT_REQUEST] = VSOCKHDR_MON_OP_CONTROL,
	};

	(void)state;
	for (size_t op = 0; op < COUNT(expected); op++)
		assert_int_equal(vsockhdr_op_mon_op((uint16_t)op), expected[op]);
	assert_int_equal(vsockhdr_op_mon_op(8), VSOCKHDR_MON_OP_UNKNOWN);
	assert_int_equal(vsockhdr_op_mon_op(UINT16_MAX), VSOCKHDR_MON_OP_UNKNOWN);
}

/* What the specification calls a flag of this type, op and bit (5.10.6.5, 5.10.6.6) */
static const char *expected_flag(uint16_t type, uint16_t op, uint32_t flag)
{
	if (op == 4 && flag == 1)
		return "RECEIVE";
	if (op == 4 && flag == 2)
		return "SEND";
	if (type == 2 && op == 5 && flag == 1)
		return "EOM";
	if (type == 2 && op == 5 && flag == 2)
		return "EOR";
	return NULL;
}

static void test_flag_names(void **state)
{
	(void)state;
	for (uint16_t type = 0; type < 6; type++) {
		for (uint16_t op = 0; op < 10; op++) {
			assert_null(vsockhdr_flag_name(type, op, 0));
			assert_null(vsockhdr_flag_name(type, op, 3));
			for (unsigned int bit = 0; bit < 32; bit++) {
				uint32_t flag = UINT32_C(1) << bit;
				const char *expected = expected_flag(type, op, flag);
				const char *name = vsockhdr_flag_name(type, op, flag);

				if (expected)
					assert_string_equal(name, expected);
				else
					assert_null(name);
			}
		}
	}
}

static void test_flag_parse(void **state)
{
	static const struct {
		const char *name;
		uint16_t op;
		uint32_t flag;
	} rows[] = {
		{ "RECEIVE", 4, 1 }, { "receive", 4, 1 }, { "SEND", 4, 2 },
		{ "Send", 4, 2 },    { "EOM", 5, 1 },     { "eOm", 5, 1 },
		{ "EOR", 5, 2 },     { "eor", 5, 2 },
	};
	static const char *const bad[] = { "", "EO", "EOMM", "RECV", "1", "SEND " };
	uint16_t op;
	uint32_t flag;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		op = 0;
		flag = 0;
		assert_int_equal(vsockhdr_flag_parse(rows[i].name, &op, &flag),
				 VSOCKHDR_OK);
		assert_int_equal(op, rows[i].op);
		assert_int_equal(flag, rows[i].flag);
	}
	op = 42;
	flag = 43;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(vsockhdr_flag_parse(bad[i], &op, &flag),
				 VSOCKHDR_ERR_NAME);
	assert_int_equal(op, 42);
	assert_int_equal(flag, 43);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_numbers_without_a_name),
		cmocka_unit_test(test_not_a_name),
		cmocka_unit_test(test_op_to_mon_op),
		cmocka_unit_test(test_flag_names),
		cmocka_unit_test(test_flag_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
