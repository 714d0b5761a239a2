/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel knows no way from a socket to its processes but the one that ss and lsof
 * go: all open files of all processes are looked at, for links such as "socket:[4711]".
 * What a process is called, it has chosen itself.
 */

#include "sockets_owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sockets_diag.h"

/** Open files that are looked at, of all processes, at the most */
#define MAX_FILES 4000000

struct owners {
	/** Inodes, each with its array of struct owner */
	GHashTable *by_inode;
	bool hidden;
	unsigned int files;
};

static void free_array(gpointer array)
{
	g_array_free(array, TRUE);
}

static void read_name(int proc, const char *pid, char name[OWNER_NAME_LEN])
{
	char path[64];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, OWNER_NAME_LEN - 1);
		close(fd);
	}
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	for (char *c = name; *c; c++) {
		if (*c == ' ')
			*c = '_';
		else if (!g_ascii_isgraph(*c))
			*c = '?';
	}
	if (name[0] == '\0')
		g_strlcpy(name, "?", OWNER_NAME_LEN);
}

/* The inode of "socket:[INODE]", or 0 */
static uint32_t parse_link(const char *link)
{
	static const char prefix[] = "socket:[";
	unsigned long inode;
	char *end;

	if (strncmp(link, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	inode = strtoul(link + sizeof(prefix) - 1, &end, 10);
	return *end == ']' && inode <= UINT32_MAX ? (uint32_t)inode : 0;
}

/* The array of a socket that is asked for and that this process is not yet known to
 * have; NULL: it is none */
static GArray *wanted_array(const struct owners *owners, uint32_t inode, pid_t pid)
{
	GArray *array = inode == 0 ? NULL
				   : g_hash_table_lookup(owners->by_inode,
							 GUINT_TO_POINTER(inode));

	if (!array || array->len == OWNERS_MAX)
		return NULL;
	if (array->len > 0 &&
	    g_array_index(array, struct owner, array->len - 1).pid == pid)
		return NULL;
	return array;
}

static void look_at(struct owners *owners, int proc, const char *pid)
{
	struct owner owner = { .pid = (pid_t)strtol(pid, NULL, 10) };
	const struct dirent *entry;
	char path[64], link[64];
	DIR *dir = NULL;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		dir = fdopendir(fd);
	if (!dir) {
		owners->hidden = owners->hidden || errno == EACCES;
		if (fd >= 0)
			close(fd);
		return;
	}
	while (owners->files < MAX_FILES && (entry = readdir(dir)) != NULL) {
		ssize_t n = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);
		GArray *array;

		owners->files++;
		/* Neither . nor .. is a link; beyond them, errno tells. */
		if (n < 0 && errno == EACCES)
			owners->hidden = true;
		link[n > 0 ? n : 0] = '\0';
		array = wanted_array(owners, parse_link(link), owner.pid);
		if (!array)
			continue;
		if (owner.name[0] == '\0')
			read_name(proc, pid, owner.name);
		g_array_append_val(array, owner);
	}
	closedir(dir);
}

static gint compare(gconstpointer a, gconstpointer b)
{
	const struct owner *left = a;
	const struct owner *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

static void sort(gpointer key, gpointer array, gpointer context)
{
	(void)key;
	(void)context;
	g_array_sort(array, compare);
}

struct owners *owners_find(const char *proc, const GArray *sockets)
{
	struct owners *owners = g_new0(struct owners, 1);
	const struct dirent *entry;
	DIR *dir = opendir(proc);

	owners->by_inode =
		g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_array);
	for (guint i = 0; i < sockets->len; i++) {
		uint32_t inode = g_array_index(sockets, struct socket_info, i).inode;

		if (inode != 0)
			g_hash_table_insert(
				owners->by_inode, GUINT_TO_POINTER(inode),
				g_array_new(FALSE, FALSE, sizeof(struct owner)));
	}
	if (!dir || g_hash_table_size(owners->by_inode) == 0)
		owners->hidden = !dir;
	else
		while ((entry = readdir(dir)) != NULL) {
			if (g_ascii_isdigit(entry->d_name[0]) &&
			    strlen(entry->d_name) <= 10)
				look_at(owners, dirfd(dir), entry->d_name);
		}
	if (dir)
		closedir(dir);
	g_hash_table_foreach(owners->by_inode, sort, NULL);
	return owners;
}

void owners_free(struct owners *owners)
{
	g_hash_table_destroy(owners->by_inode);
	g_free(owners);
}

const GArray *owners_get(const struct owners *owners, uint32_t inode)
{
	const GArray *array =
		g_hash_table_lookup(owners->by_inode, GUINT_TO_POINTER(inode));

	return array && array->len > 0 ? array : NULL;
}

bool owners_hidden(const struct owners *owners)
{
	return owners->hidden;
}
