/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_VSOCKMON_H
#define VSOCKDUMP_VSOCKMON_H

/*
 * A vsockmon device of our own, for as long as we capture on it; or one that was down,
 * brought up for so long. Both are done over rtnetlink by a child process, the keeper,
 * which holds CAP_NET_ADMIN and nothing else, and undoes it also when vsockdump has been
 * killed.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "child.h"
#include "links.h"

/** What the kernel calls a vsockmon device */
#define VSOCKMON_KIND "vsockmon"

/**
 * struct vsockmon - The device
 * @name:	Its name, or ""
 * @keeper:	Who will undo what was done for it; none where nothing was
 */
struct vsockmon {
	char name[VSOCKHDR_IFNAME_LEN];
	struct child keeper;
};

/** enum vsockmon_done - What became of it */
enum vsockmon_done {
	VSOCKMON_DONE,
	/** The kernel does not know the kind of device. There was no message */
	VSOCKMON_NO_KIND,
	/** CAP_NET_ADMIN is missing. There was no message */
	VSOCKMON_NOT_PERMITTED,
	/** There was a message */
	VSOCKMON_FAILED,
};

/**
 * vsockmon_make() - Make a device and bring it up
 * @vsockmon:	Set to it
 * @kind:	VSOCKMON_KIND; another one where a test has to do without the driver
 *
 * Its name is the kind and the first number that is free. It carries an alias that says
 * whose it is (vsockmon_owner()). The kernel loads the module of a kind that it does not
 * know: who does not want that asks vsockhdr_host_probe() first.
 */
enum vsockmon_done vsockmon_make(struct vsockmon *vsockmon, const char *kind);

/**
 * vsockmon_raise() - Bring a device up that is there and down
 * @vsockmon:	Set to it
 * @name:	Its name
 *
 * At the end it is put down again, unless somebody else captures on it by then.
 */
enum vsockmon_done vsockmon_raise(struct vsockmon *vsockmon, const char *name);

/**
 * vsockmon_owner() - Whose temporary device this is
 *
 * Return: the process that vsockmon_make() was called in, in its own process namespace;
 * 0 where the device is nobody's
 */
pid_t vsockmon_owner(const struct link_info *link);

/**
 * vsockmon_remove() - Undo what was done: remove the device or put it down again
 * @vsockmon:	The device; where nothing was done for it, nothing is undone
 *
 * Close the capture first. A device that somebody has removed, renamed, taken to
 * another namespace or given another alias meanwhile is theirs, which is no failure.
 *
 * Return: false, after a message, where that failed
 */
bool vsockmon_remove(struct vsockmon *vsockmon);

#endif
