/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Giving up privileges.
 *
 * Theory of operation: the kernel asks for capabilities, not for root, so capabilities
 * are what is given up, whoever has them: root, root in a container that has few, or
 * anybody whom the program's file capabilities give some. The sets that matter:
 *
 * - permitted and effective: what may be done now. A capability that is gone from
 *   permitted does not come back;
 * - inheritable and ambient: what programs that are run would be given. Always emptied
 *   (ambient follows, being a part of inheritable);
 * - bounding: what they could get from being root or from their files. Emptied where
 *   CAP_SETPCAP allows it; no_new_privs has the same effect where it does not, and keeps
 *   set-user-ID programs from working, too. So a uid 0 without capabilities cannot get
 *   them back by running something, and the secure bits have nothing to add.
 *
 * Root without capabilities still owns the system's files, and may write those that
 * their mode bits let their owner write. Only another user (-Z) and the sandbox
 * (sandbox.h) change that.
 *
 * Nothing is done about being "dumpable": the kernel itself forbids other processes of
 * the same user to look into one that got privileges from its file or changed its user,
 * and into others they may look.
 */

#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "message.h"

/* To become a user; never asked for by bits of enum privilege */
#define CHANGE_USER (1U << 31)

/**
 * struct need - A capability, and what it is for
 * @privilege:	A bit of enum privilege, or CHANGE_USER
 * @capability:	CAP_...
 */
struct need {
	unsigned int privilege;
	unsigned int capability;
};

static const struct need needs[] = {
	{ PRIVILEGE_CAPTURE, CAP_NET_RAW },
	{ PRIVILEGE_INTERFACE, CAP_NET_ADMIN },
	{ PRIVILEGE_FILES, CAP_DAC_OVERRIDE },
	{ PRIVILEGE_PROCESSES, CAP_SYS_PTRACE },
	{ PRIVILEGE_PROCESSES, CAP_DAC_READ_SEARCH },
	{ CHANGE_USER, CAP_SETUID },
	{ CHANGE_USER, CAP_SETGID },
};

#define NEEDS (sizeof(needs) / sizeof(needs[0]))

static bool refused(const char *what)
{
	message("cannot %s: %s", what, strerror(errno));
	return false;
}

/* In libcap-ng's mind: the capabilities for @kept, as far as they are there */
static void select_capabilities(unsigned int kept)
{
	bool have[NEEDS];

	for (size_t i = 0; i < NEEDS; i++)
		have[i] = capng_have_capability(CAPNG_PERMITTED, needs[i].capability) > 0;
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < NEEDS; i++)
		if (have[i] && (needs[i].privilege & kept))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				     needs[i].capability);
}

/* Forbid programs that are run to have more privileges than we have */
static bool renounce_new(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return refused("renounce new privileges");
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return true;
	capng_clear(CAPNG_SELECT_BOUNDS);
	return capng_apply(CAPNG_SELECT_BOUNDS) == 0 || refused("empty the bounding set");
}

/* Keep the capabilities for @kept and no others */
static bool keep(unsigned int kept)
{
	if (capng_get_caps_process() < 0)
		return refused("tell which capabilities there are");
	if (!renounce_new())
		return false;
	select_capabilities(kept);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 || refused("give up capabilities");
}

static const struct passwd *find_user(const char *user)
{
	const struct passwd *passwd = getpwnam(user);

	if (!passwd)
		message("-Z: there is no user %s", user);
	return passwd;
}

/* Whether there is anything to do to become somebody */
static bool is_other(const struct passwd *passwd)
{
	return geteuid() == 0 || passwd->pw_uid != geteuid();
}

static bool become(const struct passwd *passwd, unsigned int kept)
{
	if (initgroups(passwd->pw_name, passwd->pw_gid) < 0) {
		message("-Z: cannot take the groups of %s: %s", passwd->pw_name,
			strerror(errno));
		return false;
	}
	select_capabilities(kept);
	if (capng_change_id((int)passwd->pw_uid, (int)passwd->pw_gid, CAPNG_NO_FLAG) <
	    0) {
		message("-Z: cannot become %s: %s", passwd->pw_name, strerror(errno));
		return false;
	}
	return true;
}

bool privileges_limit(unsigned int needed, const char *user)
{
	/* Files would be opened with the rights of another user, who did not ask. */
	if (getuid() != geteuid() || getgid() != getegid()) {
		message("must not be set-user-ID or set-group-ID: give the program "
			"capabilities instead, see vsockdump(8)");
		return false;
	}
	if (user) {
		const struct passwd *passwd = find_user(user);

		if (!passwd)
			return false;
		if (geteuid() != 0 && is_other(passwd)) {
			message("-Z: only root can become %s", user);
			return false;
		}
	}
	return keep(needed | (user ? CHANGE_USER : 0));
}

bool privileges_drop(const char *user, unsigned int kept)
{
	const struct passwd *passwd;

	if (!user)
		return keep(kept);
	passwd = find_user(user);
	if (!passwd)
		return false;
	if (!is_other(passwd))
		return keep(kept);
	return keep(kept | CHANGE_USER) && become(passwd, kept);
}
