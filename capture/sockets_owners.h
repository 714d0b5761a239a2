/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SOCKETS_OWNERS_H
#define VSOCKDUMP_SOCKETS_OWNERS_H

/*
 * The processes that have sockets open, as far as /proc shows them.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** Longest name of a process with its NUL: the kernel's TASK_COMM_LEN */
#define OWNER_NAME_LEN 16

/** Processes of a socket that are remembered at the most */
#define OWNERS_MAX 1024

/**
 * struct owner - A process
 * @pid:	Its process ID
 * @name:	Its name, in which blanks are '_', and what cannot be printed is '?'
 */
struct owner {
	pid_t pid;
	char name[OWNER_NAME_LEN];
};

struct owners;

/**
 * owners_find() - Look for the processes
 * @proc:	Where proc(5) is mounted
 * @sockets:	The sockets that are asked for: elements are struct socket_info
 *
 * Return: for owners_free()
 */
struct owners *owners_find(const char *proc, const GArray *sockets);

/** owners_free() - Forget them */
void owners_free(struct owners *owners);

/**
 * owners_get() - The processes that have a socket open
 * @owners:	From owners_find()
 * @inode:	The socket
 *
 * Return: elements are struct owner, by process ID; NULL: none was seen
 */
const GArray *owners_get(const struct owners *owners, uint32_t inode);

/** owners_hidden() - Whether there were processes that may not be looked at */
bool owners_hidden(const struct owners *owners);

#endif
