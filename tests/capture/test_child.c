/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A child process hears of its parent's end, and of nothing else.
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/**
 * struct answer - What a child found where it runs
 * @pid:	Its process
 * @session:	Its session
 * @open:	File descriptors behind the standard ones that are open
 * @name_ok:	It has the name that it was to have
 */
struct answer {
	pid_t pid;
	pid_t session;
	int open;
	int name_ok;
};

static int wait_for_end(int fd, void *context)
{
	char byte;

	while (recv(fd, &byte, sizeof(byte), 0) > 0)
		send(fd, &byte, sizeof(byte), MSG_NOSIGNAL);
	return *(int *)context;
}

static int look_around(int fd, void *context)
{
	struct answer answer = { .pid = getpid(), .session = getsid(0) };
	char name[32] = "";
	int file = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);

	(void)context;
	if (read(file, name, sizeof(name) - 1) > 0)
		answer.name_ok = strcmp(name, "test-child\n") == 0;
	close(file);
	for (int i = STDERR_FILENO + 1; i < 1024; i++)
		answer.open += fcntl(i, F_GETFD) >= 0;
	send(fd, &answer, sizeof(answer), MSG_NOSIGNAL);
	return 0;
}

static void echo(const struct child *child)
{
	char byte = 'x';

	assert_int_equal(send(child->fd, &byte, sizeof(byte), 0), 1);
	byte = 0;
	assert_int_equal(recv(child->fd, &byte, sizeof(byte), 0), 1);
	assert_int_equal(byte, 'x');
}

static void test_status(void **state)
{
	static int statuses[] = { 0, 1, 77 };
	struct child child;

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		assert_true(child_start(&child, "test", wait_for_end, &statuses[i]));
		assert_true(child.pid > 0);
		echo(&child);
		assert_int_equal(child_end(&child), statuses[i]);
		assert_int_equal(child.pid, 0);
		assert_int_equal(child_end(&child), 0);
	}
}

static void test_surroundings(void **state)
{
	int fds[] = { dup(STDERR_FILENO), dup(STDERR_FILENO), dup(STDERR_FILENO) };
	struct answer answer;
	struct child child;

	(void)state;
	assert_true(child_start(&child, "test-child", look_around, NULL));
	assert_int_equal(recv(child.fd, &answer, sizeof(answer), 0), sizeof(answer));
	assert_int_equal(answer.pid, child.pid);
	assert_int_equal(answer.session, child.pid);
	assert_int_equal(answer.open, 1);
	assert_true(answer.name_ok);
	assert_int_equal(child_end(&child), 0);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
}

static void test_signals(void **state)
{
	static const int signals[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
				       SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP };
	struct child child;
	int status = 3;

	(void)state;
	assert_true(child_start(&child, "test", wait_for_end, &status));
	/* From its first moment on */
	for (size_t i = 0; i < COUNT(signals); i++)
		assert_int_equal(kill(child.pid, signals[i]), 0);
	echo(&child);
	for (size_t i = 0; i < COUNT(signals); i++)
		assert_int_equal(kill(child.pid, signals[i]), 0);
	echo(&child);
	assert_int_equal(child_end(&child), 3);
}

static void test_killed(void **state)
{
	struct child child;
	int status = 0;

	(void)state;
	assert_true(child_start(&child, "test", wait_for_end, &status));
	kill(child.pid, SIGKILL);
	assert_int_equal(child_end(&child), -1);
}

static void test_mask_is_restored(void **state)
{
	struct child child;
	sigset_t before;
	sigset_t after;
	sigset_t set;
	int status = 0;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, &before);
	assert_true(child_start(&child, "test", wait_for_end, &status));
	sigprocmask(SIG_SETMASK, &before, &after);
	for (int i = 1; i < 32; i++)
		assert_int_equal(sigismember(&after, i), i == SIGUSR2);
	assert_int_equal(child_end(&child), 0);
}

/* Two children: neither keeps the other waiting */
static void test_two(void **state)
{
	struct child first;
	struct child second;
	int status = 5;

	(void)state;
	assert_true(child_start(&first, "test", wait_for_end, &status));
	assert_true(child_start(&second, "test", wait_for_end, &status));
	echo(&first);
	echo(&second);
	assert_int_equal(child_end(&first), 5);
	echo(&second);
	assert_int_equal(child_end(&second), 5);
}

static int hold(int fd, void *context)
{
	wait_for_end(fd, &(int) { 0 });
	/* The test reads this pipe until nobody has it any more. */
	return (int)write(*(int *)context, "e", 1);
}

/* The parent is killed with its whole process group: the child goes on to its end */
static void test_parent_killed(void **state)
{
	struct child child;
	int out[2];
	pid_t parent;
	char byte;

	(void)state;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0) {
		int standard = STDOUT_FILENO;

		/* What is not a standard stream is closed in the child. */
		dup2(out[1], STDOUT_FILENO);
		close(out[1]);
		setpgid(0, 0);
		if (!child_start(&child, "test", hold, &standard))
			_exit(1);
		echo(&child);
		kill(0, SIGKILL);
		_exit(1);
	}
	close(out[1]);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_int_equal(read(out[0], &byte, 1), 1);
	assert_int_equal(byte, 'e');
	assert_int_equal(read(out[0], &byte, 1), 0);
	close(out[0]);
}

/* Started as by "vsockdump <&- >&-": the socket must not be a standard stream */
static int number(int fd, void *context)
{
	(void)context;
	return fd > STDERR_FILENO && fcntl(STDIN_FILENO, F_GETFD) < 0 ? 9 : 1;
}

static void test_no_standard_streams(void **state)
{
	pid_t parent = fork();
	int status;

	(void)state;
	if (parent == 0) {
		struct child child;

		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		_exit(child_start(&child, "test", number, NULL) ? child_end(&child) : 2);
	}
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_surroundings),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_mask_is_restored),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_parent_killed),
		cmocka_unit_test(test_no_standard_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
