/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * vsockdump's words for connections and findings ask for names of CIDs and ports. Here
 * they get none, so that the plugin reads no files of vsockdump's and no /proc.
 */

#include <naming.h>

const char *naming_cid(const struct naming *names, uint64_t cid)
{
	(void)names;
	(void)cid;
	return NULL;
}

const char *naming_port(const struct naming *names, uint32_t port)
{
	(void)names;
	(void)port;
	return NULL;
}
