/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SOCKETS_DIAG_H
#define VSOCKDUMP_SOCKETS_DIAG_H

/*
 * What the kernel tells of its AF_VSOCK sockets: sock_diag(7).
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <vsockhdr/addr.h>

/** Sockets that are read at the most */
#define SOCKETS_MAX 65536

/** States that matter here; the kernel uses those of TCP (net/tcp_states.h) */
#define SOCKET_STATE_ESTABLISHED 1
#define SOCKET_STATE_LISTEN      10

/**
 * struct socket_info - A socket
 * @local:	Its own address; VSOCKHDR_CID_ANY where it was bound to no CID
 * @peer:	Its peer's; CID and port are "any" where it has none
 * @inode:	Its inode; 0 where no process has it open (yet, or any longer)
 * @type:	SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM
 * @state:	Its state
 * @shutdown:	What it has shut down: 1 receiving, 2 sending
 */
struct socket_info {
	struct vsockhdr_addr local;
	struct vsockhdr_addr peer;
	uint32_t inode;
	uint8_t type;
	uint8_t state;
	uint8_t shutdown;
};

/** enum sockets_offer - Whether the kernel can be asked */
enum sockets_offer {
	/** It can */
	SOCKETS_OFFERED,
	/** There are no sockets: it does not have AF_VSOCK, after a message */
	SOCKETS_NO_FAMILY,
	/** The module that tells is not loaded, after a message */
	SOCKETS_NO_MODULE,
};

/**
 * sockets_offer() - Find out whether the kernel can be asked
 *
 * Asking a kernel that cannot tell would make it load the module: that is for the user
 * to decide.
 */
enum sockets_offer sockets_offer(void);

/**
 * sockets_read() - Ask the kernel
 * @sockets:	Where they are added: elements are struct socket_info
 *
 * Return: 0, or an errno
 */
int sockets_read(GArray *sockets);

/** sockets_own_cid() - CID of this machine; VSOCKHDR_CID_ANY where it has none */
uint64_t sockets_own_cid(void);

#endif
