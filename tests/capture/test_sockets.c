/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sockets and their processes. The kernel's answers are made up here, in memory that the
 * process that looks for processes sees, too; the inodes are of sockets that this
 * process really has, so that /proc answers for itself.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <vsockhdr/hdr.h>

#include "naming.h"
#include "processes.h"
#include "processes_match.h"
#include "sockets.h"
#include "sockets_diag.h"
#include "sockets_owners.h"

#define ANY UINT32_C(0xffffffff)

/* The kernel, as sockets_diag.c would show it */
static struct kernel {
	enum sockets_offer offer;
	int error;
	bool dies;
	/* It takes its time */
	volatile bool holds;
	volatile unsigned int looks;
	uint32_t own_cid;
	unsigned int count;
	struct socket_info sockets[8];
} * kernel;

static char *dir;

enum sockets_offer sockets_offer(void)
{
	return kernel->offer;
}

int sockets_read(GArray *sockets)
{
	kernel->looks++;
	if (kernel->dies)
		_exit(1);
	while (kernel->holds)
		g_usleep(1000);
	if (kernel->error == 0)
		g_array_append_vals(sockets, kernel->sockets, kernel->count);
	return kernel->error;
}

uint64_t sockets_own_cid(void)
{
	return kernel->own_cid;
}

static int make_machine(void **state)
{
	(void)state;
	kernel = mmap(NULL, sizeof(*kernel), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	dir = g_dir_make_tmp("vsockdump-sockets-XXXXXX", NULL);
	prctl(PR_SET_NAME, "a \x1b[1m name");
	return dir && kernel != MAP_FAILED ? 0 : -1;
}

static int remove_machine(void **state)
{
	gchar rm[] = "rm", option[] = "-r";
	char *argv[] = { rm, option, dir, NULL };

	(void)state;
	g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
		     NULL);
	g_free(dir);
	return munmap(kernel, sizeof(*kernel));
}

static int reset_kernel(void **state)
{
	(void)state;
	memset(kernel, 0, sizeof(*kernel));
	kernel->own_cid = 2;
	return 0;
}

/* A socket of this process */
static int own_socket(uint32_t *inode)
{
	struct stat status;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	*inode = (uint32_t)status.st_ino;
	return fd;
}

static void add_socket(uint8_t state, struct vsockhdr_addr local,
		       struct vsockhdr_addr peer, uint32_t inode)
{
	kernel->sockets[kernel->count++] = (struct socket_info) {
		.local = local,
		.peer = peer,
		.inode = inode,
		.type = SOCK_STREAM,
		.state = state,
	};
}

#define ADDR(cid, port) ((struct vsockhdr_addr) { (cid), (port) })
#define NOBODY          ADDR(ANY, ANY)

/* ---- Which socket a pair of addresses means ---- */

static const struct open_socket match_sockets[] = {
	{ ANY, 22, ANY, ANY, 1, "listens/1" },
	{ 2, 23, ANY, ANY, 1, "listens2/2" },
	{ ANY, 24, ANY, ANY, 1, "listens-any/3" },
	{ 1, 24, ANY, ANY, 1, "listens-local/4" },
	{ ANY, 1024, 3, 22, 0, "client/5" },
	{ 2, 22, 3, 5000, 0, "server/6" },
	{ 2, 22, 4, 5000, 0, "server4/7" },
	{ 1, 1025, 1, 22, 0, "loop-client/8" },
	{ 1, 22, 1, 1025, 0, "loop-server/9" },
	{ ANY, 22, 4, 5000, 0, "less-certain/10" },
	{ 2, 1024, 7, 22, 0, "first/11" },
	{ 2, 1024, 8, 22, 0, "second/12" },
};

static void test_match(void **state)
{
	static const struct {
		uint32_t own_cid;
		struct vsockhdr_addr local;
		struct vsockhdr_addr peer;
		const char *who;
	} rows[] = {
		{ 2, { 2, 1024 }, { 3, 22 }, "client/5" },
		{ 2, { 2, 1024 }, { 7, 22 }, "first/11" },
		{ 2, { 2, 1024 }, { 8, 22 }, "second/12" },
		{ 2, { 2, 22 }, { 3, 5000 }, "server/6" },
		{ 2, { 2, 22 }, { 4, 5000 }, "server4/7" },
		{ 2, { 1, 1025 }, { 1, 22 }, "loop-client/8" },
		{ 2, { 1, 22 }, { 1, 1025 }, "loop-server/9" },
		/* Nobody is connected: who listens there */
		{ 2, { 2, 22 }, { 3, 5001 }, "listens/1" },
		{ 2, { 2, 22 }, { 5, 5000 }, "listens/1" },
		{ 2, { 1, 22 }, { 1, 5000 }, "listens/1" },
		{ 2, { 2, 23 }, { 3, 5000 }, "listens2/2" },
		{ 2, { 1, 23 }, { 1, 5000 }, NULL },
		{ 2, { 1, 24 }, { 1, 5000 }, "listens-local/4" },
		{ 2, { 2, 24 }, { 3, 5000 }, "listens-any/3" },
		/* The other end is not here. */
		{ 2, { 3, 22 }, { 2, 1024 }, NULL },
		{ 2, { 3, 5000 }, { 2, 22 }, NULL },
		{ 2, { 3, 24 }, { 2, 5000 }, NULL },
		{ 2, { 2, 25 }, { 3, 5000 }, NULL },
		{ 2, { UINT64_C(1) << 32 | 2, 23 }, { 3, 5000 }, NULL },
		{ 2, { 2, 1024 }, { UINT64_C(1) << 32 | 3, 22 }, NULL },
		/* In a virtual machine, 2 is somebody else to itself, but itself to those
		 * that run in it. */
		{ 5, { 5, 24 }, { 2, 5000 }, "listens-any/3" },
		{ 5, { 2, 24 }, { 5, 5000 }, NULL },
		{ 5, { 2, 24 }, { 6, 5000 }, "listens-any/3" },
		/* Without any CID there is loopback, at the least. */
		{ ANY, { 1, 22 }, { 1, 5000 }, "listens/1" },
		{ ANY, { 5, 22 }, { 2, 5000 }, NULL },
	};
	GArray *sockets = g_array_new(FALSE, FALSE, sizeof(struct open_socket));

	(void)state;
	assert_null(processes_match(sockets, 2, &rows[0].local, &rows[0].peer));
	g_array_append_vals(sockets, match_sockets, G_N_ELEMENTS(match_sockets));
	processes_sort(sockets);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct open_socket *found = processes_match(
			sockets, rows[i].own_cid, &rows[i].local, &rows[i].peer);

		if (!found != !rows[i].who ||
		    (found && strcmp(found->who, rows[i].who) != 0))
			fail_msg("row %zu: %s", i, found ? found->who : "none");
	}
	g_array_free(sockets, TRUE);
}

/* ---- Who has sockets open ---- */

static void make_link(int pid, const char *fd, const char *to)
{
	char *fd_dir = g_strdup_printf("%s/proc/%d/fd", dir, pid);
	char *link = g_build_filename(fd_dir, fd, NULL);

	assert_int_equal(g_mkdir_with_parents(fd_dir, 0700), 0);
	assert_int_equal(symlink(to, link), 0);
	g_free(link);
	g_free(fd_dir);
}

static void make_comm(int pid, const char *comm)
{
	char *path = g_strdup_printf("%s/proc/%d/comm", dir, pid);

	assert_true(g_file_set_contents(path, comm, -1, NULL));
	g_free(path);
}

static void assert_owner(const GArray *owners, guint i, pid_t pid, const char *name)
{
	assert_non_null(owners);
	assert_true(i < owners->len);
	assert_int_equal(g_array_index(owners, struct owner, i).pid, pid);
	assert_string_equal(g_array_index(owners, struct owner, i).name, name);
}

static void test_owners(void **state)
{
	static const struct socket_info asked[] = {
		{ .inode = 100 }, { .inode = 101 },        { .inode = 0 },
		{ .inode = 102 }, { .inode = UINT32_MAX },
	};
	GArray *sockets = g_array_new(FALSE, FALSE, sizeof(struct socket_info));
	char *proc = g_build_filename(dir, "proc", NULL);
	struct owners *owners;

	(void)state;
	make_link(30, "3", "socket:[100]");
	make_link(30, "4", "socket:[100]");
	make_link(30, "5", "socket:[4294967295]");
	make_comm(30, "sshd\n");
	make_link(7, "3", "socket:[100]");
	make_comm(7, "tmux: server\n");
	make_link(8, "0", "socket:[1000]");
	make_link(8, "1", "/dev/null");
	make_link(8, "2", "socket:[101");
	make_link(8, "3", "socket:[0]");
	make_link(8, "4", "socket:[4294967398]");
	make_link(8, "5", "pipe:[101]");
	make_link(9, "5", "socket:[101]");
	make_comm(9, "\x1b[31mred\xff\n");
	/* Nothing but numbers are processes. */
	make_link(10, "5", "socket:[102]");
	assert_int_equal(g_chdir(proc), 0);
	assert_int_equal(rename("10", "self"), 0);

	g_array_append_vals(sockets, asked, G_N_ELEMENTS(asked));
	owners = owners_find(proc, sockets);
	assert_owner(owners_get(owners, 100), 0, 7, "tmux:_server");
	assert_owner(owners_get(owners, 100), 1, 30, "sshd");
	assert_int_equal(owners_get(owners, 100)->len, 2);
	assert_owner(owners_get(owners, 101), 0, 9, "?[31mred?");
	assert_int_equal(owners_get(owners, 101)->len, 1);
	assert_null(owners_get(owners, 102));
	assert_null(owners_get(owners, 0));
	assert_null(owners_get(owners, 1000));
	assert_owner(owners_get(owners, UINT32_MAX), 0, 30, "sshd");
	assert_false(owners_hidden(owners));
	owners_free(owners);

	/* A process that is gone has no name any more. */
	make_link(31, "3", "socket:[102]");
	owners = owners_find(proc, sockets);
	assert_owner(owners_get(owners, 102), 0, 31, "?");
	owners_free(owners);

	owners = owners_find("/nonexistent", sockets);
	assert_null(owners_get(owners, 100));
	assert_true(owners_hidden(owners));
	owners_free(owners);
	g_array_free(sockets, TRUE);
	g_free(proc);
}

/* ---- The list ---- */

static char *print(bool json, const struct naming *names, bool expected)
{
	char *path = g_build_filename(dir, "stdout", NULL);
	int saved = dup(STDOUT_FILENO);
	char *text;

	fflush(stdout);
	assert_non_null(freopen(path, "w", stdout));
	assert_int_equal(sockets_print(json, names), expected);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	close(saved);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_free(path);
	return text;
}

static void test_list(void **state)
{
	uint32_t inode;
	int fd = own_socket(&inode);
	char *text, *expected;

	(void)state;
	add_socket(77, ADDR(ANY, 4294967294), ADDR(1, 4294967294), 0);
	kernel->sockets[0].type = 9;
	kernel->sockets[0].shutdown = 2;
	add_socket(7, ADDR(ANY, 1024), NOBODY, 0);
	kernel->sockets[1].type = SOCK_DGRAM;
	add_socket(1, ADDR(2, 22), ADDR(3, 4000000000), 4294967295);
	kernel->sockets[2].type = SOCK_SEQPACKET;
	kernel->sockets[2].shutdown = 3;
	add_socket(10, ADDR(ANY, 22), NOBODY, inode);

	text = print(false, NULL, true);
	expected = g_strdup_printf(
		"Type       State   Local         Peer          Inode       Shutdown      "
		"Processes\n"
		"stream     LISTEN  *:22          *:*           %-10u  -             "
		"a_?[1m_name/%d\n"
		"seqpacket  ESTAB   2:22          3:4000000000  4294967295  RECEIVE,SEND  -\n"
		"dgram      UNCONN  *:1024        *:*           0           -             -\n"
		"9          77      *:4294967294  1:4294967294  0           SEND          -\n",
		inode, (int)getpid());
	assert_string_equal(text, expected);
	g_free(expected);
	g_free(text);
	close(fd);
}

static void test_list_names(void **state)
{
	char *path = g_build_filename(dir, "cids", NULL);
	const struct naming_options options = { .cids_file = path };
	struct naming *names;
	char *text;

	(void)state;
	assert_true(g_file_set_contents(path, "3 web1\n", -1, NULL));
	names = naming_new(&options);
	add_socket(1, ADDR(2, 22), ADDR(3, 1024), 0);
	text = print(false, names, true);
	assert_string_equal(text, "Type    State  Local     Peer       Inode  Shutdown  "
				  "Processes\n"
				  "stream  ESTAB  host:ssh  web1:1024  0      -         "
				  "-\n");
	g_free(text);
	naming_free(names);
	g_free(path);
}

static void test_list_json(void **state)
{
	uint32_t inode;
	int fd = own_socket(&inode);
	char *text, *expected;

	(void)state;
	add_socket(10, ADDR(ANY, 22), NOBODY, inode);
	add_socket(2, ADDR(2, 1024), ADDR(3, 99), 0);
	kernel->sockets[1].shutdown = 1;
	text = print(true, NULL, true);
	expected = g_strdup_printf(
		"{\"type\":\"stream\",\"state\":\"LISTEN\",\"local\":\"4294967295:22\","
		"\"local_cid\":4294967295,\"local_port\":22,\"peer\":null,"
		"\"peer_cid\":null,\"peer_port\":null,\"inode\":%u,\"shutdown\":[],"
		"\"processes\":[{\"name\":\"a_?[1m_name\",\"pid\":%d}]}\n"
		"{\"type\":\"stream\",\"state\":\"SYN-SENT\",\"local\":\"2:1024\","
		"\"local_cid\":2,\"local_port\":1024,\"peer\":\"3:99\",\"peer_cid\":3,"
		"\"peer_port\":99,\"inode\":0,\"shutdown\":[\"RECEIVE\"],"
		"\"processes\":[]}\n",
		inode, (int)getpid());
	assert_string_equal(text, expected);
	g_free(expected);
	g_free(text);
	close(fd);
}

static void test_list_nothing(void **state)
{
	char *text;

	(void)state;
	text = print(true, NULL, true);
	assert_string_equal(text, "");
	g_free(text);
	kernel->offer = SOCKETS_NO_FAMILY;
	text = print(false, NULL, true);
	assert_string_equal(text,
			    "Type  State  Local  Peer  Inode  Shutdown  Processes\n");
	g_free(text);
	assert_int_equal(kernel->looks, 1);
	kernel->offer = SOCKETS_NO_MODULE;
	g_free(print(false, NULL, false));
	assert_int_equal(kernel->looks, 1);
	kernel->offer = SOCKETS_OFFERED;
	kernel->error = ENOENT;
	g_free(print(false, NULL, false));
}

/* ---- Who a packet belongs to ---- */

static const struct vsockhdr_addr here = { 2, 1024 }, there = { 3, 22 };

/** Beyond what a machine takes that hardly gets a processor, in microseconds */
#define PATIENCE_US INT64_C(60000000)

static bool is_who(struct processes *processes, const struct vsockhdr_addr *local,
		   const struct vsockhdr_addr *peer, pid_t pid, const char *more)
{
	char *expected = g_strdup_printf("a_?[1m_name/%d%s", (int)pid, more);
	const char *who = processes_find(processes, local, peer);
	bool same = who && strcmp(who, expected) == 0;

	g_free(expected);
	return same;
}

static void assert_who(struct processes *processes, const struct vsockhdr_addr *local,
		       const struct vsockhdr_addr *peer)
{
	assert_true(is_who(processes, local, peer, getpid(), ""));
}

/* A packet waits only so long for a look, and a look must not come too soon: until then
 * nobody is known, or who was known before. */
static void wait_for_who(struct processes *processes, const struct vsockhdr_addr *local,
			 const struct vsockhdr_addr *peer, pid_t pid, const char *more)
{
	int64_t begin = g_get_monotonic_time();

	while (!is_who(processes, local, peer, pid, more)) {
		assert_true(g_get_monotonic_time() - begin < PATIENCE_US);
		g_usleep(1000);
	}
}

static void test_find(void **state)
{
	struct vsockhdr_addr later = { 2, 1025 };
	struct processes *processes;
	uint32_t inode;
	int fd = own_socket(&inode);
	int64_t begin = g_get_monotonic_time();
	unsigned int looks;

	(void)state;
	add_socket(1, ADDR(ANY, 1024), there, inode);
	processes = processes_start();
	assert_non_null(processes);
	assert_int_equal(kernel->looks, 0);
	wait_for_who(processes, &here, &there, getpid(), "");
	assert_int_equal(kernel->looks, 1);
	assert_null(processes_find(processes, &there, &here));
	assert_null(processes_find(NULL, &here, &there));

	/* From memory, with a look now and then */
	for (int i = 0; i < 1000; i++)
		assert_who(processes, &here, &there);
	assert_true(kernel->looks <= 2 + (g_get_monotonic_time() - begin) / 50000);

	/* A new one, though not too soon after the last look */
	add_socket(1, ADDR(2, 1025), there, inode);
	wait_for_who(processes, &later, &there, getpid(), "");

	/* Who had a socket that is gone is remembered, when the second of the looks from
	 * now, which finds nothing, has been answered, too; */
	kernel->count = 0;
	looks = kernel->looks;
	begin = g_get_monotonic_time();
	while (kernel->looks < looks + 3) {
		assert_who(processes, &here, &there);
		assert_true(g_get_monotonic_time() - begin < PATIENCE_US);
		g_usleep(1000);
	}
	assert_who(processes, &here, &there);
	/* but a new connection is another one. */
	processes_forget(processes, &there, &here);
	assert_null(processes_find(processes, &here, &there));
	processes_end(processes);
	processes_end(NULL);
	close(fd);
}

/* A connection that another process is given */
static void test_handed_on(void **state)
{
	struct processes *processes;
	uint32_t inode, other_inode;
	int fd = own_socket(&inode);
	int other = own_socket(&other_inode);
	struct vsockhdr_addr server = { 2, 22 }, client = { 3, 1024 };
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fd);
		pause();
		_exit(0);
	}
	close(other);
	add_socket(SOCKET_STATE_LISTEN, ADDR(ANY, 22), NOBODY, inode);
	processes = processes_start();
	wait_for_who(processes, &server, &client, getpid(), "");
	add_socket(SOCKET_STATE_ESTABLISHED, server, client, other_inode);
	wait_for_who(processes, &server, &client, pid, "");
	processes_end(processes);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
}

static void test_several(void **state)
{
	struct processes *processes;
	uint32_t inode;
	int fd = own_socket(&inode);
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	add_socket(1, here, there, inode);
	processes = processes_start();
	wait_for_who(processes, &here, &there, getpid(), "+1");
	processes_end(processes);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
}

/* Nothing is waited for longer than is promised, and the answer counts when it comes. */
static void test_slow(void **state)
{
	struct processes *processes;
	uint32_t inode;
	int fd = own_socket(&inode);
	int64_t begin, took;

	(void)state;
	kernel->holds = true;
	add_socket(1, here, there, inode);
	processes = processes_start();
	begin = g_get_monotonic_time();
	for (int i = 0; i < 1000; i++)
		assert_null(processes_find(processes, &here, &there));
	took = g_get_monotonic_time() - begin;
	assert_true(took >= 200000);
	/* Not 200 ms each */
	assert_true(took < PATIENCE_US);
	kernel->holds = false;
	wait_for_who(processes, &here, &there, getpid(), "");
	assert_int_equal(kernel->looks, 1);
	processes_end(processes);
	close(fd);
}

static void test_unanswered(void **state)
{
	struct processes *processes;
	int64_t begin;

	(void)state;
	/* The kernel does not answer the child. */
	kernel->error = ENOENT;
	processes = processes_start();
	assert_null(processes_find(processes, &here, &there));
	processes_end(processes);
	/* The child dies. */
	kernel->error = 0;
	kernel->dies = true;
	processes = processes_start();
	begin = g_get_monotonic_time();
	for (int i = 0; i < 1000; i++)
		assert_null(processes_find(processes, &here, &there));
	processes_forget(processes, &here, &there);
	assert_true(g_get_monotonic_time() - begin < PATIENCE_US);
	processes_end(processes);

	kernel->offer = SOCKETS_NO_MODULE;
	assert_null(processes_start());
	kernel->offer = SOCKETS_NO_FAMILY;
	assert_null(processes_start());
}

/* More connections than are remembered, none of which is known */
static void test_many(void **state)
{
	struct processes *processes;
	int64_t begin;

	(void)state;
	processes = processes_start();
	begin = g_get_monotonic_time();
	for (uint32_t port = 0; port < 200000; port++)
		assert_null(processes_find(processes, &ADDR(2, port), &there));
	/* Looks that may take 200 ms each, in the worst case; there were only few. */
	assert_true(g_get_monotonic_time() - begin < 2 * PATIENCE_US);
	assert_true(kernel->looks <= 1 + (g_get_monotonic_time() - begin) / 50000);
	processes_end(processes);
}

#define kernel_test(test) cmocka_unit_test_setup(test, reset_kernel)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match), cmocka_unit_test(test_owners),
		kernel_test(test_list),       kernel_test(test_list_names),
		kernel_test(test_list_json),  kernel_test(test_list_nothing),
		kernel_test(test_find),       kernel_test(test_handed_on),
		kernel_test(test_several),    kernel_test(test_slow),
		kernel_test(test_unanswered), kernel_test(test_many),
	};

	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
