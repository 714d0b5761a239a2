/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SANDBOX_H
#define VSOCKDUMP_SANDBOX_H

/*
 * The system calls that remain while packets of unknown origin are read: a seccomp
 * filter. What is forbidden fails with EPERM.
 */

#include <stdbool.h>

/** enum sandbox_allow - What is allowed beyond the packet loop; bits */
enum sandbox_allow {
	/** Create files, or overwrite them, and rename nothing: rotation (-C, -G).
	 * fopen() with "w" and what may follow it but "+", open() with
	 * O_WRONLY | O_CREAT | O_TRUNC; not pcap_dump_open_append() */
	SANDBOX_CREATE_FILES = 1 << 0,
};

/**
 * sandbox_enter() - Forbid what the packet loop does not need, for good
 * @allow:	Bits of enum sandbox_allow
 *
 * Everything to be read must be open, and children started. With them we may talk by
 * read(), write(), send() and recv(), and wait for them. Sets the time zone (tzset()):
 * later only localtime_r() knows it, because localtime() would look at its file again.
 *
 * Does nothing where VSOCKHDR_NO_SANDBOX is defined: sanitizers and gcov need more
 * system calls than vsockdump. The same is true of 32-bit processors, where system calls
 * have other names.
 *
 * Return: false, after a message, where the kernel refuses. A kernel without seccomp is
 * no failure: there is a message, and no sandbox
 */
bool sandbox_enter(unsigned int allow);

/** sandbox_is_built() - Whether sandbox_enter() does anything in this build */
bool sandbox_is_built(void);

#endif
