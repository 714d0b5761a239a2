/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses as text and as socket addresses: what is taken, what is refused and why.
 */

#include <linux/vm_sockets.h>
#include <string.h>

#include "helper.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		uint64_t cid;
		uint32_t port;
	} rows[] = {
		{ "3:4", 3, 4 },
		{ "0:0", 0, 0 },
		{ "003:0004", 3, 4 },
		{ "08:09", 8, 9 },
		{ "1:4294967295", 1, UINT32_MAX },
		{ "4294967295:1", UINT32_MAX, 1 },
		{ "4294967296:1", UINT64_C(4294967296), 1 },
		{ "18446744073709551615:4294967295", UINT64_MAX, UINT32_MAX },
		{ "0x10:0x20", 16, 32 },
		{ "0X1f:0Xff", 31, 255 },
		{ "0xabcDEF:0xFFFFFFFF", 0xabcdef, UINT32_MAX },
		{ "0xffffffffffffffff:1", UINT64_MAX, 1 },
		{ "host:22", 2, 22 },
		{ "HOST:22", 2, 22 },
		{ "local:1", 1, 1 },
		{ "hypervisor:5", 0, 5 },
		{ "any:any", UINT32_MAX, UINT32_MAX },
		{ "Any:ANY", UINT32_MAX, UINT32_MAX },
		{ "*:*", UINT32_MAX, UINT32_MAX },
		{ "*:1234", UINT32_MAX, 1234 },
		{ "3:*", 3, UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vsockhdr_addr addr = { 77, 78 };

		assert_int_equal(vsockhdr_addr_parse(&addr, rows[i].text), VSOCKHDR_OK);
		assert_int_equal(addr.cid, rows[i].cid);
		assert_int_equal(addr.port, rows[i].port);
	}
}

#define DIGITS_100                                           \
	"11111111111111111111111111111111111111111111111111" \
	"11111111111111111111111111111111111111111111111111"

static void test_parse_errors(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", VSOCKHDR_ERR_ADDR_SYNTAX },
		{ ":", VSOCKHDR_ERR_ADDR_SYNTAX },
		{ "::", VSOCKHDR_ERR_ADDR_SYNTAX },
		{ "3", VSOCKHDR_ERR_ADDR_SYNTAX },
		{ "3:", VSOCKHDR_ERR_ADDR_SYNTAX },
		{ ":4", VSOCKHDR_ERR_ADDR_SYNTAX },
		{ "host", VSOCKHDR_ERR_ADDR_SYNTAX },
		{ DIGITS_100, VSOCKHDR_ERR_ADDR_SYNTAX },
		{ "-1:2", VSOCKHDR_ERR_ADDR_CID },
		{ "+3:4", VSOCKHDR_ERR_ADDR_CID },
		{ " 3:4", VSOCKHDR_ERR_ADDR_CID },
		{ "3 :4", VSOCKHDR_ERR_ADDR_CID },
		{ " :4", VSOCKHDR_ERR_ADDR_CID },
		{ "3x:4", VSOCKHDR_ERR_ADDR_CID },
		{ "a:4", VSOCKHDR_ERR_ADDR_CID },
		{ "1f:4", VSOCKHDR_ERR_ADDR_CID },
		{ "0x:1", VSOCKHDR_ERR_ADDR_CID },
		{ "0xG:1", VSOCKHDR_ERR_ADDR_CID },
		{ "0x 1:1", VSOCKHDR_ERR_ADDR_CID },
		{ "0x-1:1", VSOCKHDR_ERR_ADDR_CID },
		{ "0x0x1:1", VSOCKHDR_ERR_ADDR_CID },
		{ "x1:1", VSOCKHDR_ERR_ADDR_CID },
		{ "1.5:1", VSOCKHDR_ERR_ADDR_CID },
		{ "\xb2:1", VSOCKHDR_ERR_ADDR_CID },
		{ "**:1", VSOCKHDR_ERR_ADDR_CID },
		{ "guest:1", VSOCKHDR_ERR_ADDR_CID },
		{ "host :1", VSOCKHDR_ERR_ADDR_CID },
		{ "18446744073709551616:1", VSOCKHDR_ERR_ADDR_CID },
		{ "99999999999999999999999:1", VSOCKHDR_ERR_ADDR_CID },
		{ "0x10000000000000000:1", VSOCKHDR_ERR_ADDR_CID },
		{ "000000000000000000000003:1", VSOCKHDR_ERR_ADDR_CID },
		{ DIGITS_100 ":1", VSOCKHDR_ERR_ADDR_CID },
		/* Where both are wrong, the first is named. */
		{ "x:y", VSOCKHDR_ERR_ADDR_CID },
		{ "3:4:5", VSOCKHDR_ERR_ADDR_PORT },
		{ "3::4", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:-1", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:+4", VSOCKHDR_ERR_ADDR_PORT },
		{ "3: 4", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:4 ", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:4\n", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:0x", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:0xg", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:0x0X1", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:f", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:host", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:**", VSOCKHDR_ERR_ADDR_PORT },
		{ "3:ssh", VSOCKHDR_ERR_ADDR_PORT },
		{ "1:4294967296", VSOCKHDR_ERR_ADDR_PORT },
		{ "1:0x100000000", VSOCKHDR_ERR_ADDR_PORT },
		{ "1:18446744073709551616", VSOCKHDR_ERR_ADDR_PORT },
		{ "1:" DIGITS_100, VSOCKHDR_ERR_ADDR_PORT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct vsockhdr_addr addr = { 77, 78 };
		size_t size = strlen(rows[i].text) + 1;
		char *text = (char *)guarded(0, size);

		memcpy(text, rows[i].text, size);
		assert_int_equal(vsockhdr_addr_parse(&addr, text), rows[i].err);
		assert_int_equal(addr.cid, 77);
		assert_int_equal(addr.port, 78);
	}
}

static void test_format(void **state)
{
	static const struct {
		struct vsockhdr_addr addr;
		const char *text;
	} rows[] = {
		{ { 0, 0 }, "0:0" },
		{ { 3, 1024 }, "3:1024" },
		/* Names are for reading in, numbers for printing. */
		{ { 2, 22 }, "2:22" },
		{ { UINT32_MAX, UINT32_MAX }, "4294967295:4294967295" },
		{ { UINT64_MAX, UINT32_MAX }, "18446744073709551615:4294967295" },
	};

	(void)state;
	assert_int_equal(VSOCKHDR_ADDR_STRLEN, 32);
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length = strlen(rows[i].text);

		for (size_t size = 0; size <= VSOCKHDR_ADDR_STRLEN; size++) {
			char *buf = (char *)guarded(0, size);

			memset(buf, 'x', size);
			assert_int_equal(vsockhdr_addr_format(buf, size, &rows[i].addr),
					 length);
			if (size > length) {
				assert_string_equal(buf, rows[i].text);
			} else if (size > 0) {
				assert_memory_equal(buf, rows[i].text, size - 1);
				assert_int_equal(buf[size - 1], '\0');
			}
		}
		assert_int_equal(vsockhdr_addr_format(NULL, 0, &rows[i].addr), length);
	}
}

static void test_format_then_parse(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		const struct vsockhdr_addr addr = { next_edge(&seed),
						    (uint32_t)next_edge(&seed) };
		struct vsockhdr_addr again = { 0, 0 };
		char text[VSOCKHDR_ADDR_STRLEN];

		assert_true(vsockhdr_addr_format(text, sizeof(text), &addr) <
			    sizeof(text));
		assert_int_equal(vsockhdr_addr_parse(&again, text), VSOCKHDR_OK);
		assert_int_equal(again.cid, addr.cid);
		assert_int_equal(again.port, addr.port);
	}
}

static void test_sockaddr(void **state)
{
	static const struct vsockhdr_addr addrs[] = { { 3, 1024 },
						      { 0, 0 },
						      { UINT32_MAX, UINT32_MAX } };

	(void)state;
	for (size_t i = 0; i < COUNT(addrs); i++) {
		struct vsockhdr_addr again = { 77, 78 };
		struct sockaddr_vm expected = { .svm_family = 40 };
		struct sockaddr_vm sa;

		expected.svm_port = addrs[i].port;
		expected.svm_cid = (unsigned int)addrs[i].cid;
		memset(&sa, 0xff, sizeof(sa));
		assert_int_equal(vsockhdr_addr_to_sockaddr(&sa, &addrs[i]), VSOCKHDR_OK);
		assert_memory_equal(&sa, &expected, sizeof(sa));
		assert_int_equal(vsockhdr_addr_from_sockaddr(&again,
							     (const struct sockaddr *)&sa,
							     sizeof(sa)),
				 VSOCKHDR_OK);
		assert_int_equal(again.cid, addrs[i].cid);
		assert_int_equal(again.port, addrs[i].port);
	}
}

static void test_to_sockaddr_wide_cid(void **state)
{
	static const uint64_t wide[] = { UINT64_C(0x100000000), UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(wide); i++) {
		const struct vsockhdr_addr addr = { wide[i], 1 };
		struct sockaddr_vm sa;
		struct sockaddr_vm before;

		memset(&sa, 0xa5, sizeof(sa));
		before = sa;
		assert_int_equal(vsockhdr_addr_to_sockaddr(&sa, &addr),
				 VSOCKHDR_ERR_ADDR_WIDE_CID);
		assert_memory_equal(&sa, &before, sizeof(sa));
	}
}

/* At every alignment, no byte beyond the structure read, shorter ones refused */
static void test_from_sockaddr(void **state)
{
	struct sockaddr_vm vm = { .svm_family = 40, .svm_port = 1234, .svm_cid = 3 };
	const struct sockaddr_vm inet = { .svm_family = 2, .svm_port = 5, .svm_cid = 6 };
	socklen_t whole = sizeof(vm);

	(void)state;
	for (size_t size = 0; size <= whole + 8; size++) {
		struct vsockhdr_addr addr = { 77, 78 };
		uint8_t *memory = guarded(0, size);
		int err = size < whole ? VSOCKHDR_ERR_SOCKADDR_SIZE : VSOCKHDR_OK;

		memset(memory, 0, size);
		memcpy(memory, &vm, size < whole ? size : whole);
		assert_int_equal(vsockhdr_addr_from_sockaddr(
					 &addr, (const struct sockaddr *)(void *)memory,
					 (socklen_t)size),
				 err);
		assert_int_equal(addr.cid, err ? 77 : 3);
		assert_int_equal(addr.port, err ? 78 : 1234);

		addr = (struct vsockhdr_addr) { 77, 78 };
		memcpy(memory, &inet, size < whole ? size : whole);
		assert_int_equal(vsockhdr_addr_from_sockaddr(
					 &addr, (const struct sockaddr *)(void *)memory,
					 (socklen_t)size),
				 err ? err : VSOCKHDR_ERR_SOCKADDR_FAMILY);
		assert_int_equal(addr.cid, 77);
		assert_int_equal(addr.port, 78);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_errors),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_format_then_parse),
		cmocka_unit_test(test_sockaddr),
		cmocka_unit_test(test_to_sockaddr_wide_cid),
		cmocka_unit_test(test_from_sockaddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
