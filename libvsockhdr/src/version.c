/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The version at run time: a caller's headers may be of another one.
 */

#include <vsockhdr/api.h>

const char *vsockhdr_version(void)
{
	return VSOCKHDR_VERSION;
}
