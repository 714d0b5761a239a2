/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * within MIB COMMAND...: run a command that may have so much memory in use at its peak,
 * and say on standard error how much it was. Exit status 99: it was more; otherwise the
 * command's. 0 is no limit.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long limit = argc > 2 ? strtol(argv[1], NULL, 10) : -1;
	struct rusage usage;
	int status;
	pid_t pid;

	if (limit < 0) {
		fputs("usage: within MIB COMMAND...\n", stderr);
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		perror("within");
		return 2;
	}
	fprintf(stderr, "within: %ld MiB\n", usage.ru_maxrss / 1024);
	if (limit > 0 && usage.ru_maxrss / 1024 > limit)
		return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
