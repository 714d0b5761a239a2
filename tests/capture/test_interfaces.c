/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What -i says is taken as it is, or refused with words. Everything else takes vsockmon
 * devices: tests/vm/scenarios/interface.sh and temporary.sh.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "interfaces.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_names(void **state)
{
	static const char *const names[] = {
		"vsockmon0", "0", "123456789", "1a", "ANY", "fifteen-letters", "",
	};
	struct vsockmon vsockmon;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		memset(&vsockmon, 0xa5, sizeof(vsockmon));
		assert_true(interfaces_choose(names[i], &vsockmon));
		assert_string_equal(vsockmon.name, names[i]);
		assert_int_equal(vsockmon.keeper.pid, 0);
		assert_true(vsockmon_remove(&vsockmon));
	}
}

static void test_refused(void **state)
{
	static const char *const refused[] = {
		"any",
		"sixteen-letters-",
		"9999",
	};
	struct vsockmon vsockmon;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		memset(&vsockmon, 0xa5, sizeof(vsockmon));
		assert_false(interfaces_choose(refused[i], &vsockmon));
		assert_int_equal(vsockmon.keeper.pid, 0);
		assert_true(vsockmon_remove(&vsockmon));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
