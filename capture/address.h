/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_ADDRESS_H
#define VSOCKDUMP_ADDRESS_H

/*
 * Addresses in lines of text.
 */

#include <vsockhdr/vsockhdr.h>

#include "naming.h"
#include "output.h"

/** Characters that any address takes at the most */
#define ADDRESS_MAX (2 * NAMING_MAX + 1)

/**
 * put_address() - Put an address
 * @p:		Room for ADDRESS_MAX characters
 * @addr:	The address
 * @names:	Names of CIDs and ports; NULL: numbers (-n)
 *
 * Return: the place behind it
 */
static inline char *put_address(char *p, const struct vsockhdr_addr *addr,
				const struct naming *names)
{
	const char *cid = naming_cid(names, addr->cid);
	const char *port = naming_port(names, addr->port);

	p = cid ? put_string(p, cid) : put_u64(p, addr->cid);
	*p++ = ':';
	return port ? put_string(p, port) : put_u64(p, addr->port);
}

#endif
