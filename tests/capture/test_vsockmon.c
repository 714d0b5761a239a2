/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Devices for as long as somebody wants them: made, brought up and removed in a network
 * namespace of the test's own, of a kind that this kernel has. The driver itself is
 * tested on real kernels (tests/vm/scenarios/temporary.sh).
 */

#include <arpa/inet.h>
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vsockmon.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How long the keeper of somebody who was killed may take, in looks of 10 ms */
#define MAX_LOOKS 6000

static struct mnl_socket *links;
static const char *kind;

/* The name of the kind's device of this number */
static const char *name_of(int number)
{
	static char name[VSOCKHDR_IFNAME_LEN];

	snprintf(name, sizeof(name), "%s%d", kind, number);
	return name;
}

static void add(const char *name)
{
	assert_int_equal(links_add(links, name, kind), 0);
}

static struct link_info get(const char *name)
{
	struct link_info link;

	assert_int_equal(links_get(links, 0, name, &link), 0);
	assert_string_equal(link.name, name);
	return link;
}

static void drop(const char *name)
{
	assert_int_equal(links_remove(links, get(name).index), 0);
}

static void assert_gone(const char *name)
{
	struct link_info link;

	assert_int_equal(links_get(links, 0, name, &link), -ENODEV);
}

static void test_owner(void **state)
{
	static const struct {
		const char *alias;
		pid_t owner;
	} cases[] = {
		{ "vsockdump temporary 1", 1 },
		{ "vsockdump temporary 4194304", 4194304 },
		{ "", 0 },
		{ "vsockdump", 0 },
		{ "vsockdump temporary ", 0 },
		{ "vsockdump temporary 0", 0 },
		{ "vsockdump temporary 12x", 0 },
		{ "vsockdump temporary -12", 0 },
		{ "vsockdump temporary  12", 0 },
		{ "vsockdump temporary 1234567890", 0 },
		{ "my vsockdump temporary 12", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct link_info link = { .index = 1 };

		snprintf(link.alias, sizeof(link.alias), "%s", cases[i].alias);
		assert_int_equal(vsockmon_owner(&link), cases[i].owner);
	}
}

static void test_make(void **state)
{
	struct vsockmon made;
	struct link_info link;

	(void)state;
	assert_int_equal(vsockmon_make(&made, kind), VSOCKMON_DONE);
	assert_string_equal(made.name, name_of(0));
	link = get(name_of(0));
	assert_true(link.up);
	assert_string_equal(link.kind, kind);
	assert_int_equal(vsockmon_owner(&link), getpid());
	assert_true(vsockmon_remove(&made));
	assert_string_equal(made.name, "");
	assert_gone(name_of(0));
	assert_true(vsockmon_remove(&made));
}

/* The first number that is free; and two of them at once */
static void test_names(void **state)
{
	struct vsockmon made[2];

	(void)state;
	add(name_of(1));
	assert_int_equal(vsockmon_make(&made[0], kind), VSOCKMON_DONE);
	assert_string_equal(made[0].name, name_of(0));
	assert_int_equal(vsockmon_make(&made[1], kind), VSOCKMON_DONE);
	assert_string_equal(made[1].name, name_of(2));
	assert_true(vsockmon_remove(&made[0]));
	assert_gone(name_of(0));
	assert_true(get(name_of(2)).up);
	assert_true(vsockmon_remove(&made[1]));
	assert_gone(name_of(2));
	drop(name_of(1));
}

static void test_raise(void **state)
{
	struct vsockmon raised;

	(void)state;
	add("mine");
	assert_false(get("mine").up);
	assert_int_equal(vsockmon_raise(&raised, "mine"), VSOCKMON_DONE);
	assert_string_equal(raised.name, "mine");
	assert_true(get("mine").up);
	assert_string_equal(get("mine").alias, "");
	assert_true(vsockmon_remove(&raised));
	assert_false(get("mine").up);
	drop("mine");
}

/* Somebody else has begun to capture on it */
static void test_raise_shared(void **state)
{
	const struct sockaddr_ll everything = { .sll_family = AF_PACKET,
						.sll_protocol = htons(ETH_P_ALL) };
	struct sockaddr_ll here = everything;
	struct vsockmon raised;
	int everywhere = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	(void)state;
	add("mine");
	here.sll_ifindex = (int)get("mine").index;
	assert_int_equal(bind(everywhere, (const void *)&everything, sizeof(everything)),
			 0);
	assert_int_equal(vsockmon_raise(&raised, "mine"), VSOCKMON_DONE);
	assert_int_equal(bind(fd, (const void *)&here, sizeof(here)), 0);
	assert_true(vsockmon_remove(&raised));
	assert_true(get("mine").up);
	close(fd);

	/* Who captures everywhere does not need this one. */
	assert_int_equal(vsockmon_raise(&raised, "mine"), VSOCKMON_DONE);
	assert_true(vsockmon_remove(&raised));
	assert_false(get("mine").up);
	close(everywhere);
	drop("mine");
}

static void test_failures(void **state)
{
	struct vsockmon none;

	(void)state;
	assert_int_equal(vsockmon_make(&none, "nosuchkind"), VSOCKMON_NO_KIND);
	assert_string_equal(none.name, "");
	assert_int_equal(none.keeper.pid, 0);
	assert_int_equal(vsockmon_raise(&none, "nosuch0"), VSOCKMON_FAILED);
	assert_int_equal(none.keeper.pid, 0);
	assert_true(vsockmon_remove(&none));
}

static void test_removed_meanwhile(void **state)
{
	struct vsockmon made;

	(void)state;
	assert_int_equal(vsockmon_make(&made, kind), VSOCKMON_DONE);
	drop(made.name);
	assert_true(vsockmon_remove(&made));

	/* Another one has its name by now. */
	assert_int_equal(vsockmon_make(&made, kind), VSOCKMON_DONE);
	drop(made.name);
	add(name_of(0));
	assert_true(vsockmon_remove(&made));
	drop(name_of(0));

	add("mine");
	assert_int_equal(vsockmon_raise(&made, "mine"), VSOCKMON_DONE);
	drop("mine");
	assert_true(vsockmon_remove(&made));
}

/* Somebody gave it an alias of their own: they want to keep it */
static void test_adopted(void **state)
{
	struct vsockmon made;

	(void)state;
	assert_int_equal(vsockmon_make(&made, kind), VSOCKMON_DONE);
	assert_int_equal(links_change(links, get(made.name).index, true, "ours"), 0);
	assert_true(vsockmon_remove(&made));
	assert_string_equal(get(name_of(0)).alias, "ours");
	drop(name_of(0));
}

static void assert_line(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no line %s in:\n%s", line, text);
}

static void test_keeper(void **state)
{
	struct vsockmon made;
	char path[64];
	char text[4096] = "";
	FILE *file;

	(void)state;
	assert_int_equal(vsockmon_make(&made, kind), VSOCKMON_DONE);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)made.keeper.pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	/* CAP_NET_ADMIN is bit 12. */
	assert_line(text, "\nCapInh:\t0000000000000000\n");
	assert_line(text, "\nCapPrm:\t0000000000001000\n");
	assert_line(text, "\nCapEff:\t0000000000001000\n");
	assert_line(text, "\nCapAmb:\t0000000000000000\n");
	assert_line(text, "\nNoNewPrivs:\t1\n");
	for (int fd = 0; fd <= STDOUT_FILENO; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)made.keeper.pid, fd);
		memset(text, 0, sizeof(text));
		assert_true(readlink(path, text, sizeof(text) - 1) > 0);
		assert_string_equal(text, "/dev/null");
	}
	assert_true(vsockmon_remove(&made));
}

/* The end of a process that was forked */
static int end_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_not_permitted(void **state)
{
	pid_t pid;

	(void)state;
	add("mine");
	pid = fork();
	if (pid == 0) {
		struct vsockmon none;

		capng_clear(CAPNG_SELECT_CAPS);
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
		capng_apply(CAPNG_SELECT_CAPS);
		if (vsockmon_make(&none, kind) != VSOCKMON_NOT_PERMITTED)
			_exit(1);
		_exit(vsockmon_raise(&none, "mine") == VSOCKMON_NOT_PERMITTED ? 0 : 2);
	}
	assert_int_equal(end_of(pid), 0);
	assert_gone(name_of(0));
	assert_false(get("mine").up);
	drop("mine");
}

static bool is_left(const char *name, bool raised)
{
	struct link_info link;

	return links_get(links, 0, name, &link) == 0 && (link.up || !raised);
}

/* Somebody who has one and does not end in order; with their whole process group, where
 * the signal is negative */
static void die_of(int signal, bool raised)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct vsockmon device;

		setpgid(0, 0);
		if ((raised ? vsockmon_raise(&device, name_of(0))
			    : vsockmon_make(&device, kind)) != VSOCKMON_DONE)
			_exit(1);
		kill(signal < 0 ? 0 : getpid(), abs(signal));
		_exit(2);
	}
	assert_int_equal(end_of(pid), -abs(signal));
	for (int i = 0; i < MAX_LOOKS && is_left(name_of(0), raised); i++)
		usleep(10000);
	assert_false(is_left(name_of(0), raised));
}

static void test_killed(void **state)
{
	static const int signals[] = { SIGKILL, -SIGKILL, SIGTERM, -SIGTERM,
				       -SIGINT, -SIGHUP,  SIGABRT };

	(void)state;
	for (size_t i = 0; i < COUNT(signals); i++)
		die_of(signals[i], false);
	assert_gone(name_of(0));
	add(name_of(0));
	die_of(SIGKILL, true);
	drop(name_of(0));
}

/* Many begin at the same moment: each has one of its own. */
static void test_many(void **state)
{
	pid_t pids[10];
	int start[2];
	char byte;

	(void)state;
	assert_int_equal(pipe2(start, O_CLOEXEC), 0);
	for (size_t i = 0; i < COUNT(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct mnl_socket *socket = links_open();
			struct link_info link;
			struct vsockmon made;

			close(start[1]);
			if (read(start[0], &byte, 1) != 0 ||
			    vsockmon_make(&made, kind) != VSOCKMON_DONE ||
			    links_get(socket, 0, made.name, &link) != 0 || !link.up ||
			    vsockmon_owner(&link) != getpid())
				_exit(1);
			_exit(vsockmon_remove(&made) ? 0 : 2);
		}
	}
	close(start[0]);
	close(start[1]);
	for (size_t i = 0; i < COUNT(pids); i++)
		assert_int_equal(end_of(pids[i]), 0);
	for (int i = 0; i < (int)COUNT(pids); i++)
		assert_gone(name_of(i));
}

/* What links_each() sees */
static void on_link(const struct link_info *link, void *context)
{
	int *seen = context;

	if (strcmp(link->name, "first") == 0 && strcmp(link->kind, kind) == 0)
		seen[0]++;
	if (strcmp(link->name, "second") == 0 && link->up &&
	    strcmp(link->alias, "an alias") == 0)
		seen[1]++;
}

static void test_each(void **state)
{
	int seen[2] = { 0, 0 };

	(void)state;
	add("first");
	add("second");
	assert_int_equal(links_change(links, get("second").index, true, "an alias"), 0);
	assert_int_equal(links_add(links, "first", kind), -EEXIST);
	assert_int_equal(links_each(on_link, seen), 0);
	assert_int_equal(seen[0], 1);
	assert_int_equal(seen[1], 1);
	drop("first");
	drop("second");
	assert_int_equal(links_remove(links, 0x7fffffff), -ENODEV);
}

/* A namespace in which we may do anything, and a kind of device to do it with */
static bool prepare(void)
{
	static const char *const kinds[] = { "dummy", "ifb", "bridge" };

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	links = links_open();
	if (!links)
		return false;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct link_info link;

		if (links_add(links, "try", kinds[i]) < 0)
			continue;
		kind = kinds[i];
		return links_get(links, 0, "try", &link) == 0 &&
		       links_remove(links, link.index) == 0;
	}
	return false;
}

int main(void)
{
	const struct CMUnitTest pure[] = { cmocka_unit_test(test_owner) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_raise),
		cmocka_unit_test(test_raise_shared),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_removed_meanwhile),
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_keeper),
		cmocka_unit_test(test_not_permitted),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_many),
	};
	const char *ci = getenv("CI");
	int failed = cmocka_run_group_tests_name("pure", pure, NULL, NULL);

	if (failed != 0)
		return failed;
	if (!prepare()) {
		fputs("SKIPPED: capture.vsockmon: no network namespace with devices\n",
		      stderr);
		return ci && strcmp(ci, "true") == 0 ? 1 : 77;
	}
	failed = cmocka_run_group_tests_name("devices", tests, NULL, NULL);
	links_close(links);
	return failed;
}
