/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: a child process, forked while that was still allowed, gets the
 * names of complete files over a socket and runs the command for each, some at a time.
 * The capture waits for nothing: the child takes names in at once and keeps them until
 * their turn comes. When it has too many it leaves them in the socket, and when the
 * socket is full, too, the file is left as it is. The commands have the lowest priority,
 * but not the child: a busy capture would fill the socket before the child comes to its
 * turn.
 *
 * The child has a process group of its own, and outlives vsockdump until the last command
 * has begun: ^C ends the capture, but it should not spoil half compressed files.
 */

#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"

/* Commands at a time */
#define MAX_RUNNING 8

/* Names that wait for their turn, in bytes: those of some hundred thousand files */
#define MAX_WAITING_BYTES ((size_t)16 * 1024 * 1024)

#define LOWEST_PRIORITY 19

/**
 * struct runner - The child
 * @fd:		Where names come from; -1: no more come
 * @program:	The command
 * @nohup:	SIGHUP was ignored when vsockdump began
 * @told:	Why the command could not be run, as it has been told; shared by all who
 *		try
 * @waiting:	Names of files that it is not yet run for
 * @bytes:	What they take
 * @running:	How many are running
 */
struct runner {
	int fd;
	const char *program;
	bool nohup;
	atomic_int *told;
	GQueue waiting;
	size_t bytes;
	unsigned int running;
};

/* Signals as everybody has them; but nohup is respected. */
static void use_default_signals(bool nohup)
{
	const struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (number != SIGHUP || !nohup)
			sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Become the command. One message for all files that it cannot be run for. */
static _Noreturn void become_command(const struct runner *runner, char *file)
{
	char *const argv[] = { (char *)runner->program, file, NULL };
	int error;

	setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	use_default_signals(runner->nohup);
	execvp(runner->program, argv);
	error = errno;
	if (atomic_exchange(runner->told, error) != error)
		message("%s: cannot run %s: %s", file, runner->program, strerror(error));
	_exit(EXIT_FAILURE);
}

/* Return: false where it must wait until another command has ended */
static bool run_one(struct runner *runner)
{
	char *file = g_queue_peek_head(&runner->waiting);
	pid_t pid = fork();

	if (pid == 0)
		become_command(runner, file);
	if (pid < 0 && runner->running > 0)
		return false;
	if (pid > 0)
		runner->running++;
	else
		message("%s: cannot run %s: %s", file, runner->program, strerror(errno));
	runner->bytes -= strlen(file) + 1;
	g_free(g_queue_pop_head(&runner->waiting));
	return true;
}

/* Run as many as may be */
static void run_waiting(struct runner *runner)
{
	while (runner->waiting.length > 0 && runner->running < MAX_RUNNING)
		if (!run_one(runner))
			break;
}

static void reap(struct runner *runner)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		runner->running--;
}

static void take_name(struct runner *runner)
{
	char name[PATH_MAX];
	ssize_t n = recv(runner->fd, name, sizeof(name) - 1, 0);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		runner->fd = -1;
		return;
	}
	name[n] = '\0';
	g_queue_push_tail(&runner->waiting, g_strdup(name));
	runner->bytes += (size_t)n + 1;
}

static void on_child(int signal)
{
	(void)signal;
}

/* SIGCHLD comes in only where the child waits. */
static void catch_child(sigset_t *during_wait)
{
	const struct sigaction action = { .sa_handler = on_child };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, during_wait);
	sigaction(SIGCHLD, &action, NULL);
}

/* Standard input may be what vsockdump reads (-r -). */
static void leave_standard_input(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd > STDIN_FILENO) {
		dup2(fd, STDIN_FILENO);
		close(fd);
	}
}

static int run(int fd, void *context)
{
	struct runner *runner = context;
	sigset_t during_wait;

	runner->fd = fd;
	setpgid(0, 0);
	leave_standard_input();
	catch_child(&during_wait);
	while (runner->fd >= 0 || runner->waiting.length > 0) {
		bool has_room = runner->bytes < MAX_WAITING_BYTES;
		struct pollfd poll = { .fd = has_room ? runner->fd : -1,
				       .events = POLLIN };

		reap(runner);
		run_waiting(runner);
		if (runner->fd < 0 && runner->waiting.length == 0)
			break;
		if (ppoll(&poll, 1, NULL, &during_wait) > 0)
			take_name(runner);
	}
	return 0;
}

bool command_start(struct command *command, const char *program)
{
	struct runner runner = { .program = program };
	struct sigaction hangup;
	char *found = g_find_program_in_path(program);
	bool ok;

	*command = (struct command) { .program = program };
	if (!found) {
		message("-z: there is no program %s (it takes no arguments but the file)",
			program);
		return false;
	}
	g_free(found);
	sigaction(SIGHUP, NULL, &hangup);
	runner.nohup = hangup.sa_handler == SIG_IGN;
	runner.told = mmap(NULL, sizeof(*runner.told), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (runner.told == MAP_FAILED) {
		message("-z: out of memory");
		return false;
	}
	ok = child_start(&command->child, "vsockdump-z", run, &runner);
	munmap(runner.told, sizeof(*runner.told));
	return ok;
}

void command_run(struct command *command, const char *file)
{
	if (!command)
		return;
	if (send(command->child.fd, file, strlen(file), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return;
	if (command->missed == 0)
		message("%s: -z fell behind: %s is not run for this file: %s", file,
			command->program, strerror(errno));
	command->missed++;
}

void command_end(struct command *command)
{
	if (command->child.pid == 0)
		return;
	if (command->missed > 1)
		message("-z fell behind: %s is not run for %" PRIu64 " files",
			command->program, command->missed);
	/* child_end() would wait for it. */
	close(command->child.fd);
	command->child = (struct child) { .pid = 0 };
}
