/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_MACHINES_H
#define VSOCKDUMP_MACHINES_H

/*
 * The virtual machines that run on this machine, as the command lines of their
 * monitors tell.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "naming.h"

/** Machines that are found at the most */
#define MACHINES_MAX 65536

/**
 * struct machine - A running virtual machine with a vsock device of the kernel's
 * @cid:	Its CID
 * @program:	What runs it: "qemu", "crosvm" or "lkvm"
 * @pid:	The process
 * @name:	Its name as its owner gave it, fit to be printed (naming_is_sound());
 *		empty: it was given none, or none that is fit
 * @proven:	The process was seen to have a vsock device open
 */
struct machine {
	uint64_t cid;
	const char *program;
	pid_t pid;
	char name[NAMING_MAX + 1];
	bool proven;
};

/**
 * machines_parse() - What a command line says
 * @machine:	Where CID, program and name go
 * @argv:	The command line; whatever it says, it is only read
 * @argc:	How many words it has
 *
 * Return: false where it is none of a virtual machine with a CID
 */
bool machines_parse(struct machine *machine, const char *const *argv, size_t argc);

/**
 * machines_scan() - Find the running virtual machines
 * @proc:	Where proc(5) is mounted
 * @found:	Called for each of them, in no order. Of two that claim the same CID it is
 *		called for both
 * @context:	Given to it
 */
void machines_scan(const char *proc,
		   void (*found)(void *context, const struct machine *machine),
		   void *context);

#endif
