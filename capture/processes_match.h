/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PROCESSES_MATCH_H
#define VSOCKDUMP_PROCESSES_MATCH_H

/*
 * Which socket of this machine a pair of addresses means.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <vsockhdr/addr.h>

#include "processes.h"

/**
 * struct open_socket - A socket that some process has open
 * @local_cid:	Its own CID, or "any"
 * @local_port:	Its own port
 * @peer_cid:	Its peer's CID, or "any"
 * @peer_port:	Its peer's port, or "any"
 * @listens:	It is a listening socket; 0 or 1
 * @who:	Who has it open
 */
struct open_socket {
	uint32_t local_cid;
	uint32_t local_port;
	uint32_t peer_cid;
	uint32_t peer_port;
	uint32_t listens;
	char who[PROCESSES_LEN];
};

/** processes_sort() - Order an array of struct open_socket for processes_match() */
void processes_sort(GArray *sockets);

/**
 * processes_match() - The socket of a pair of addresses
 * @sockets:	In the order of processes_sort()
 * @own_cid:	CID of this machine, or "any" where it has none
 * @local:	The socket's address
 * @peer:	Its peer's
 *
 * Return: the connected socket or, where there is none, the one that listens there; NULL
 * where there is none of this machine
 */
const struct open_socket *processes_match(const GArray *sockets, uint64_t own_cid,
					  const struct vsockhdr_addr *local,
					  const struct vsockhdr_addr *peer);

#endif
