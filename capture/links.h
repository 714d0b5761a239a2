/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_LINKS_H
#define VSOCKDUMP_LINKS_H

/*
 * Network devices over rtnetlink: list, make, change, remove. What only looks needs no
 * privilege; what changes something needs CAP_NET_ADMIN. Every function that can fail
 * returns 0 or a negative errno and prints nothing.
 */

#include <stdbool.h>
#include <stdint.h>
#include <vsockhdr/host.h>

/** Room for a device's alias with its NUL (the kernel's IFALIASZ) */
#define LINK_ALIAS_LEN 256

/** Room for a device's kind with its NUL (the kernel's MODULE_NAME_LEN) */
#define LINK_KIND_LEN 64

struct mnl_socket;

/**
 * struct link_info - A network device
 * @index:	Its number; 0: there is none
 * @type:	Its hardware type, ARPHRD_...
 * @up:		It is up
 * @name:	Its name
 * @kind:	What it was made as, such as "vsockmon"; "" where it was not made so
 * @alias:	A remark that somebody put on it, or ""
 */
struct link_info {
	unsigned int index;
	uint16_t type;
	bool up;
	char name[VSOCKHDR_IFNAME_LEN];
	char kind[LINK_KIND_LEN];
	char alias[LINK_ALIAS_LEN];
};

/**
 * links_open() - A socket to the kernel's table of devices
 *
 * It belongs to the network namespace of now, whatever the process enters later.
 *
 * Return: the socket, for links_close(); NULL with errno
 */
struct mnl_socket *links_open(void);

/** links_close() - Close it; NULL is nothing */
void links_close(struct mnl_socket *socket);

/**
 * links_each() - Look at all devices
 * @each:	Called for each; for one more than once, where devices come and go
 *		meanwhile
 * @context:	Given to @each
 */
int links_each(void (*each)(const struct link_info *link, void *context), void *context);

/**
 * links_get() - Look at one device
 * @index:	Its number; 0: @name says which
 * @name:	Its name, where @index is 0
 * @link:	Set to it
 *
 * Return: -ENODEV where there is none
 */
int links_get(struct mnl_socket *socket, unsigned int index, const char *name,
	      struct link_info *link);

/**
 * links_add() - Make a device, which is down at first
 *
 * The kernel loads the module of a kind that it does not know.
 *
 * Return: -EEXIST where the name is taken; -EOPNOTSUPP where the kernel does not know
 * the kind
 */
int links_add(struct mnl_socket *socket, const char *name, const char *kind);

/**
 * links_change() - Bring a device up or down
 * @alias:	At the same moment, put this remark on it; NULL: leave that alone
 */
int links_change(struct mnl_socket *socket, unsigned int index, bool up,
		 const char *alias);

/** links_remove() - Remove a device */
int links_remove(struct mnl_socket *socket, unsigned int index);

#endif
