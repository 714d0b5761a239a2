/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_ADDR_H
#define VSOCKHDR_ADDR_H

/*
 * Addresses as people write them (CID:PORT, as ss, socat and systemd do) and as
 * sockets take them (struct sockaddr_vm of linux/vm_sockets.h, man 7 vsock).
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <vsockhdr/error.h>

struct sockaddr_vm;

VSOCKHDR_BEGIN_DECLS

/**
 * struct vsockhdr_addr - One end of a connection
 * @cid:	Context identifier; 64 bits on the wire, of which 32 are in use
 * @port:	Port
 */
struct vsockhdr_addr {
	uint64_t cid;
	uint32_t port;
};

/** Bytes that any address takes as text, its final NUL among them */
#define VSOCKHDR_ADDR_STRLEN 32

/**
 * vsockhdr_addr_format() - Write an address as CID:PORT, both decimal
 * @buf:	Where the text goes; always ended by NUL unless @size is 0
 * @size:	Bytes at @buf; VSOCKHDR_ADDR_STRLEN is always enough
 * @addr:	The address
 *
 * Return: length of the whole text without its NUL, as snprintf() does: not below
 * @size where the text was cut
 */
VSOCKHDR_API size_t vsockhdr_addr_format(char *buf, size_t size,
					 const struct vsockhdr_addr *addr);

/**
 * vsockhdr_addr_parse() - Read an address written CID:PORT
 * @addr:	Where it goes; unchanged on error
 * @text:	The text. A CID is a number, decimal or hexadecimal with 0x, or one of
 *		hypervisor, local, host, any; a port is a number or "any"; "*" is
 *		"any", as ss prints it
 *
 * Return: VSOCKHDR_OK, VSOCKHDR_ERR_ADDR_SYNTAX (no colon, or nothing at a side of
 * it), VSOCKHDR_ERR_ADDR_CID or VSOCKHDR_ERR_ADDR_PORT
 */
VSOCKHDR_API int vsockhdr_addr_parse(struct vsockhdr_addr *addr, const char *text);

/**
 * vsockhdr_addr_to_sockaddr() - Make a socket address
 * @sa:		Where it goes; unchanged on error
 * @addr:	The address
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_ADDR_WIDE_CID where the CID has more than 32
 * bits
 */
VSOCKHDR_API int vsockhdr_addr_to_sockaddr(struct sockaddr_vm *sa,
					   const struct vsockhdr_addr *addr);

/**
 * vsockhdr_addr_from_sockaddr() - Read a socket address, as from getpeername()
 * @addr:	Where it goes; unchanged on error
 * @sa:		The socket address, at any alignment
 * @size:	Its size, as the system call told it
 *
 * Return: VSOCKHDR_OK, VSOCKHDR_ERR_SOCKADDR_SIZE or VSOCKHDR_ERR_SOCKADDR_FAMILY
 */
VSOCKHDR_API int vsockhdr_addr_from_sockaddr(struct vsockhdr_addr *addr,
					     const struct sockaddr *sa, socklen_t size);

VSOCKHDR_END_DECLS

#endif
