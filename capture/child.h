/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_CHILD_H
#define VSOCKDUMP_CHILD_H

/*
 * Child processes that do for vsockdump what it can no longer do itself once it has
 * given up its privileges: remove an interface, run a program, look at processes.
 * Each is forked before that, does this one thing, and ends when vsockdump ends,
 * however that came about.
 */

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct child - A child process
 * @pid:	Its process; 0: there is none
 * @fd:		Our end of a socket pair (SOCK_SEQPACKET) with it
 */
struct child {
	pid_t pid;
	int fd;
};

/**
 * child_start() - Fork a child
 * @child:	Set to it
 * @name:	Its name, as ps shows it; at most 15 characters
 * @run:	What it does, given its end of the socket pair; when it returns, the child
 *		exits with what it returned. Reading there gives 0 when vsockdump has
 *		ended: then it must return soon
 * @context:	Given to @run
 *
 * In the child, all other file descriptors but the standard ones are closed, and the
 * signals that end vsockdump are ignored: its work may just begin then. It has a session
 * of its own, so that what is sent to vsockdump's process group does not reach it, not
 * even SIGKILL.
 *
 * Return: false, after a message, where it cannot be had
 */
bool child_start(struct child *child, const char *name, int (*run)(int fd, void *context),
		 void *context);

/**
 * child_end() - Let a child end, and wait for that
 * @child:	The child, or none
 *
 * Return: its exit status; 0 where there was none; -1 where it was killed
 */
int child_end(struct child *child);

#endif
