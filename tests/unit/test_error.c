/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Error codes: numbers, names and texts. Numbers and names are written out, because
 * programs rely on them.
 */

#include <limits.h>
#include <string.h>

#include "helper.h"

static const struct {
	int code;
	int number;
	const char *name;
} errors[] = {
	{ VSOCKHDR_OK, 0, "ok" },
	{ VSOCKHDR_ERR_HDR_TRUNCATED, -1, "hdr_truncated" },
	{ VSOCKHDR_ERR_HDR_SNAPPED, -2, "hdr_snapped" },
	{ VSOCKHDR_ERR_HDR_SIZE, -3, "hdr_size" },
	{ VSOCKHDR_ERR_MON_TRUNCATED, -4, "mon_truncated" },
	{ VSOCKHDR_ERR_MON_SNAPPED, -5, "mon_snapped" },
	{ VSOCKHDR_ERR_TRANSPORT_LEN, -6, "transport_len" },
	{ VSOCKHDR_ERR_CAPLEN, -7, "caplen" },
	{ VSOCKHDR_ERR_EVENT_TRUNCATED, -8, "event_truncated" },
	{ VSOCKHDR_ERR_NO_SPACE, -9, "no_space" },
	{ VSOCKHDR_ERR_CHAIN_WRITABLE, -10, "chain_writable" },
	{ VSOCKHDR_ERR_CHAIN_READABLE, -11, "chain_readable" },
	{ VSOCKHDR_ERR_CHAIN_TRUNCATED, -12, "chain_truncated" },
	{ VSOCKHDR_ERR_PAYLOAD_OVERSIZE, -13, "payload_oversize" },
	{ VSOCKHDR_ERR_PAYLOAD_TRUNCATED, -14, "payload_truncated" },
	{ VSOCKHDR_ERR_ADDR_SYNTAX, -15, "addr_syntax" },
	{ VSOCKHDR_ERR_ADDR_CID, -16, "addr_cid" },
	{ VSOCKHDR_ERR_ADDR_PORT, -17, "addr_port" },
	{ VSOCKHDR_ERR_ADDR_WIDE_CID, -18, "addr_wide_cid" },
	{ VSOCKHDR_ERR_SOCKADDR_SIZE, -19, "sockaddr_size" },
	{ VSOCKHDR_ERR_SOCKADDR_FAMILY, -20, "sockaddr_family" },
	{ VSOCKHDR_ERR_NAME, -21, "name" },
};

static void test_numbers_and_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		assert_int_equal(errors[i].code, errors[i].number);
		assert_string_equal(vsockhdr_errname(errors[i].code), errors[i].name);
	}
}

static void test_texts(void **state)
{
	(void)state;
	assert_string_equal(vsockhdr_strerror(VSOCKHDR_OK), "success");
	assert_string_equal(vsockhdr_strerror(VSOCKHDR_ERR_ADDR_SYNTAX),
			    "an address is written CID:PORT");
	for (size_t i = 0; i < COUNT(errors); i++) {
		const char *text = vsockhdr_strerror(errors[i].code);
		size_t length = strlen(text);

		assert_int_not_equal(length, 0);
		assert_int_not_equal(text[length - 1], '.');
		assert_string_not_equal(text, vsockhdr_strerror(1));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(text, vsockhdr_strerror(errors[k].code));
	}
}

static void test_not_an_error(void **state)
{
	static const int numbers[] = { 1,   2,     INT_MAX,     -22,
				       -23, -1000, INT_MIN + 1, INT_MIN };

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		assert_string_equal(vsockhdr_errname(numbers[i]), "unknown");
		assert_string_equal(vsockhdr_strerror(numbers[i]),
				    "not an error of libvsockhdr");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_and_names),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_not_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
