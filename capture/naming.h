/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_NAMING_H
#define VSOCKDUMP_NAMING_H

/*
 * Names of CIDs and ports. They come, the first that knows one wins, from the user's
 * file of CIDs and the system's (vsockdump-cids(5)), from the virtual machines that run
 * on this machine, and from what is well known.
 *
 * A name is made of letters, digits, '.', '_' and '-', begins with a letter or '_', and
 * is no word of the filter language. No two CIDs have the same one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Longest name in characters */
#define NAMING_MAX 63

struct naming;

/**
 * struct naming_options - Where names come from; all zero is what is well known
 * @cids_file:	A file of CIDs that must be readable, and is the only one; NULL: the
 *		user's own ($XDG_CONFIG_HOME/vsockdump/cids, or ~/.config/...) and the
 *		system's (/etc/vsockdump/cids), which need not be there
 * @machines:	The virtual machines of this machine, too: right only for what is
 *		captured here
 * @unqualified:	Print names without what follows their first dot (-N)
 */
struct naming_options {
	const char *cids_file;
	bool machines;
	bool unqualified;
};

/**
 * naming_new() - Learn names
 * @options:	Where from
 *
 * Return: the names, for naming_free(); NULL, after a message, where a file of CIDs
 * has a line that cannot be understood, or the one that was asked for cannot be read
 */
struct naming *naming_new(const struct naming_options *options);

/**
 * naming_add_machines() - Add the virtual machines that run on this machine
 * @names:	The names
 * @proc:	Where proc(5) is mounted; naming_new() gives /proc
 *
 * Of a CID that different machines claim, none is named.
 */
void naming_add_machines(struct naming *names, const char *proc);

/** naming_free() - Forget them; NULL is allowed */
void naming_free(struct naming *names);

/** naming_cid() - Name of a CID; NULL where it has none, or @names is NULL (-n) */
const char *naming_cid(const struct naming *names, uint64_t cid);

/**
 * naming_port() - Name of a port; NULL where it has none, or @names is NULL (-n)
 *
 * Of the well-known ones only those below 1024 are named: any other may be a client's.
 */
const char *naming_port(const struct naming *names, uint32_t port);

/** naming_find_cid() - CID of a name of any source, without regard to case; those that
 * are well known where @names is NULL */
bool naming_find_cid(const struct naming *names, const char *name, uint64_t *cid);

/** naming_find_port() - Port of a name, without regard to case; those that are well
 * known, above 1023, too, where @names is NULL */
bool naming_find_port(const struct naming *names, const char *name, uint32_t *port);

#endif
