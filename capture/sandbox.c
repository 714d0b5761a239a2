/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: who makes vsockdump run code of theirs by a packet should be able
 * to do nothing with it but what vsockdump does anyway: read packets, print, and end. So
 * the list below is of what is allowed; all else fails with EPERM. Failing is enough: a
 * call that does not happen does no harm, and libraries that try something and can do
 * without it (libpcap, the C library) go on. Calls by way of another ABI of the
 * processor, which have other numbers, end the process.
 *
 * A filter sees numbers, not what pointers point to. So whether files may be created is
 * all or nothing, and which ones is up to the rights that privileges_drop() has left;
 * stat() cannot be told from the fstat() that it implements, and remains: it tells about
 * files, not what is in them.
 */

#include "sandbox.h"

#include "message.h"

#if defined(VSOCKHDR_NO_SANDBOX) || __SIZEOF_POINTER__ != 8

bool sandbox_enter(unsigned int allow)
{
	(void)allow;
	return true;
}

bool sandbox_is_built(void)
{
	return false;
}

#else

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The kernel takes no more than this of an argument that is an int */
#define INT_MASK      0xffffffffU

/* What says only how a new file is opened */
#define OPEN_OPTIONS                                                              \
	((unsigned int)(O_CLOEXEC | O_EXCL | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | \
			O_TRUNC))

/* Calls that are allowed with any arguments */
static const int calls[] = {
	/* What is open */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv2),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(ftruncate),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	/* libpcap: statistics; why there is an error; which device it was */
	SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname),
	/* Memory, and how much the machine has, for qsort() */
	SCMP_SYS(brk),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(madvise),
	SCMP_SYS(sysinfo),
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	SCMP_SYS(getrandom),
	/* Time, where the vDSO does not know it */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(nanosleep),
	SCMP_SYS(time),
	/* Signals */
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	/* Who we are: no secret */
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	/* The end, ours and our children's */
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/**
 * struct rule - A call that is allowed if one of its arguments is right
 * @call:	Its number
 * @arg:	Which argument
 * @mask:	Which of its bits matter
 * @value:	What they must be
 */
struct rule {
	int call;
	unsigned int arg;
	scmp_datum_t mask;
	scmp_datum_t value;
};

static const struct rule rules[] = {
	/* No new code */
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	/* The C library's fstat() */
	{ SCMP_SYS(newfstatat), 3, INT_MASK, AT_EMPTY_PATH },
	/* The C library's send(): to nobody but the peer that there is */
	{ SCMP_SYS(sendto), 4, UINT64_MAX, 0 },
	/* fdopen() asks whether it may */
	{ SCMP_SYS(fcntl), 1, INT_MASK, F_GETFL },
	/* A file that is read twice */
	{ SCMP_SYS(fcntl), 1, INT_MASK, F_DUPFD_CLOEXEC },
	/* isatty(), the width of a terminal; libpcap: whether the device is still up */
	{ SCMP_SYS(ioctl), 1, INT_MASK, TCGETS },
#ifdef TCGETS2
	{ SCMP_SYS(ioctl), 1, INT_MASK, TCGETS2 },
#endif
	{ SCMP_SYS(ioctl), 1, INT_MASK, TIOCGWINSZ },
	{ SCMP_SYS(ioctl), 1, INT_MASK, SIOCGIFFLAGS },
};

static const struct rule file_rules[] = {
	{ SCMP_SYS(openat), 2, INT_MASK & ~OPEN_OPTIONS, O_WRONLY | O_CREAT },
	{ SCMP_SYS(open), 1, INT_MASK & ~OPEN_OPTIONS, O_WRONLY | O_CREAT },
};

static int add_calls(scmp_filter_ctx filter)
{
	int err = 0;

	for (size_t i = 0; i < LENGTH(calls) && err == 0; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return err;
}

static int add_rules(scmp_filter_ctx filter, const struct rule *rule, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, rule[i].call, 1,
				       SCMP_CMP64(rule[i].arg, SCMP_CMP_MASKED_EQ,
						  rule[i].mask, rule[i].value));
	return err;
}

/* abort() and raise() signal the thread that calls them */
static int add_raise(scmp_filter_ctx filter)
{
	const struct rule rule = { SCMP_SYS(tgkill), 0, INT_MASK,
				   (scmp_datum_t)getpid() };

	return add_rules(filter, &rule, 1);
}

/* Fill the filter and hand it to the kernel. Return: 0, or a negative errno */
static int load(scmp_filter_ctx filter, unsigned int allow)
{
	int err =
		seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (err == 0)
		err = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	/* We have one thread. Those that a library might have are shut in where the
	 * kernel can do it. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (err == 0)
		err = add_calls(filter);
	if (err == 0)
		err = add_rules(filter, rules, LENGTH(rules));
	if (err == 0)
		err = add_raise(filter);
	if (err == 0 && (allow & SANDBOX_CREATE_FILES))
		err = add_rules(filter, file_rules, LENGTH(file_rules));
	return err == 0 ? seccomp_load(filter) : err;
}

/* The kernel looks at the filter only after it has found that it can have one. */
static bool kernel_has_seccomp(void)
{
	return prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, NULL) == 0 ||
	       errno == EFAULT;
}

bool sandbox_enter(unsigned int allow)
{
	scmp_filter_ctx filter;
	int err;

	/* Without TZ, strftime() asks each time whether the file has changed, and takes a
	 * refusal for UTC. */
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
	if (!kernel_has_seccomp()) {
		message("no sandbox: the kernel has no seccomp");
		return true;
	}
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter) {
		message("cannot enter the sandbox: out of memory");
		return false;
	}
	err = load(filter, allow);
	seccomp_release(filter);
	if (err < 0)
		message("cannot enter the sandbox: %s", strerror(-err));
	return err == 0;
}

bool sandbox_is_built(void)
{
	return true;
}

#endif
