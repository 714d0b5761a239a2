/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The sandbox is proved by trying: each thing that is forbidden is tried inside, where it
 * must fail with EPERM, and each thing that the packet loop needs must work.
 */

#include "sandbox.h"

#include "in_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#define PATH      "sandbox.tmp"
#define CANNOT    100
#define ADDRESS   ((long)(uintptr_t)&address)
#define STRING(s) ((long)(uintptr_t)(s))

static struct sockaddr address = { .sa_family = AF_UNIX };

/* Made before the sandbox: ends of a connection, and a process to wait for */
static int ends[2];
static pid_t earlier;

/**
 * struct call - A system call
 * @name:	Its name and what is special about it
 * @number:	Its number
 * @args:	Its arguments
 */
struct call {
	const char *name;
	long number;
	long args[5];
};

/* Most of these are harmless because their arguments are wrong, which the kernel says
 * with another error than EPERM. */
static const struct call forbidden[] = {
	/* Run something */
	{ "execve", SYS_execve, { STRING("/bin/true") } },
	{ "execveat", SYS_execveat, { -1, STRING("/bin/true") } },
	{ "clone", SYS_clone, { CLONE_THREAD } },
	{ "clone3", SYS_clone3, { 0 } },
	{ "mmap executable", SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE } },
	{ "mprotect executable", SYS_mprotect, { 0, 4096, PROT_READ | PROT_EXEC } },
	{ "mprotect all", SYS_mprotect, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC } },
	{ "pkey_mprotect", SYS_pkey_mprotect, { 0, 4096, PROT_EXEC, -1 } },
	{ "memfd_create", SYS_memfd_create, { STRING("x") } },
	{ "personality", SYS_personality, { 0xffffffff } },
	{ "bpf", SYS_bpf, { BPF_PROG_LOAD } },
	{ "init_module", SYS_init_module, { 0 } },
	{ "kexec_load", SYS_kexec_load, { 0 } },
	/* Talk to somebody */
	{ "socket", SYS_socket, { AF_UNIX, SOCK_STREAM } },
	{ "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM } },
	{ "connect", SYS_connect, { -1, ADDRESS, sizeof(address) } },
	{ "bind", SYS_bind, { -1, ADDRESS, sizeof(address) } },
	{ "listen", SYS_listen, { -1, 1 } },
	{ "accept4", SYS_accept4, { -1 } },
	{ "sendto an address", SYS_sendto, { -1, 0, 0, 0, ADDRESS } },
	{ "sendmsg", SYS_sendmsg, { -1 } },
	{ "sendmmsg", SYS_sendmmsg, { -1 } },
	{ "setsockopt", SYS_setsockopt, { -1 } },
	{ "ioctl TIOCSTI", SYS_ioctl, { -1, TIOCSTI } },
	{ "ioctl SIOCSIFFLAGS", SYS_ioctl, { -1, SIOCSIFFLAGS } },
	/* Other processes */
	{ "kill", SYS_kill, { 1, 0 } },
	{ "tkill", SYS_tkill, { 1, 0 } },
	{ "tgkill", SYS_tgkill, { 1, 1, 0 } },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME } },
	{ "process_vm_readv", SYS_process_vm_readv, { -1 } },
	{ "process_vm_writev", SYS_process_vm_writev, { -1 } },
	{ "pidfd_open", SYS_pidfd_open, { -1 } },
	{ "pidfd_getfd", SYS_pidfd_getfd, { -1 } },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, { -1 } },
	{ "prlimit64", SYS_prlimit64, { 0, 0 } },
	{ "setpriority", SYS_setpriority, { -1 } },
	{ "shmget", SYS_shmget, { 0, 4096, 0600 } },
	{ "perf_event_open", SYS_perf_event_open, { 0 } },
	{ "keyctl", SYS_keyctl, { -1 } },
	/* Files */
	{ "openat to read", SYS_openat, { AT_FDCWD, STRING("/etc/shadow"), O_RDONLY } },
	{ "openat to write", SYS_openat, { AT_FDCWD, STRING("/nowhere"), O_WRONLY } },
	{ "openat O_PATH", SYS_openat, { AT_FDCWD, STRING("/"), O_PATH } },
	{ "openat2", SYS_openat2, { AT_FDCWD, STRING("/etc/passwd") } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { AT_FDCWD } },
	{ "name_to_handle_at", SYS_name_to_handle_at, { AT_FDCWD } },
	{ "newfstatat", SYS_newfstatat, { AT_FDCWD, STRING("/etc/passwd") } },
	{ "unlinkat", SYS_unlinkat, { AT_FDCWD, STRING("/nowhere") } },
	{ "renameat2", SYS_renameat2, { AT_FDCWD, STRING("/nowhere"), AT_FDCWD } },
	{ "linkat", SYS_linkat, { AT_FDCWD, STRING("/nowhere"), AT_FDCWD } },
	{ "symlinkat", SYS_symlinkat, { STRING("/nowhere"), AT_FDCWD } },
	{ "mkdirat", SYS_mkdirat, { AT_FDCWD, STRING("/"), 0 } },
	{ "fchmodat", SYS_fchmodat, { AT_FDCWD, STRING("/nowhere") } },
	{ "fchownat", SYS_fchownat, { AT_FDCWD, STRING("/nowhere") } },
	{ "truncate", SYS_truncate, { STRING("/nowhere") } },
	{ "setxattr", SYS_setxattr, { STRING("/nowhere") } },
	{ "getdents64", SYS_getdents64, { -1 } },
	{ "chdir", SYS_chdir, { STRING("/nowhere") } },
	{ "chroot", SYS_chroot, { STRING("/nowhere") } },
	{ "mount", SYS_mount, { 0 } },
	{ "dup", SYS_dup, { -1 } },
	{ "dup3", SYS_dup3, { -1 } },
	{ "fcntl F_SETFL", SYS_fcntl, { -1, F_SETFL } },
	{ "fcntl F_SETOWN", SYS_fcntl, { -1, F_SETOWN } },
	/* Privileges */
	{ "setuid", SYS_setuid, { 0 } },
	{ "setresuid", SYS_setresuid, { -1, -1, -1 } },
	{ "setgroups", SYS_setgroups, { 0 } },
	{ "capset", SYS_capset, { 0 } },
	{ "prctl", SYS_prctl, { PR_GET_DUMPABLE } },
	{ "seccomp", SYS_seccomp, { -1 } },
	{ "unshare", SYS_unshare, { 0 } },
	{ "setns", SYS_setns, { -1 } },
	/* What the kernel has had its troubles with */
	{ "io_uring_setup", SYS_io_uring_setup, { 0 } },
	{ "userfaultfd", SYS_userfaultfd, { -1 } },
	{ "epoll_create1", SYS_epoll_create1, { -1 } },
	{ "no such call", 100000, { 0 } },
};

static int try_call(const struct call *call)
{
	const long *args = call->args;

	errno = 0;
	syscall(call->number, args[0], args[1], args[2], args[3], args[4], 0L);
	return errno;
}

static int call_inside(const void *context)
{
	return sandbox_enter(0) ? try_call(context) : CANNOT;
}

static int call_outside(const void *context)
{
	return try_call(context);
}

static void test_forbidden(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		const struct call *call = &forbidden[i];
		struct outcome outcome = in_child(call_inside, call);

		if (outcome.status != EPERM)
			print_error("%s: %s\n", call->name, strerror(outcome.status));
		assert_int_equal(outcome.status, EPERM);
		if (in_child(call_outside, call).status == EPERM)
			print_message("%s: forbidden outside, too\n", call->name);
	}
}

static int try_fork(const void *context)
{
	pid_t pid;

	(void)context;
	if (!sandbox_enter(SANDBOX_CREATE_FILES))
		return CANNOT;
	pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

static void test_fork(void **state)
{
	(void)state;
	assert_int_equal(in_child(try_fork, NULL).status, EPERM);
}

/**
 * struct opening - Opening a file
 * @mode:	As for fopen()
 * @allow:	As for sandbox_enter()
 * @result:	An error, or 0
 */
struct opening {
	const char *mode;
	unsigned int allow;
	int result;
};

static const struct opening openings[] = {
	{ "w", 0, EPERM },
	{ "r", 0, EPERM },
	{ "w", SANDBOX_CREATE_FILES, 0 },
	{ "we", SANDBOX_CREATE_FILES, 0 },
	{ "wb", SANDBOX_CREATE_FILES, 0 },
	{ "wx", SANDBOX_CREATE_FILES, EEXIST },
	{ "w+", SANDBOX_CREATE_FILES, EPERM },
	{ "r", SANDBOX_CREATE_FILES, EPERM },
	{ "r+", SANDBOX_CREATE_FILES, EPERM },
	{ "a", SANDBOX_CREATE_FILES, EPERM },
};

static int open_file(const void *context)
{
	const struct opening *opening = context;
	FILE *file;

	if (!sandbox_enter(opening->allow))
		return CANNOT;
	file = fopen(PATH, opening->mode);
	if (!file)
		return errno;
	return fputs(opening->mode, file) < 0 || fclose(file) != 0 ? CANNOT : 0;
}

static void write_file(const char *text)
{
	FILE *file = fopen(PATH, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void read_file(char *text, size_t size)
{
	FILE *file = fopen(PATH, "r");
	size_t n;

	assert_non_null(file);
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
}

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		const struct opening *opening = &openings[i];
		char text[64];

		write_file("before");
		assert_int_equal(in_child(open_file, opening).status, opening->result);
		read_file(text, sizeof(text));
		assert_string_equal(text,
				    opening->result == 0 ? opening->mode : "before");
		unlink(PATH);
	}
}

/* Each of these returns 0 if it works. */

static int use_descriptors(void)
{
	struct pollfd fd = { .fd = ends[1], .events = POLLIN };
	const struct timespec soon = { .tv_nsec = 1000 };
	struct iovec iov = { (char[]) { "b" }, 1 };
	char got[8] = "";
	struct stat st;
	socklen_t length = sizeof(int);
	int error = -1;

	if (ppoll(&fd, 1, &soon, NULL) != 0 || write(ends[0], "a", 1) != 1 ||
	    writev(ends[0], &iov, 1) != 1 || send(ends[0], "c", 1, 0) != 1 ||
	    ppoll(&fd, 1, &soon, NULL) != 1 || poll(&fd, 1, 0) != 1)
		return 1;
	if (read(ends[1], got, 1) != 1 || recv(ends[1], got + 1, 7, 0) != 2 ||
	    strcmp(got, "abc") != 0)
		return 2;
	if (getsockopt(ends[0], SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error != 0)
		return 3;
	if (fstat(ends[0], &st) < 0 || !S_ISSOCK(st.st_mode))
		return 4;
	/* Of a socket this is refused for what it is. */
	if (pread(ends[0], got, 1, 0) != -1 || errno != ESPIPE ||
	    preadv2(ends[0], &iov, 1, 0, RWF_NOWAIT) != -1 || errno != ESPIPE)
		return 5;
	return isatty(ends[0]) || errno != ENOTTY || close(ends[0]) < 0 ? 6 : 0;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int use_memory(void)
{
	const int count = 1 << 22;
	int *p = malloc(64);
	int *more;

	for (int size = 1024; p && size <= count; size *= 2) {
		more = realloc(p, (size_t)size * sizeof(*p));
		if (!more)
			free(p);
		p = more;
	}
	if (!p)
		return 1;
	for (int i = 0; i < count; i++)
		p[i] = count - i;
	qsort(p, (size_t)count, sizeof(*p), compare);
	if (p[0] != 1 || p[count - 1] != count)
		return 2;
	free(p);
	return 0;
}

static int use_time(void)
{
	const struct timespec moment = { .tv_nsec = 1000 };
	const time_t when = 0;
	struct timespec now;
	struct tm tm;

	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0 ||
	    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) < 0 ||
	    nanosleep(&moment, NULL) < 0)
		return 1;
	/* The time zone was set before, but nothing had asked for it. */
	return !localtime_r(&when, &tm) || tm.tm_hour != 5 || tm.tm_min != 30;
}

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

static int use_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;
	sigset_t pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigaction(SIGUSR1, &action, NULL) < 0 ||
	    sigprocmask(SIG_BLOCK, &set, NULL) < 0 || raise(SIGUSR1) != 0)
		return 1;
	if (sigpending(&pending) < 0 || !sigismember(&pending, SIGUSR1) || signalled != 0)
		return 2;
	return sigprocmask(SIG_UNBLOCK, &set, NULL) < 0 || signalled != SIGUSR1;
}

static int use_children(void)
{
	int status;

	return waitpid(earlier, &status, 0) != earlier || WEXITSTATUS(status) != 7;
}

static int use_abort(void)
{
	abort();
}

/**
 * struct use - Something that must work
 * @name:	Its name
 * @run:	It
 * @status:	With which status the process must end
 */
struct use {
	const char *name;
	int (*run)(void);
	int status;
};

static const struct use uses[] = {
	{ "descriptors", use_descriptors, 0 },
	{ "memory", use_memory, 0 },
	{ "time", use_time, 0 },
	{ "signals", use_signals, 0 },
	{ "children", use_children, 0 },
	{ "abort", use_abort, 128 + SIGABRT },
};

static int use_inside(const void *context)
{
	const struct use *use = context;

	setenv("TZ", "IST-5:30", 1);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return CANNOT;
	earlier = fork();
	if (earlier == 0)
		_exit(7);
	return sandbox_enter(0) ? use->run() : CANNOT;
}

static void test_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		struct outcome outcome = in_child(use_inside, &uses[i]);

		if (outcome.status != uses[i].status)
			print_error("%s: status %d\n", uses[i].name, outcome.status);
		assert_int_equal(outcome.status, uses[i].status);
		assert_string_equal(outcome.text, "");
	}
}

#ifdef __x86_64__

/* getpid() by way of x32 */
static int call_x32(const void *context)
{
	if (context && !sandbox_enter(0))
		return CANNOT;
	syscall(0x40000000L | SYS_getpid);
	return 0;
}

/* getpid() by way of i386 */
static int call_i386(const void *context)
{
	long result = 20;

	if (context && !sandbox_enter(0))
		return CANNOT;
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "cc");
	return 0;
}

static void test_foreign(void **state)
{
	(void)state;
	assert_int_equal(in_child(call_x32, NULL).status, 0);
	assert_int_equal(in_child(call_x32, "inside").status, 128 + SIGSYS);
	if (in_child(call_i386, NULL).status == 0)
		assert_int_equal(in_child(call_i386, "inside").status, 128 + SIGSYS);
	else
		print_message("the kernel has no i386 calls\n");
}

#else

static void test_foreign(void **state)
{
	(void)state;
}

#endif

/* A kernel, or a container, that behaves so to who wants a sandbox */
struct kernel {
	int prctl_error;
	int seccomp_error;
};

static int enter_under(const void *context)
{
	const struct kernel *kernel = context;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int err = 0;

	if (kernel->prctl_error)
		err = seccomp_rule_add(
			filter, SCMP_ACT_ERRNO((unsigned int)kernel->prctl_error),
			SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
	if (kernel->seccomp_error && err == 0)
		err = seccomp_rule_add(
			filter, SCMP_ACT_ERRNO((unsigned int)kernel->seccomp_error),
			SCMP_SYS(seccomp), 1, SCMP_A0(SCMP_CMP_EQ, 1));
	if (err < 0 || seccomp_load(filter) < 0)
		return CANNOT;
	seccomp_release(filter);
	return !sandbox_enter(0);
}

static void test_kernel(void **state)
{
	const struct kernel none = { .prctl_error = EINVAL, .seccomp_error = ENOSYS };
	const struct kernel full = { .seccomp_error = ENOMEM };
	struct outcome outcome;

	(void)state;
	outcome = in_child(enter_under, &none);
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.text,
			    "vsockdump: no sandbox: the kernel has no seccomp\n");
	outcome = in_child(enter_under, &full);
	assert_int_equal(outcome.status, 1);
	assert_string_equal(
		outcome.text,
		"vsockdump: cannot enter the sandbox: Cannot allocate memory\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forbidden), cmocka_unit_test(test_fork),
		cmocka_unit_test(test_files),     cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_foreign),   cmocka_unit_test(test_kernel),
	};

	if (!sandbox_is_built()) {
		fputs("SKIPPED: sandbox: this build has none\n", stderr);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
