/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_TEST_MACHINE_H
#define VSOCKHDR_TEST_MACHINE_H

/*
 * A machine that is made up, for a test of what the library says of machines.
 *
 * Theory of operation: the linker sends the system calls of the program to the __wrap_
 * functions of machine.c. While machine is set they answer from it; otherwise they pass
 * everything on. Whatever is opened is counted, and must be closed.
 */

#include <stdbool.h>
#include <stddef.h>

struct device {
	const char *name;
	unsigned short type;
};

/* A file: its text, or why it cannot be opened, or that it cannot be read */
struct file {
	const char *text;
	int open_errno;
	int read_errno;
};

struct machine {
	struct file protocols;
	struct file builtin;
	struct file dep;
	/* /dev/vsock */
	int open_errno;
	int cid_errno;
	unsigned int cid;
	/* Sockets */
	int socket_errno;
	int bind_errno;
	bool has_loopback;
	bool has_host_side;
	/* Network devices */
	int nameindex_errno;
	struct device devices[4];
	size_t device_count;
	/* The kernel */
	bool module_loaded;
	int uname_errno;
};

/* The machine that the library finds itself on; NULL for the real one */
extern const struct machine *machine;
/* What the library has open */
extern int open_fds;
/* The family of the last address that it bound a socket to */
extern int bound_family;

#endif
