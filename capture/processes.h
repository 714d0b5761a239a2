/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PROCESSES_H
#define VSOCKDUMP_PROCESSES_H

/*
 * Which processes packets belong to (-e).
 */

#include <stdbool.h>
#include <vsockhdr/addr.h>

/** Longest answer of processes_find() with its NUL: "NAME/PID+OTHERS" */
#define PROCESSES_LEN 40

struct processes;

/**
 * processes_start() - Begin to look for processes
 *
 * A child process that keeps CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, where there are
 * these, looks, so that packets are never parsed with them. Without them only the user's
 * own processes can be found, and a message says so.
 *
 * Return: for processes_end(); NULL, after a message, where that cannot be
 */
struct processes *processes_start(void);

/** processes_end() - Stop looking; NULL is allowed */
void processes_end(struct processes *processes);

/**
 * processes_find() - Who has a socket open
 * @processes:	From processes_start(); NULL: nobody is known
 * @local:	The socket's own address; it need not be one of this machine
 * @peer:	Its peer's
 *
 * Answers from memory where it can. A pair that was never seen makes it have the
 * kernel's sockets looked at, and wait for that up to 200 ms; not more often than every
 * 50 ms, and not for more than a fifth of the time, so that many unknown ones do not
 * slow the capture down. What is known is looked at again after 50 ms, and then after
 * times that grow up to 10 s, without waiting: a connection may be handed from one
 * process to another. Who had a socket that is gone is remembered.
 *
 * It makes no system calls but send(), recv() and ppoll() of what is already open, and
 * those of malloc(), clock_gettime() and message().
 *
 * Return: such as "sshd/1234", or "sshd/1234+2" where two more have it open, too; valid
 * until the next call; NULL where there is none, or it is not known
 */
const char *processes_find(struct processes *processes, const struct vsockhdr_addr *local,
			   const struct vsockhdr_addr *peer);

/**
 * processes_forget() - A new connection begins between these two addresses
 * @processes:	From processes_start(), or NULL
 * @one:	An address
 * @other:	The other
 *
 * To be called for each REQUEST, before processes_find(): who had these addresses before
 * has nothing to do with it.
 */
void processes_forget(struct processes *processes, const struct vsockhdr_addr *one,
		      const struct vsockhdr_addr *other);

#endif
