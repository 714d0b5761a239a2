/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_ADDRESS_H
#define VSOCKDUMP_ADDRESS_H

/*
 * Addresses in lines of text.
 */

#include <stdbool.h>
#include <vsockhdr/vsockhdr.h>

#include "output.h"

/**
 * put_address() - Put an address
 * @p:		Room for VSOCKHDR_ADDR_STRLEN characters
 * @addr:	The address
 * @numeric:	The CID as a number, also where it has a name (-n)
 *
 * Return: the place behind it
 */
static inline char *put_address(char *p, const struct vsockhdr_addr *addr, bool numeric)
{
	const char *name = numeric ? NULL : vsockhdr_cid_name(addr->cid);

	p = name ? put_string(p, name) : put_u64(p, addr->cid);
	*p++ = ':';
	return put_u64(p, addr->port);
}

#endif
