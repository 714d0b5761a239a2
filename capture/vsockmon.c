/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: the keeper is forked first and changes the device itself. So there
 * is no moment at which the device is there and nobody who will remove it, and vsockdump
 * can give up CAP_NET_ADMIN as soon as it has its answer. The keeper then waits until the
 * other end of its socket is closed, which the kernel does however vsockdump ends.
 *
 * Two at a time: a temporary device carries its owner's number in its alias, so that
 * another vsockdump does not rely on it. A device that was only brought up stays up while
 * somebody has a packet socket on it.
 */

#include "vsockmon.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

#define ALIAS_PREFIX "vsockdump temporary "

/* Names that are tried: kind0, kind1, ... */
#define MAX_NUMBER 1000

/* When vsockdump was killed, its own packet socket may be closed after the keeper's: how
 * often to look whether sockets are left, and how long to wait in between */
#define SOCKET_TRIES   25
#define SOCKET_WAIT_US 20000

/**
 * struct order - What the keeper is to do
 * @kind:	Make a device of this kind; NULL: bring one up
 * @name:	Which one
 * @owner:	vsockdump's process
 */
struct order {
	const char *kind;
	const char *name;
	pid_t owner;
};

/**
 * struct answer - What the keeper has done
 * @err:	0, or a negative errno
 * @name:	The device
 */
struct answer {
	int err;
	char name[VSOCKHDR_IFNAME_LEN];
};

/* A reader behind vsockdump's standard output must not wait for the keeper. Standard
 * error stays, for messages. */
static void leave_standard_streams(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

static int keep_one_capability(void)
{
	if (capng_get_caps_process() < 0 ||
	    !capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN))
		return -EPERM;
	capng_clear(CAPNG_SELECT_ALL);
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN);
	/* This takes CAP_SETPCAP; without it, no_new_privs does the same for us. */
	capng_apply(CAPNG_SELECT_BOUNDS);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -EPERM;
}

static int make(struct mnl_socket *socket, const struct order *order,
		struct link_info *device)
{
	char alias[sizeof(ALIAS_PREFIX) + 20];
	char name[VSOCKHDR_IFNAME_LEN];
	int err = -EEXIST;

	for (int i = 0; i < MAX_NUMBER && err == -EEXIST; i++) {
		snprintf(name, sizeof(name), "%s%d", order->kind, i);
		err = links_add(socket, name, order->kind);
	}
	if (err == 0)
		err = links_get(socket, 0, name, device);
	if (err < 0)
		return err;
	/* The kernel takes an alias only for a device that is there. While it has none it
	 * is down, too: see interfaces.c. */
	snprintf(alias, sizeof(alias), ALIAS_PREFIX "%d", (int)order->owner);
	err = links_change(socket, device->index, true, alias);
	if (err < 0)
		links_remove(socket, device->index);
	else
		snprintf(device->alias, sizeof(device->alias), "%s", alias);
	return err;
}

static int carry_out(struct mnl_socket *socket, const struct order *order,
		     struct link_info *device)
{
	int err;

	if (order->kind)
		return make(socket, order, device);
	err = links_get(socket, 0, order->name, device);
	return err < 0 ? err : links_change(socket, device->index, true, NULL);
}

/* The device as it is now, if it is still the one that we know */
static bool is_ours(struct mnl_socket *socket, const struct link_info *device)
{
	struct link_info now;

	return links_get(socket, device->index, NULL, &now) == 0 &&
	       strcmp(now.name, device->name) == 0 &&
	       strcmp(now.kind, device->kind) == 0 &&
	       strcmp(now.alias, device->alias) == 0;
}

/* A line of /proc/net/packet: sk RefCnt Type Proto Iface ... */
static bool line_names(char *line, unsigned int index)
{
	char *rest = NULL;
	char *word = strtok_r(line, " ", &rest);

	for (int i = 0; i < 4 && word; i++)
		word = strtok_r(NULL, " ", &rest);
	return word && strtoul(word, NULL, 10) == index;
}

/* Whether somebody has a packet socket on this device */
static bool is_captured(unsigned int index)
{
	FILE *file = fopen("/proc/self/net/packet", "re");
	char line[256];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = line_names(line, index);
	fclose(file);
	return found;
}

/* Return: 0, -EBUSY where it has to stay up, or another negative errno */
static int put_down(struct mnl_socket *socket, const struct link_info *device)
{
	for (int i = 0; is_captured(device->index); i++) {
		if (i == SOCKET_TRIES)
			return -EBUSY;
		usleep(SOCKET_WAIT_US);
	}
	return links_change(socket, device->index, false, NULL);
}

/* Return: the keeper's exit status */
static int undo(struct mnl_socket *socket, const struct order *order,
		const struct link_info *device)
{
	int err;

	if (!is_ours(socket, device))
		return 0;
	err = order->kind ? links_remove(socket, device->index)
			  : put_down(socket, device);
	if (err == -EBUSY && !order->kind) {
		inform("vsockdump: %s stays up: somebody else captures on it\n",
		       device->name);
		return 0;
	}
	if (err == 0 || err == -ENODEV)
		return 0;
	message("%s: cannot %s it: %s", device->name, order->kind ? "remove" : "put down",
		strerror(-err));
	return 1;
}

static void wait_for_end(int fd)
{
	char byte;
	ssize_t got;

	do {
		got = recv(fd, &byte, sizeof(byte), 0);
	} while (got > 0 || (got < 0 && errno == EINTR));
}

static int keeper(int fd, void *context)
{
	const struct order *order = context;
	struct link_info device = { .index = 0 };
	struct mnl_socket *socket;
	struct answer answer = { .err = 0 };
	int status = 0;

	leave_standard_streams();
	answer.err = keep_one_capability();
	socket = links_open();
	if (!socket)
		answer.err = -errno;
	if (answer.err == 0)
		answer.err = carry_out(socket, order, &device);
	snprintf(answer.name, sizeof(answer.name), "%s", device.name);
	/* Where nobody is left to read it, the wait is over at once. */
	send(fd, &answer, sizeof(answer), MSG_NOSIGNAL);
	if (answer.err == 0) {
		wait_for_end(fd);
		status = undo(socket, order, &device);
	}
	links_close(socket);
	return status;
}

static enum vsockmon_done judge(const struct order *order, int err)
{
	switch (err) {
	case 0:
		return VSOCKMON_DONE;
	case -EPERM:
		return VSOCKMON_NOT_PERMITTED;
	case -EOPNOTSUPP:
		return VSOCKMON_NO_KIND;
	default:
		break;
	}
	if (order->kind)
		message("cannot make a %s interface: %s", order->kind, strerror(-err));
	else
		message("%s: cannot bring it up: %s", order->name, strerror(-err));
	return VSOCKMON_FAILED;
}

static enum vsockmon_done start(struct vsockmon *vsockmon, struct order *order)
{
	struct answer answer;
	enum vsockmon_done done;
	ssize_t got;

	*vsockmon = (struct vsockmon) { .name = "" };
	order->owner = getpid();
	if (!child_start(&vsockmon->keeper, "vsockdump-iface", keeper, order))
		return VSOCKMON_FAILED;
	do {
		got = recv(vsockmon->keeper.fd, &answer, sizeof(answer), 0);
	} while (got < 0 && errno == EINTR);
	if (got != sizeof(answer))
		answer.err = -ECHILD;
	done = judge(order, answer.err);
	if (done == VSOCKMON_DONE)
		memcpy(vsockmon->name, answer.name, sizeof(vsockmon->name));
	else
		child_end(&vsockmon->keeper);
	return done;
}

enum vsockmon_done vsockmon_make(struct vsockmon *vsockmon, const char *kind)
{
	return start(vsockmon, &(struct order) { .kind = kind });
}

enum vsockmon_done vsockmon_raise(struct vsockmon *vsockmon, const char *name)
{
	return start(vsockmon, &(struct order) { .name = name });
}

pid_t vsockmon_owner(const struct link_info *link)
{
	size_t prefix = strlen(ALIAS_PREFIX);
	const char *number = link->alias + prefix;
	size_t digits;

	if (strncmp(link->alias, ALIAS_PREFIX, prefix) != 0)
		return 0;
	digits = strspn(number, "0123456789");
	/* Process numbers have 7 digits at the most (the kernel's PID_MAX_LIMIT). */
	if (digits == 0 || digits > 9 || number[digits] != '\0')
		return 0;
	return (pid_t)strtol(number, NULL, 10);
}

bool vsockmon_remove(struct vsockmon *vsockmon)
{
	int status = child_end(&vsockmon->keeper);

	vsockmon->name[0] = '\0';
	if (status < 0)
		message("the process that looks after the interface was killed: see ip link");
	return status == 0;
}
