/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CAPTURE_IN_CHILD_H
#define TESTS_CAPTURE_IN_CHILD_H

/*
 * What a process can do only once, such as giving up privileges, is done in a child.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/**
 * struct outcome - What became of a child
 * @status:	What its function returned; 128 and the signal that killed it
 * @text:	What it wrote to standard output and standard error
 */
struct outcome {
	int status;
	char text[8192];
};

/**
 * in_child() - Run a function in a child process and wait for its end
 * @run:	The function; what it returns is at most 127
 * @context:	Given to it
 */
static inline struct outcome in_child(int (*run)(const void *context),
				      const void *context)
{
	struct outcome outcome = { .status = -1 };
	int fd = memfd_create("output", 0);
	int status = 0;
	ssize_t n;
	pid_t pid;

	assert_true(fd >= 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		status = run(context);
		fflush(stdout);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	n = pread(fd, outcome.text, sizeof(outcome.text) - 1, 0);
	assert_true(n >= 0);
	close(fd);
	return outcome;
}

#endif
