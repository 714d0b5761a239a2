/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Privileges are given up in a child, which then prints what the kernel says of it.
 */

#include "privileges.h"

#include "in_child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define BIT(capability) (UINT64_C(1) << (capability))
#define USER            "nobody"

/* What this process has: what a container has not given cannot be kept. */
static uint64_t permitted;
static uint64_t bounding;
static const struct passwd *nobody;

/* Root may become nobody; in a user namespace there may be no such user. */
static bool can_change;

static bool become_nobody(void)
{
	return setgroups(0, NULL) == 0 &&
	       setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) == 0 &&
	       setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) == 0;
}

static int try_change(const void *context)
{
	(void)context;
	return !become_nobody();
}

/* A line of /proc/PID/status */
static const char *line_of(const char *status, const char *name)
{
	static char line[512];
	const char *begin = strstr(status, name);

	assert_non_null(begin);
	begin += strlen(name);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(begin, "\n"), begin);
	return line;
}

static uint64_t mask_of(const char *status, const char *name)
{
	return strtoull(line_of(status, name), NULL, 16);
}

static void read_status(char *status, size_t size)
{
	FILE *file = fopen("/proc/self/status", "r");
	size_t n;

	if (!file)
		abort();
	n = fread(status, 1, size - 1, file);
	status[n] = '\0';
	fclose(file);
}

static void print_status(void)
{
	char status[4096];

	read_status(status, sizeof(status));
	fputs(status, stdout);
	fflush(stdout);
}

static void expect_capabilities(const char *status, uint64_t expected)
{
	expected &= permitted;
	assert_int_equal(mask_of(status, "CapEff:"), expected);
	assert_int_equal(mask_of(status, "CapPrm:"), expected);
	assert_int_equal(mask_of(status, "CapInh:"), 0);
	assert_int_equal(mask_of(status, "CapAmb:"), 0);
	assert_string_equal(line_of(status, "NoNewPrivs:"), "\t1");
	if (permitted & BIT(CAP_SETPCAP))
		assert_int_equal(mask_of(status, "CapBnd:"), 0);
	else
		assert_int_equal(mask_of(status, "CapBnd:"), bounding);
}

static void expect_user(const char *status, unsigned int uid, unsigned int gid)
{
	char line[64];

	snprintf(line, sizeof(line), "\t%u\t%u\t%u\t%u", uid, uid, uid, uid);
	assert_string_equal(line_of(status, "Uid:"), line);
	snprintf(line, sizeof(line), "\t%u\t%u\t%u\t%u", gid, gid, gid, gid);
	assert_string_equal(line_of(status, "Gid:"), line);
}

/* The user's groups as the system's files tell them, in the form of the status */
static void expect_groups(const char *status)
{
	gid_t groups[64];
	int count = 64;
	char line[512] = "\t";

	assert_true(getgrouplist(nobody->pw_name, nobody->pw_gid, groups, &count) > 0);
	for (int i = 0; i < count; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%u ",
			 groups[i]);
	assert_string_equal(line_of(status, "Groups:"), line);
}

/**
 * struct course - Calls of both functions, and what must remain
 * @user:	For both
 * @needed:	For privileges_limit()
 * @kept:	For privileges_drop()
 * @limited:	Capabilities after the first
 * @dropped:	Capabilities after the second
 */
struct course {
	const char *user;
	unsigned int needed;
	unsigned int kept;
	uint64_t limited;
	uint64_t dropped;
};

#define CHANGE  (BIT(CAP_SETUID) | BIT(CAP_SETGID))
#define PROCESS (BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH))

static const struct course courses[] = {
	{ NULL, 0, 0, 0, 0 },
	{ NULL, PRIVILEGE_CAPTURE, 0, BIT(CAP_NET_RAW), 0 },
	{ NULL, PRIVILEGE_CAPTURE | PRIVILEGE_INTERFACE, PRIVILEGE_INTERFACE,
	  BIT(CAP_NET_RAW) | BIT(CAP_NET_ADMIN), BIT(CAP_NET_ADMIN) },
	{ NULL, PRIVILEGE_FILES, PRIVILEGE_FILES, BIT(CAP_DAC_OVERRIDE),
	  BIT(CAP_DAC_OVERRIDE) },
	{ NULL, PRIVILEGE_PROCESSES, PRIVILEGE_PROCESSES, PROCESS, PROCESS },
	/* What was given up before cannot be kept. */
	{ NULL, 0, PRIVILEGE_CAPTURE, 0, 0 },
	{ USER, PRIVILEGE_CAPTURE, 0, BIT(CAP_NET_RAW) | CHANGE, 0 },
	{ USER, PRIVILEGE_CAPTURE | PRIVILEGE_INTERFACE, PRIVILEGE_INTERFACE,
	  BIT(CAP_NET_RAW) | BIT(CAP_NET_ADMIN) | CHANGE, BIT(CAP_NET_ADMIN) },
};

static int limit(const void *context)
{
	const struct course *course = context;

	if (!privileges_limit(course->needed, course->user))
		return 1;
	print_status();
	return 0;
}

static int limit_and_drop(const void *context)
{
	const struct course *course = context;

	if (!privileges_limit(course->needed, course->user) ||
	    !privileges_drop(course->user, course->kept))
		return 1;
	print_status();
	return 0;
}

static int drop(const void *context)
{
	const struct course *course = context;

	if (!privileges_drop(course->user, course->kept))
		return 1;
	print_status();
	return 0;
}

static void expect_dropped(const struct outcome *outcome, const struct course *course)
{
	assert_int_equal(outcome->status, 0);
	if (course->user) {
		expect_user(outcome->text, nobody->pw_uid, nobody->pw_gid);
		expect_groups(outcome->text);
	} else {
		expect_user(outcome->text, geteuid(), getegid());
	}
}

static void test_courses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
		const struct course *course = &courses[i];
		struct outcome outcome;

		if (course->user && !can_change)
			continue;
		outcome = in_child(limit, course);
		assert_int_equal(outcome.status, 0);
		expect_user(outcome.text, geteuid(), getegid());
		expect_capabilities(outcome.text, course->limited);

		outcome = in_child(limit_and_drop, course);
		expect_dropped(&outcome, course);
		expect_capabilities(outcome.text, course->dropped);
	}
}

/* Without limiting first */
static void test_drop_alone(void **state)
{
	const struct course stay = { .kept = PRIVILEGE_FILES };
	const struct course change = { .user = USER };
	struct outcome outcome;

	(void)state;
	outcome = in_child(drop, &stay);
	expect_dropped(&outcome, &stay);
	expect_capabilities(outcome.text, BIT(CAP_DAC_OVERRIDE));
	if (!can_change)
		return;
	outcome = in_child(drop, &change);
	expect_dropped(&outcome, &change);
	expect_capabilities(outcome.text, 0);
}

static int socket_error(int domain, int type)
{
	int fd = socket(domain, type, 0);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Everything that should not be possible any more. Prints what is. */
static int go_back(const void *context)
{
	const char *user = context;
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { .effective = 1 << CAP_NET_RAW,
						    .permitted = 1 << CAP_NET_RAW } };

	if (!privileges_limit(PRIVILEGE_CAPTURE, user) || !privileges_drop(user, 0))
		return 1;
	if (syscall(SYS_capset, &header, data) == 0)
		puts("capset");
	if (socket_error(AF_PACKET, SOCK_RAW) != EPERM)
		puts("packet socket");
	if (chroot("/") == 0)
		puts("chroot");
	if (setgroups(0, NULL) == 0)
		puts("setgroups");
	if (prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0)
		puts("no_new_privs");
	if (user && (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0))
		puts("setuid");
	if (user && open("/etc/shadow", O_RDONLY) >= 0)
		puts("shadow");
	/* Where an administrator wants cores of such programs, they may be seen into. */
	if (user && prctl(PR_GET_DUMPABLE) == 1)
		puts("dumpable");
	return 0;
}

static void test_no_way_back(void **state)
{
	struct outcome outcome = in_child(go_back, NULL);

	(void)state;
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.text, "");
	if (!can_change)
		return;
	outcome = in_child(go_back, USER);
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.text, "");
}

/* Being root gives a program that is run all capabilities, usually. */
static int drop_and_run(const void *context)
{
	if (!privileges_limit(PRIVILEGE_CAPTURE, context) || !privileges_drop(context, 0))
		return 1;
	execlp("cat", "cat", "/proc/self/status", NULL);
	return 2;
}

static int limit_and_run(const void *context)
{
	(void)context;
	if (!privileges_limit(PRIVILEGE_CAPTURE, NULL))
		return 1;
	execlp("cat", "cat", "/proc/self/status", NULL);
	return 2;
}

static void test_programs(void **state)
{
	struct outcome outcome;

	(void)state;
	outcome = in_child(drop_and_run, NULL);
	assert_int_equal(outcome.status, 0);
	expect_capabilities(outcome.text, 0);
	/* While capturing is still allowed, programs are not. */
	outcome = in_child(limit_and_run, NULL);
	assert_int_equal(outcome.status, 0);
	if (permitted & BIT(CAP_SETPCAP))
		expect_capabilities(outcome.text, 0);
	else
		expect_capabilities(outcome.text, BIT(CAP_NET_RAW));
}

static void expect_message(int (*run)(const void *context), const void *context,
			   const char *text)
{
	struct outcome outcome = in_child(run, context);

	assert_string_equal(outcome.text, text);
	assert_int_equal(outcome.status, 1);
}

static void test_unknown_user(void **state)
{
	const struct course course = { .user = "no-such-user" };
	const struct course number = { .user = "65534" };
	const struct course empty = { .user = "" };

	(void)state;
	expect_message(limit, &course, "vsockdump: -Z: there is no user no-such-user\n");
	expect_message(drop, &course, "vsockdump: -Z: there is no user no-such-user\n");
	expect_message(limit, &number, "vsockdump: -Z: there is no user 65534\n");
	expect_message(limit, &empty, "vsockdump: -Z: there is no user \n");
}

/* Who only limits to what capturing takes cannot change the user any more: dropping must
 * not go on as root. */
static int forget_user(const void *context)
{
	(void)context;
	return !privileges_limit(PRIVILEGE_CAPTURE, NULL) || !privileges_drop(USER, 0);
}

/* Root that may change its groups, but not its user */
static int lack_setuid(const void *context)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { .effective = 1 << CAP_SETGID,
						    .permitted = 1 << CAP_SETGID } };

	(void)context;
	if (syscall(SYS_capset, &header, data) < 0)
		return 2;
	return !privileges_drop(USER, 0);
}

static void test_cannot_change(void **state)
{
	(void)state;
	if (!can_change)
		return;
	expect_message(forget_user, NULL,
		       "vsockdump: -Z: cannot take the groups of " USER
		       ": Operation not permitted\n");
	expect_message(lack_setuid, NULL,
		       "vsockdump: -Z: cannot become " USER
		       ": Operation not permitted\n");
}

static int as_nobody(const void *context)
{
	return become_nobody() ? limit_and_drop(context) : 2;
}

/* As with file capabilities: some capabilities, and no root */
static int with_capabilities(const void *context)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const uint32_t some =
		(uint32_t)permitted & (1 << CAP_NET_RAW | 1 << CAP_NET_ADMIN);
	struct __user_cap_data_struct data[2] = { { .permitted = some,
						    .inheritable = some } };

	/* Not effective: permitted is enough. Ambient: programs would get it. */
	if (prctl(PR_SET_KEEPCAPS, 1) < 0 || !become_nobody() ||
	    syscall(SYS_capset, &header, data) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) < 0)
		return 2;
	return limit(context);
}

static void test_other_user(void **state)
{
	const struct course stay = { .needed = PRIVILEGE_CAPTURE };
	const struct course self = { .user = USER };
	const struct course root = { .user = "root" };
	struct outcome outcome;

	(void)state;
	if (!can_change)
		return;
	outcome = in_child(as_nobody, &stay);
	assert_int_equal(outcome.status, 0);
	assert_int_equal(mask_of(outcome.text, "CapPrm:"), 0);
	assert_string_equal(line_of(outcome.text, "NoNewPrivs:"), "\t1");
	outcome = in_child(as_nobody, &self);
	assert_int_equal(outcome.status, 0);
	expect_user(outcome.text, nobody->pw_uid, nobody->pw_gid);
	expect_message(as_nobody, &root, "vsockdump: -Z: only root can become root\n");

	outcome = in_child(with_capabilities, &stay);
	assert_int_equal(outcome.status, 0);
	assert_int_equal(mask_of(outcome.text, "CapPrm:"), BIT(CAP_NET_RAW) & permitted);
	assert_int_equal(mask_of(outcome.text, "CapEff:"), BIT(CAP_NET_RAW) & permitted);
	assert_int_equal(mask_of(outcome.text, "CapInh:"), 0);
	assert_int_equal(mask_of(outcome.text, "CapAmb:"), 0);
	assert_int_equal(mask_of(outcome.text, "CapBnd:"), bounding);
}

static int as_setuid(const void *context)
{
	(void)context;
	if (setresuid(nobody->pw_uid, 0, 0) < 0)
		return 2;
	return !privileges_limit(PRIVILEGE_CAPTURE, NULL);
}

static void test_setuid(void **state)
{
	(void)state;
	if (!can_change)
		return;
	expect_message(as_setuid, NULL,
		       "vsockdump: must not be set-user-ID or set-group-ID: give the "
		       "program capabilities instead, see vsockdump(8)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_courses),      cmocka_unit_test(test_drop_alone),
		cmocka_unit_test(test_no_way_back),  cmocka_unit_test(test_programs),
		cmocka_unit_test(test_unknown_user), cmocka_unit_test(test_cannot_change),
		cmocka_unit_test(test_other_user),   cmocka_unit_test(test_setuid),
	};
	const char *ci = getenv("CI");
	char status[4096];
	int failures;

	read_status(status, sizeof(status));
	permitted = mask_of(status, "CapPrm:");
	bounding = mask_of(status, "CapBnd:");
	nobody = getpwnam(USER);
	can_change = in_child(try_change, NULL).status == 0;
	failures = cmocka_run_group_tests(tests, NULL, NULL);
	if (failures == 0 && !can_change) {
		fputs("SKIPPED: privileges: may not become " USER "\n", stderr);
		return ci && strcmp(ci, "true") == 0 ? 1 : 77;
	}
	return failures;
}
