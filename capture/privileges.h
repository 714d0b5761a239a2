/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PRIVILEGES_H
#define VSOCKDUMP_PRIVILEGES_H

/*
 * What vsockdump is allowed to do: as little as possible, and less and less.
 */

#include <stdbool.h>

/** enum privilege - What a part of the work needs; bits */
enum privilege {
	/** Capture: CAP_NET_RAW */
	PRIVILEGE_CAPTURE = 1 << 0,
	/** Make an interface, bring it up, remove it: CAP_NET_ADMIN */
	PRIVILEGE_INTERFACE = 1 << 1,
	/** Open files as root can, which a root without capabilities cannot:
	 * CAP_DAC_OVERRIDE */
	PRIVILEGE_FILES = 1 << 2,
	/** See whose sockets are whose: CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH */
	PRIVILEGE_PROCESSES = 1 << 3,
};

/**
 * privileges_limit() - Give up what the command line will not need
 * @needed:	What it will need: bits of enum privilege
 * @user:	Whom privileges_drop() will be asked to become, or NULL
 *
 * To be called first of all, also where nothing will be needed. CAP_SETUID and
 * CAP_SETGID stay if there is a user to become. What is not there to be kept is not
 * missed here: whoever needs it will say so. From now on no program that is run can have
 * more privileges than vsockdump has itself.
 *
 * Return: false, after a message, where there is no such user, where only root could
 * become them, where the program is set-user-ID, or where the kernel refuses
 */
bool privileges_limit(unsigned int needed, const char *user);

/**
 * privileges_drop() - Give up everything, for good
 * @user:	Whom to become (-Z), with all the groups they are in; NULL: stay who we
 *		are. Who is not root can only name themselves, which changes nothing
 * @kept:	Bits of enum privilege that are still needed, also as that user
 *
 * Sets no_new_privs. Also empties the bounding set where that is allowed. Looks up the
 * user, so it comes before sandbox_enter().
 *
 * Return: false, after a message, where there is no such user or the kernel refuses
 */
bool privileges_drop(const char *user, unsigned int kept);

#endif
