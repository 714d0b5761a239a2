/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The command for complete files: it runs for each, a few at a time, out of the way of
 * the capture, and no lack of time or room makes the capture wait.
 */

#include "command.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_command.XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	struct dirent *entry;
	DIR *dir = opendir(".");

	(void)state;
	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		unlink(entry->d_name);
	closedir(dir);
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_script(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(name, 0755), 0);
}

static void sleep_ms(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static size_t count_lines(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t lines = 0;
	int c;

	if (!file)
		return 0;
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

static void wait_for_lines(const char *name, size_t lines)
{
	for (int tries = 0; tries < 6000 && count_lines(name) < lines; tries++)
		sleep_ms(10);
	assert_int_equal(count_lines(name), lines);
}

/* The text of a file; the memory is the next call's */
static const char *text_of(const char *name)
{
	static char text[65536];
	FILE *file = fopen(name, "r");
	size_t size;

	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	fclose(file);
	return text;
}

/* What this process and its children say goes to the file "messages". */
static int catch_messages(void)
{
	int saved = dup(STDERR_FILENO);
	int fd = open("messages", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

	dup2(fd, STDERR_FILENO);
	close(fd);
	return saved;
}

static void release_messages(int saved)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
}

/* Each file once, in a process like any other: lowest priority, signals as usual, nothing
 * to read, no other argument */
static void test_runs(void **state)
{
	struct command command;

	(void)state;
	write_script("runs",
		     "ignored=$(sed -n 's/^SigIgn:.//p' /proc/self/status)\n"
		     "echo \"$# $1 $(nice) $((0x$ignored & 0x7fffffff)) $(cat | wc -c)\" "
		     ">>runs.log");
	signal(SIGHUP, SIG_DFL);
	assert_true(command_start(&command, "./runs"));
	command_run(&command, "one file");
	wait_for_lines("runs.log", 1);
	command_run(&command, "$(reboot)");
	wait_for_lines("runs.log", 2);
	command_end(&command);
	command_end(&command);
	/* nohup vsockdump: what it starts survives, too. */
	signal(SIGHUP, SIG_IGN);
	assert_true(command_start(&command, "./runs"));
	command_run(&command, "nohup");
	command_end(&command);
	wait_for_lines("runs.log", 3);
	signal(SIGHUP, SIG_DFL);
	assert_string_equal(text_of("runs.log"), "1 one file 19 0 0\n"
						 "1 $(reboot) 19 0 0\n"
						 "1 nohup 19 1 0\n");
}

/* Hundreds at once: all run, some at a time, and the last of them after the end */
static void test_is_bounded(void **state)
{
	struct command command;
	unsigned int most = 0;
	char line[32];
	FILE *log;

	(void)state;
	/* Each waits until it is let go. */
	write_script("slow", ">\"running.$1\"; (set -- running.*; echo $#) >>slow.log;"
			     "while [ -e held ]; do sleep 0.05; done;"
			     "rm \"running.$1\"; echo \"$1\" >>done.log");
	assert_int_equal(close(creat("held", 0600)), 0);
	assert_true(command_start(&command, "./slow"));
	for (unsigned int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		command_run(&command, name);
	}
	assert_int_equal(command.missed, 0);
	command_end(&command);
	wait_for_lines("slow.log", 8);
	assert_int_equal(count_lines("done.log"), 0);
	assert_int_equal(unlink("held"), 0);
	wait_for_lines("done.log", 100);
	log = fopen("slow.log", "r");
	assert_non_null(log);
	while (fgets(line, sizeof(line), log)) {
		unsigned int n = (unsigned int)strtoul(line, NULL, 10);

		most = n > most ? n : most;
	}
	fclose(log);
	assert_in_range(most, 2, 8);
}

/* A child that does not take names in: the capture goes on, and says so. */
static void test_falls_behind(void **state)
{
	struct command command;
	size_t sent = 0;
	int saved;

	(void)state;
	write_script("behind", "echo \"$1\" >>behind.log");
	assert_true(command_start(&command, "./behind"));
	assert_int_equal(kill(command.child.pid, SIGSTOP), 0);
	saved = catch_messages();
	for (; command.missed == 0; sent++)
		command_run(&command, "behind.pcap");
	for (int i = 0; i < 9; i++)
		command_run(&command, "behind.pcap");
	assert_int_equal(kill(command.child.pid, SIGCONT), 0);
	command_end(&command);
	release_messages(saved);
	assert_string_equal(
		text_of("messages"),
		"vsockdump: behind.pcap: -z fell behind: ./behind is not run "
		"for this file: Resource temporarily unavailable\n"
		"vsockdump: -z fell behind: ./behind is not run for 10 files\n");
	/* What it had been given before is not lost. */
	assert_true(sent > 100);
	wait_for_lines("behind.log", sent - 1);
}

/* One message, and the capture goes on */
static void test_cannot_run(void **state)
{
	struct command command;
	int saved = catch_messages();

	(void)state;
	assert_false(command_start(&command, "no-such-program"));
	assert_false(command_start(&command, "sh -c"));
	write_script("vanishes", "");
	assert_true(command_start(&command, "./vanishes"));
	unlink("vanishes");
	command_run(&command, "a.pcap");
	wait_for_lines("messages", 3);
	command_run(&command, "b.pcap");
	command_end(&command);
	sleep_ms(100);
	release_messages(saved);
	assert_string_equal(
		text_of("messages"),
		"vsockdump: -z: there is no program no-such-program (it takes "
		"no arguments but the file)\n"
		"vsockdump: -z: there is no program sh -c (it takes no "
		"arguments but the file)\n"
		"vsockdump: a.pcap: cannot run ./vanishes: No such file or "
		"directory\n");
}

/* No process left over: the next one to end is the child, by itself. */
static void test_child_ends(void **state)
{
	struct command command;
	pid_t child;

	(void)state;
	assert_true(command_start(&command, "true"));
	child = command.child.pid;
	command_run(&command, "file");
	command_run(NULL, "file");
	command_end(&command);
	for (int tries = 0; tries < 6000 && waitpid(child, NULL, WNOHANG) == 0; tries++)
		sleep_ms(10);
	assert_int_equal(kill(child, 0), -1);
	command = (struct command) { .program = NULL };
	command_end(&command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),         cmocka_unit_test(test_is_bounded),
		cmocka_unit_test(test_falls_behind), cmocka_unit_test(test_cannot_run),
		cmocka_unit_test(test_child_ends),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
