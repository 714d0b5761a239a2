/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: a child process asks the kernel for all vsock sockets, and /proc
 * for who has them open, each time that it is told to, and sends all that it found. Here
 * that is kept until the next time, and looked up for each pair of addresses that
 * packets have; what was found for a pair is kept longer, since packets may come when
 * the socket is gone, or are printed later.
 *
 * The child never gets to see a packet. Nothing here waits for it without a time limit;
 * when it has died, nobody is known any more.
 *
 * An answer of the child is a struct head and then its sockets, as many to a message as
 * fit. Its last messages may still be on their way when the next packet is printed.
 */

#include "processes.h"

#include <cap-ng.h>
#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <vsockhdr/hdr.h>

#include "child.h"
#include "message.h"
#include "processes_match.h"
#include "sockets_diag.h"
#include "sockets_owners.h"

/** Time between two looks at the least, in microseconds */
#define MIN_PAUSE_US 50000

/** A look's own time is a fifth of all, at the most */
#define PAUSE_FACTOR 4

/** Longest time that a packet waits for an answer, in microseconds */
#define MAX_WAIT_US 200000

/** Longest time after which a pair is looked up again, in microseconds */
#define MAX_AGE_US 10000000

/** Pairs that are remembered; then all are forgotten, and found again */
#define MAX_PAIRS 65536

/** Sockets in a message: a message takes memory in one piece */
#define BATCH 256

/** struct head - What an answer begins with */
struct head {
	uint32_t own_cid;
	uint32_t count;
};

/**
 * struct pair - A pair of addresses
 * @local:	The socket's own
 * @peer:	Its peer's
 */
struct pair {
	struct vsockhdr_addr local;
	struct vsockhdr_addr peer;
};

/**
 * struct known - What is known of a pair
 * @pair:	The pair
 * @who:	Who; empty: nobody
 * @since_us:	An older look says nothing of it
 * @age_us:	Time between the last two times that it was looked up; 0: it never was
 * @due_us:	When it is to be looked up again
 */
struct known {
	struct pair pair;
	char who[PROCESSES_LEN];
	int64_t since_us;
	int64_t age_us;
	int64_t due_us;
};

struct processes {
	struct child child;
	/** The child has died */
	bool dead;
	/** It was told to look, and has not yet answered completely */
	bool looking;
	/** When it was told, and when it may be told again */
	int64_t asked_us;
	int64_t next_us;
	/** Sockets that are still to come, and those that came with this answer */
	uint32_t missing;
	uint32_t next_own_cid;
	bool begun;
	GArray *coming;
	/** The last complete answer, and when it was asked for */
	GArray *sockets;
	uint32_t own_cid;
	int64_t seen_us;
	/** Pairs, each with its struct known */
	GHashTable *pairs;
};

/* ---- In the child ---- */

static void describe(char who[PROCESSES_LEN], const GArray *owners)
{
	const struct owner *first = &g_array_index(owners, struct owner, 0);

	if (owners->len > 1)
		g_snprintf(who, PROCESSES_LEN, "%s/%d+%u", first->name, (int)first->pid,
			   owners->len - 1);
	else
		g_snprintf(who, PROCESSES_LEN, "%s/%d", first->name, (int)first->pid);
}

/* The sockets that somebody has open, as struct open_socket */
static GArray *look(void)
{
	GArray *open = g_array_new(FALSE, TRUE, sizeof(struct open_socket));
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct socket_info));
	struct owners *owners;

	/* What cannot be read now is not known. */
	if (sockets_read(all) != 0)
		g_array_set_size(all, 0);
	owners = owners_find("/proc", all);
	for (guint i = 0; i < all->len; i++) {
		const struct socket_info *info =
			&g_array_index(all, struct socket_info, i);
		const GArray *found = owners_get(owners, info->inode);
		struct open_socket socket = {
			.local_cid = (uint32_t)info->local.cid,
			.local_port = info->local.port,
			.peer_cid = (uint32_t)info->peer.cid,
			.peer_port = info->peer.port,
			.listens = info->state == SOCKET_STATE_LISTEN,
		};

		if (!found)
			continue;
		describe(socket.who, found);
		g_array_append_val(open, socket);
	}
	owners_free(owners);
	g_array_free(all, TRUE);
	return open;
}

static bool send_all(int fd, const GArray *sockets)
{
	const struct head head = {
		.own_cid = (uint32_t)sockets_own_cid(),
		.count = sockets->len,
	};

	if (send(fd, &head, sizeof(head), MSG_NOSIGNAL) < 0)
		return false;
	for (guint i = 0; i < sockets->len; i += BATCH) {
		guint count = MIN(BATCH, sockets->len - i);

		if (send(fd, &g_array_index(sockets, struct open_socket, i),
			 count * sizeof(struct open_socket), MSG_NOSIGNAL) < 0)
			return false;
	}
	return true;
}

/* Keep the two capabilities, as far as they are there */
static bool drop_capabilities(void)
{
	static const unsigned int wanted[] = { CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH };
	bool had[G_N_ELEMENTS(wanted)];

	if (capng_get_caps_process() < 0)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, wanted[i]) != 0;
	if (!had[0] || !had[1])
		message("only processes of this user can be found: root finds all");
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				     wanted[i]);
	}
	return capng_apply(CAPNG_SELECT_CAPS) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static int run_child(int fd, void *context)
{
	bool good = true;
	char request;

	(void)context;
	if (!drop_capabilities()) {
		message("cannot give up capabilities: %s", strerror(errno));
		return STATUS_FAILED;
	}
	while (good && recv(fd, &request, sizeof(request), 0) > 0) {
		GArray *sockets = look();

		good = send_all(fd, sockets);
		g_array_free(sockets, TRUE);
	}
	return STATUS_OK;
}

/* ---- In vsockdump ---- */

static guint hash_pair(gconstpointer key)
{
	const struct pair *pair = key;
	uint64_t hash = pair->local.port;

	hash = hash * 0x9e3779b97f4a7c15u + pair->peer.port;
	hash = hash * 0x9e3779b97f4a7c15u + pair->local.cid;
	hash = hash * 0x9e3779b97f4a7c15u + pair->peer.cid;
	return (guint)(hash >> 32);
}

static bool is_same(const struct vsockhdr_addr *one, const struct vsockhdr_addr *other)
{
	return one->cid == other->cid && one->port == other->port;
}

static gboolean equal_pairs(gconstpointer a, gconstpointer b)
{
	const struct pair *left = a;
	const struct pair *right = b;

	return is_same(&left->local, &right->local) && is_same(&left->peer, &right->peer);
}

static GArray *new_sockets(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct open_socket));
}

struct processes *processes_start(void)
{
	struct processes *processes;

	if (sockets_offer() != SOCKETS_OFFERED)
		return NULL;
	processes = g_new0(struct processes, 1);
	if (!child_start(&processes->child, "vsockdump-proc", run_child, NULL)) {
		g_free(processes);
		return NULL;
	}
	processes->coming = new_sockets();
	processes->sockets = new_sockets();
	processes->own_cid = (uint32_t)VSOCKHDR_CID_ANY;
	processes->seen_us = -1;
	processes->pairs = g_hash_table_new_full(hash_pair, equal_pairs, NULL, g_free);
	return processes;
}

void processes_end(struct processes *processes)
{
	if (!processes)
		return;
	child_end(&processes->child);
	g_hash_table_destroy(processes->pairs);
	g_array_free(processes->sockets, TRUE);
	g_array_free(processes->coming, TRUE);
	g_free(processes);
}

static void give_up(struct processes *processes)
{
	if (!processes->dead)
		message("looking for processes has ended: the process that did it died");
	processes->dead = true;
	processes->looking = false;
}

static void finish_look(struct processes *processes)
{
	GArray *old = processes->sockets;
	int64_t now = g_get_monotonic_time();
	int64_t took = now - processes->asked_us;

	processes->sockets = processes->coming;
	processes->coming = old;
	g_array_set_size(old, 0);
	processes_sort(processes->sockets);
	processes->own_cid = processes->next_own_cid;
	processes->seen_us = processes->asked_us;
	processes->next_us = now + MAX(MIN_PAUSE_US, took * PAUSE_FACTOR);
	processes->looking = false;
	processes->begun = false;
}

/* One message of an answer; false where it is none */
static bool take_message(struct processes *processes, const void *message, size_t size)
{
	size_t count = size / sizeof(struct open_socket);
	struct head head;

	if (!processes->begun) {
		if (size != sizeof(head))
			return false;
		memcpy(&head, message, sizeof(head));
		processes->begun = true;
		processes->next_own_cid = head.own_cid;
		processes->missing = head.count;
	} else {
		if (size % sizeof(struct open_socket) != 0 || count > processes->missing)
			return false;
		g_array_append_vals(processes->coming, message, (guint)count);
		processes->missing -= (uint32_t)count;
	}
	if (processes->missing == 0)
		finish_look(processes);
	return true;
}

/* Take what has come, without waiting */
static void take_answer(struct processes *processes)
{
	struct open_socket batch[BATCH];

	while (processes->looking) {
		ssize_t n = recv(processes->child.fd, batch, sizeof(batch), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0 || !take_message(processes, batch, (size_t)n))
			give_up(processes);
	}
}

static void begin_look(struct processes *processes, int64_t now)
{
	static const char request = 'l';

	if (processes->looking || now < processes->next_us)
		return;
	processes->asked_us = now;
	processes->looking = true;
	if (send(processes->child.fd, &request, sizeof(request),
		 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		give_up(processes);
}

/* Wait for the answer, but not longer than until a time that is the same for all packets
 * of the same look */
static void wait_answer(struct processes *processes)
{
	while (processes->looking) {
		struct pollfd fd = { .fd = processes->child.fd, .events = POLLIN };
		int64_t left = processes->asked_us + MAX_WAIT_US - g_get_monotonic_time();
		const struct timespec timeout = {
			.tv_sec = 0,
			.tv_nsec = left * 1000,
		};

		if (left <= 0 || ppoll(&fd, 1, &timeout, NULL) <= 0)
			return;
		take_answer(processes);
	}
}

static struct known *add_pair(struct processes *processes, const struct pair *pair)
{
	struct known *known = g_new0(struct known, 1);

	if (g_hash_table_size(processes->pairs) >= MAX_PAIRS)
		g_hash_table_remove_all(processes->pairs);
	known->pair = *pair;
	g_hash_table_replace(processes->pairs, &known->pair, known);
	return known;
}

/* Look a pair up in the last answer; false where that one is too old to say */
static bool look_up(const struct processes *processes, struct known *known, int64_t now)
{
	const struct open_socket *socket;

	if (processes->seen_us < known->since_us)
		return false;
	socket = processes_match(processes->sockets, processes->own_cid,
				 &known->pair.local, &known->pair.peer);
	if (socket) {
		g_strlcpy(known->who, socket->who, sizeof(known->who));
	} else if (known->age_us == 0 && known->since_us == 0) {
		/* It may have begun after that look. */
		known->since_us = now;
		return false;
	}
	known->age_us = CLAMP(known->age_us * 2, MIN_PAUSE_US, MAX_AGE_US);
	known->due_us = now + known->age_us;
	known->since_us = known->due_us;
	return true;
}

const char *processes_find(struct processes *processes, const struct vsockhdr_addr *local,
			   const struct vsockhdr_addr *peer)
{
	const struct pair pair = { .local = *local, .peer = *peer };
	struct known *known;
	int64_t now;

	if (!processes || processes->dead)
		return NULL;
	now = g_get_monotonic_time();
	known = g_hash_table_lookup(processes->pairs, &pair);
	if (!known)
		known = add_pair(processes, &pair);
	if (now >= known->due_us) {
		take_answer(processes);
		if (!look_up(processes, known, now)) {
			begin_look(processes, now);
			if (known->age_us == 0) {
				wait_answer(processes);
				look_up(processes, known, now);
			}
		}
	}
	return known->who[0] ? known->who : NULL;
}

void processes_forget(struct processes *processes, const struct vsockhdr_addr *one,
		      const struct vsockhdr_addr *other)
{
	const struct pair there = { .local = *one, .peer = *other };
	const struct pair back = { .local = *other, .peer = *one };
	int64_t now;

	if (!processes || processes->dead)
		return;
	now = g_get_monotonic_time();
	add_pair(processes, &there)->since_us = now;
	add_pair(processes, &back)->since_us = now;
}
