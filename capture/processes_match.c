/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: a socket that was bound to no CID of its own has "any" there,
 * also when it is connected, while its packets carry the CID of the transport. So "any"
 * stands for each CID of this machine, but never for another's: a server on the host at
 * *:22 is not the one that packets to 3:22 mean, which is in a virtual machine.
 */

#include "processes_match.h"

#include <vsockhdr/hdr.h>

/* Whether a CID is this machine's, as the end of a connection with that peer. A machine
 * with virtual machines is 2 for them; if it is one itself, 2 is also its own host, of
 * which only it is the peer. */
static bool is_own(uint64_t cid, uint64_t own_cid, uint64_t peer_cid)
{
	if (cid == VSOCKHDR_CID_LOCAL || cid == own_cid)
		return true;
	return cid == VSOCKHDR_CID_HOST && peer_cid != own_cid;
}

/* Where a socket stands: connected before listening, then by ports */
static int compare_place(const struct open_socket *socket, uint32_t listens,
			 uint32_t local_port, uint32_t peer_port)
{
	if (socket->listens != listens)
		return socket->listens < listens ? -1 : 1;
	if (socket->local_port != local_port)
		return socket->local_port < local_port ? -1 : 1;
	if (listens || socket->peer_port == peer_port)
		return 0;
	return socket->peer_port < peer_port ? -1 : 1;
}

static gint compare(gconstpointer a, gconstpointer b)
{
	const struct open_socket *right = b;

	return compare_place(a, right->listens, right->local_port, right->peer_port);
}

void processes_sort(GArray *sockets)
{
	g_array_sort(sockets, compare);
}

/* The first socket that stands there or behind it */
static guint first_at(const GArray *sockets, uint32_t listens, uint32_t local_port,
		      uint32_t peer_port)
{
	guint low = 0;
	guint high = sockets->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const struct open_socket *socket =
			&g_array_index(sockets, struct open_socket, middle);

		if (compare_place(socket, listens, local_port, peer_port) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of the sockets with these ports, the one with these CIDs: rather one that says its own
 * CID than one that has "any" */
static const struct open_socket *best(const GArray *sockets, uint32_t listens, bool own,
				      const struct vsockhdr_addr *local,
				      const struct vsockhdr_addr *peer)
{
	const struct open_socket *found = NULL;

	for (guint i = first_at(sockets, listens, local->port, peer->port);
	     i < sockets->len; i++) {
		const struct open_socket *socket =
			&g_array_index(sockets, struct open_socket, i);

		if (compare_place(socket, listens, local->port, peer->port) != 0)
			break;
		if (!listens && socket->peer_cid != peer->cid)
			continue;
		if (socket->local_cid == local->cid)
			return socket;
		if (own && socket->local_cid == VSOCKHDR_CID_ANY)
			found = socket;
	}
	return found;
}

const struct open_socket *processes_match(const GArray *sockets, uint64_t own_cid,
					  const struct vsockhdr_addr *local,
					  const struct vsockhdr_addr *peer)
{
	bool own = is_own(local->cid, own_cid, peer->cid);
	const struct open_socket *found = best(sockets, 0, own, local, peer);

	return found ? found : best(sockets, 1, own, local, peer);
}
