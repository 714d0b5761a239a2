/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SOCKETS_H
#define VSOCKDUMP_SOCKETS_H

/*
 * The AF_VSOCK sockets of this machine, as a list. Who has a packet's socket open:
 * processes.h.
 */

#include <stdbool.h>

#include "naming.h"

/**
 * sockets_print() - Print them on standard output (--list-sockets)
 * @json:	A JSON object each
 * @names:	Names of CIDs and ports, or NULL
 *
 * Those of this network namespace, sorted; with the processes that have them open, as
 * far as they may be seen. Where some are hidden, a message says so.
 *
 * Return: false, after a message, where the kernel does not tell, or standard output
 * cannot be written
 */
bool sockets_print(bool json, const struct naming *names);

#endif
