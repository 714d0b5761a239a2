/* SPDX-License-Identifier: BSD-2-Clause */

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"

static void ignore_signals(void)
{
	static const int ignored[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
				       SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP };
	const struct sigaction action = { .sa_handler = SIG_IGN };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Where vsockdump was started without standard streams, the socket may have the number
 * of one, which somebody may put something else on. */
static int leave_standard_numbers(int fd)
{
	return fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/* Whatever else is open stays with the parent: an inherited end of another child's
 * socket pair would keep that child waiting after the parent's death. */
static void close_others(int fd)
{
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned int)fd - 1, 0);
	close_range((unsigned int)fd + 1, ~0U, 0);
}

static int be_child(const int fds[2], const char *name, int (*run)(int fd, void *context),
		    void *context)
{
	int fd = leave_standard_numbers(fds[1]);

	if (fd < 0)
		return EXIT_FAILURE;
	for (int i = 0; i < 2; i++) {
		if (fds[i] <= STDERR_FILENO)
			close(fds[i]);
	}
	close_others(fd);
	ignore_signals();
	/* What is sent to vsockdump's process group, such as SIGKILL by timeout(1), is
	 * not for the one who tidies up after it. */
	setsid();
	prctl(PR_SET_NAME, name);
	return run(fd, context);
}

bool child_start(struct child *child, const char *name, int (*run)(int fd, void *context),
		 void *context)
{
	sigset_t all;
	sigset_t before;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		message("cannot make a socket pair: %s", strerror(errno));
		return false;
	}
	/* No signal may end the child before it ignores them. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		_exit(be_child(fds, name, run, context));
	if (pid < 0)
		message("cannot fork: %s", strerror(errno));
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return false;
	}
	*child = (struct child) { .pid = pid, .fd = fds[0] };
	return true;
}

int child_end(struct child *child)
{
	int status = 0;
	pid_t got;

	if (child->pid == 0)
		return 0;
	close(child->fd);
	do {
		got = waitpid(child->pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	*child = (struct child) { .pid = 0 };
	return got > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
