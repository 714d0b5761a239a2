/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The virtual machines of this machine.
 *
 * Theory of operation: the kernel does not tell which process has which CID, so the
 * command lines in /proc are read. Only monitors that use the kernel's vhost-vsock are
 * looked for: of those that bring a vsock device of their own (Firecracker, Cloud
 * Hypervisor, libkrun, vhost-device-vsock) no packet ever passes a vsockmon interface,
 * their CIDs mean nothing to this machine's kernel, and every one of them may be 3.
 *
 * A command line is whatever a process wants it to be. It is bounded, its words become
 * a number and a name of harmless characters, and where the process' open files may be
 * looked at, one that has no vhost-vsock device among them is no machine.
 */

#include "machines.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yajl/yajl_tree.h>

#include "naming_words.h"

/** Longest command line that is read: longer than any monitor's, shorter than the 2 MB
 * that the kernel allows */
#define MAX_CMDLINE 262144

/** Words of a command line at the most */
#define MAX_WORDS 16384

/** Open files of a process that are looked at, at the most */
#define MAX_FILES 65536

/* A whole text as a number, as the monitors read it: decimal, 0x or octal */
static bool parse_cid(const char *text, uint64_t *cid)
{
	unsigned long long value;
	char *end;

	if (!g_ascii_isdigit(text[0]))
		return false;
	errno = 0;
	value = strtoull(text, &end, 0);
	/* What the kernel lets nobody have (drivers/vhost/vsock.c) */
	if (*end != '\0' || errno != 0 || value <= VMADDR_CID_HOST ||
	    value >= (uint64_t)VMADDR_CID_ANY)
		return false;
	*cid = value;
	return true;
}

/* The value of a KEY=VALUE between commas, or of the first of them that has no key where
 * that stands for this one; NULL: none. A comma within a value is written twice: it
 * cannot be part of what is looked for here, and only ends it. For g_free() */
static char *find_value(const char *list, const char *key, bool implied)
{
	char **parts = g_strsplit(list, ",", 64);
	char *value = NULL;
	size_t length = strlen(key);

	for (size_t i = 0; parts[i] && !value; i++) {
		if (strncmp(parts[i], key, length) == 0 && parts[i][length] == '=')
			value = g_strdup(parts[i] + length + 1);
		else if (i == 0 && implied && !strchr(parts[i], '='))
			value = g_strdup(parts[i]);
	}
	g_strfreev(parts);
	return value;
}

static bool is_option(const char *word, const char *name)
{
	return word[0] == '-' && strcmp(word + (word[1] == '-' ? 2 : 1), name) == 0;
}

/* The device types vhost-vsock-pci, -ccw, -device, and -pci-non-transitional; not
 * vhost-user-vsock, whose CID is known to another process */
static bool is_vsock_driver(const char *driver)
{
	return driver && g_str_has_prefix(driver, "vhost-vsock-");
}

/* -device {"driver":"vhost-vsock-pci","guest-cid":3} */
static bool parse_json_device(const char *text, uint64_t *cid)
{
	static const char *driver_path[] = { "driver", NULL };
	static const char *cid_path[] = { "guest-cid", NULL };
	yajl_val root = yajl_tree_parse(text, NULL, 0);
	bool found = false;

	if (!root)
		return false;
	if (is_vsock_driver(
		    YAJL_GET_STRING(yajl_tree_get(root, driver_path, yajl_t_string)))) {
		yajl_val number = yajl_tree_get(root, cid_path, yajl_t_number);

		found = number && parse_cid(YAJL_GET_NUMBER(number), cid);
	}
	yajl_tree_free(root);
	return found;
}

/* -device vhost-vsock-pci,id=vsock0,guest-cid=3 */
static bool parse_device(const char *text, uint64_t *cid)
{
	char *driver, *number;
	bool found;

	if (text[0] == '{')
		return parse_json_device(text, cid);
	driver = find_value(text, "driver", true);
	number = find_value(text, "guest-cid", false);
	found = is_vsock_driver(driver) && number && parse_cid(number, cid);
	g_free(driver);
	g_free(number);
	return found;
}

/* A name that cannot stand for itself, such as "7" or "host", can with what runs it */
static void set_name(struct machine *machine, const char *name)
{
	naming_make_sound(machine->name, name);
	if (machine->name[0] == '\0' && name[0] != '\0') {
		char *longer = g_strconcat(machine->program, "-", name, NULL);

		naming_make_sound(machine->name, longer);
		g_free(longer);
	}
}

static bool parse_qemu(struct machine *machine, const char *const *argv, size_t argc)
{
	bool found = false;

	for (size_t i = 1; i + 1 < argc; i++) {
		if (is_option(argv[i], "device")) {
			i++;
			/* A machine has one: the first. */
			found = found || parse_device(argv[i], &machine->cid);
		} else if (is_option(argv[i], "name")) {
			char *name = find_value(argv[++i], "guest", true);

			if (name)
				set_name(machine, name);
			g_free(name);
		}
	}
	return found;
}

/* Whether --NAME VALUE or --NAME=VALUE stands at argv[*i], which moves on */
static bool is_long(const char *const *argv, size_t argc, size_t *i, const char *name,
		    const char **value)
{
	const char *word = argv[*i];
	size_t length = strlen(name);

	if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, length) != 0)
		return false;
	if (word[length + 2] == '=') {
		*value = word + length + 3;
		return true;
	}
	if (word[length + 2] != '\0' || *i + 1 >= argc)
		return false;
	*value = argv[++*i];
	return true;
}

/* crosvm run --cid 3, --vsock 3 or --vsock cid=3,device=/dev/vhost-vsock */
static bool parse_crosvm(struct machine *machine, const char *const *argv, size_t argc)
{
	bool found = false;
	bool runs = false;

	for (size_t i = 1; i < argc; i++) {
		const char *value;

		if (strcmp(argv[i], "run") == 0) {
			runs = true;
		} else if (is_long(argv, argc, &i, "cid", &value)) {
			found = parse_cid(value, &machine->cid);
		} else if (is_long(argv, argc, &i, "vsock", &value)) {
			char *number = find_value(value, "cid", true);

			found = number && parse_cid(number, &machine->cid);
			g_free(number);
		}
	}
	return runs && found;
}

/* lkvm run --vsock 3 --name web1 */
static bool parse_lkvm(struct machine *machine, const char *const *argv, size_t argc)
{
	bool found = false;

	if (argc < 2 || strcmp(argv[1], "run") != 0)
		return false;
	for (size_t i = 2; i < argc; i++) {
		const char *value;

		if (is_long(argv, argc, &i, "vsock", &value))
			found = parse_cid(value, &machine->cid);
		else if (is_long(argv, argc, &i, "name", &value))
			set_name(machine, value);
	}
	return found;
}

/**
 * struct monitor - A program that runs virtual machines
 * @file:	Name of its file; ended by '-' where any may follow
 * @program:	What it is called
 * @parse:	Reads its command line
 */
struct monitor {
	const char *file;
	const char *program;
	bool (*parse)(struct machine *machine, const char *const *argv, size_t argc);
};

static const struct monitor monitors[] = {
	{ "qemu-system-", "qemu", parse_qemu }, { "qemu-kvm", "qemu", parse_qemu },
	{ "kvm", "qemu", parse_qemu },          { "crosvm", "crosvm", parse_crosvm },
	{ "lkvm", "lkvm", parse_lkvm },         { "kvmtool", "lkvm", parse_lkvm },
};

static bool is_file(const struct monitor *monitor, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *file = slash ? slash + 1 : path;

	if (g_str_has_suffix(monitor->file, "-"))
		return g_str_has_prefix(file, monitor->file);
	return strcmp(file, monitor->file) == 0;
}

bool machines_parse(struct machine *machine, const char *const *argv, size_t argc)
{
	for (size_t i = 0; argc > 0 && i < G_N_ELEMENTS(monitors); i++) {
		if (!is_file(&monitors[i], argv[0]))
			continue;
		*machine = (struct machine) { .program = monitors[i].program };
		return monitors[i].parse(machine, argv, argc);
	}
	return false;
}

/* The command line of a process, ended by two NULs; its length, or 0 */
static size_t read_cmdline(int proc, const char *pid, char buffer[MAX_CMDLINE + 2])
{
	char path[64];
	size_t used = 0;
	ssize_t n = 1;
	int fd;

	snprintf(path, sizeof(path), "%s/cmdline", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while (n > 0 && used < MAX_CMDLINE) {
		n = read(fd, buffer + used, MAX_CMDLINE - used);
		if (n > 0)
			used += (size_t)n;
	}
	close(fd);
	buffer[used] = '\0';
	return used;
}

/* Whether a process has a vsock device of the kernel's open, or hides that from us */
enum holds { HOLDS_NOT, HOLDS, HOLDS_HIDDEN };

static enum holds holds_device(int proc, const char *pid)
{
	static const char suffix[] = "/vhost-vsock";
	enum holds holds = HOLDS_NOT;
	const struct dirent *entry;
	char path[64], link[256];
	struct stat file;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return HOLDS_HIDDEN;
	}
	for (int i = 0; i < MAX_FILES && (entry = readdir(dir)) != NULL; i++) {
		ssize_t n = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);

		if (n <= 0)
			continue;
		link[n] = '\0';
		/* A plain file of that name anybody can make. */
		if (g_str_has_suffix(link, suffix) &&
		    fstatat(fd, entry->d_name, &file, 0) == 0 && S_ISCHR(file.st_mode)) {
			holds = HOLDS;
			break;
		}
	}
	closedir(dir);
	return holds;
}

static bool look_at(int proc, const char *pid, char *cmdline, struct machine *machine)
{
	size_t size = read_cmdline(proc, pid, cmdline);
	GPtrArray *argv;
	enum holds holds;
	bool found;

	if (size == 0)
		return false;
	argv = g_ptr_array_new();
	for (const char *word = cmdline; word < cmdline + size && argv->len < MAX_WORDS;
	     word += strlen(word) + 1)
		g_ptr_array_add(argv, (gpointer)word);
	found = machines_parse(machine, (const char *const *)argv->pdata, argv->len);
	g_ptr_array_free(argv, TRUE);
	if (!found)
		return false;
	holds = holds_device(proc, pid);
	machine->proven = holds == HOLDS;
	machine->pid = (pid_t)strtol(pid, NULL, 10);
	return holds != HOLDS_NOT;
}

void machines_scan(const char *proc,
		   void (*found)(void *context, const struct machine *machine),
		   void *context)
{
	const struct dirent *entry;
	unsigned int count = 0;
	struct machine machine;
	char *cmdline;
	DIR *dir = opendir(proc);

	if (!dir)
		return;
	cmdline = g_malloc(MAX_CMDLINE + 2);
	while (count < MACHINES_MAX && (entry = readdir(dir)) != NULL) {
		if (!g_ascii_isdigit(entry->d_name[0]) || strlen(entry->d_name) > 10)
			continue;
		if (!look_at(dirfd(dir), entry->d_name, cmdline, &machine))
			continue;
		found(context, &machine);
		count++;
	}
	g_free(cmdline);
	closedir(dir);
}
