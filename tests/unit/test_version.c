/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The version that the library tells is the one that the build gave it.
 */

#include "helper.h"

static void test_version(void **state)
{
	(void)state;
	assert_string_equal(vsockhdr_version(), EXPECTED_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
