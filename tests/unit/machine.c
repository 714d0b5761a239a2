/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls on a machine that is made up.
 */

#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "helper.h"

#define FAKE_FD 1000

const struct machine *machine;
int open_fds;
int bound_family;

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol);
int __real_bind(int fd, const struct sockaddr *sa, socklen_t size);
int __wrap_bind(int fd, const struct sockaddr *sa, socklen_t size);
struct if_nameindex *__real_if_nameindex(void);
struct if_nameindex *__wrap_if_nameindex(void);
void __real_if_freenameindex(struct if_nameindex *list);
void __wrap_if_freenameindex(struct if_nameindex *list);
int __real_uname(struct utsname *name);
int __wrap_uname(struct utsname *name);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);

/* Result of a call that fails if err is not 0 */
static int result(int err, int value)
{
	if (err == 0)
		return value;
	errno = err;
	return -1;
}

/* The one file that is open */
static struct reading {
	struct file file;
	size_t done;
} reading;

static ssize_t read_file(void *cookie, char *buf, size_t size)
{
	struct reading *from = cookie;
	size_t n;

	if (from->file.read_errno != 0)
		return result(from->file.read_errno, 0);
	n = strnlen(from->file.text + from->done, size);
	memcpy(buf, from->file.text + from->done, n);
	from->done += n;
	return (ssize_t)n;
}

static int close_file(void *cookie)
{
	(void)cookie;
	open_fds--;
	/* A close that spoils errno must not be noticed. */
	errno = EIO;
	return 0;
}

static FILE *open_file(const struct file *file)
{
	const cookie_io_functions_t functions = { .read = read_file,
						  .close = close_file };

	if (result(file->open_errno, 0) < 0)
		return NULL;
	open_fds++;
	reading = (struct reading) { .file = *file };
	return fopencookie(&reading, "r", functions);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (!machine)
		return __real_fopen(path, mode);
	if (strcmp(path, "/proc/net/protocols") == 0)
		return open_file(&machine->protocols);
	if (strcmp(path, "/lib/modules/6.1.0-test/modules.builtin") == 0)
		return open_file(&machine->builtin);
	assert_string_equal(path, "/lib/modules/6.1.0-test/modules.dep");
	return open_file(&machine->dep);
}

int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (!machine)
		return __real_open(path, flags, mode);
	assert_string_equal(path, "/dev/vsock");
	assert_int_equal(flags, O_RDONLY | O_CLOEXEC);
	open_fds += machine->open_errno == 0;
	return result(machine->open_errno, FAKE_FD);
}

int __wrap_close(int fd)
{
	if (!machine)
		return __real_close(fd);
	assert_int_equal(fd, FAKE_FD);
	return close_file(NULL);
}

static int hardware_address(struct ifreq *request)
{
	for (size_t i = 0; i < machine->device_count; i++) {
		if (strcmp(machine->devices[i].name, request->ifr_name) == 0) {
			request->ifr_hwaddr.sa_family = machine->devices[i].type;
			return 0;
		}
	}
	return result(ENODEV, 0);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *arg;
	va_list args;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (!machine)
		return __real_ioctl(fd, request, arg);
	assert_int_equal(fd, FAKE_FD);
	if (request == SIOCGIFHWADDR)
		return hardware_address(arg);
	assert_int_equal(request, IOCTL_VM_SOCKETS_GET_LOCAL_CID);
	if (machine->cid_errno == 0)
		memcpy(arg, &machine->cid, sizeof(machine->cid));
	return result(machine->cid_errno, 0);
}

int __wrap_socket(int family, int type, int protocol)
{
	if (!machine)
		return __real_socket(family, type, protocol);
	/* One would load the module. */
	if (family == AF_VSOCK)
		assert_non_null(strstr(machine->protocols.text, "AF_VSOCK"));
	assert_true(type & SOCK_CLOEXEC);
	open_fds += machine->socket_errno == 0;
	return result(machine->socket_errno, FAKE_FD);
}

int __wrap_bind(int fd, const struct sockaddr *sa, socklen_t size)
{
	struct sockaddr_vm vm;

	if (!machine)
		return __real_bind(fd, sa, size);
	assert_int_equal(size, sizeof(vm));
	memcpy(&vm, sa, sizeof(vm));
	bound_family = vm.svm_family;
	assert_int_equal(vm.svm_port, VMADDR_PORT_ANY);
	if (machine->bind_errno != 0)
		return result(machine->bind_errno, 0);
	if ((vm.svm_cid == 1 && machine->has_loopback) ||
	    (vm.svm_cid == 2 && machine->has_host_side))
		return 0;
	return result(EADDRNOTAVAIL, 0);
}

struct if_nameindex *__wrap_if_nameindex(void)
{
	struct if_nameindex *list;

	if (!machine)
		return __real_if_nameindex();
	if (result(machine->nameindex_errno, 0) < 0)
		return NULL;
	list = calloc(machine->device_count + 1, sizeof(*list));
	assert_non_null(list);
	for (size_t i = 0; i < machine->device_count; i++) {
		list[i].if_index = (unsigned int)i + 1;
		list[i].if_name = strdup(machine->devices[i].name);
		assert_non_null(list[i].if_name);
	}
	open_fds++;
	return list;
}

void __wrap_if_freenameindex(struct if_nameindex *list)
{
	if (!machine) {
		__real_if_freenameindex(list);
		return;
	}
	open_fds--;
	for (size_t i = 0; list[i].if_name; i++)
		free(list[i].if_name);
	free(list);
}

int __wrap_uname(struct utsname *name)
{
	if (!machine)
		return __real_uname(name);
	memset(name, 0, sizeof(*name));
	memcpy(name->release, "6.1.0-test", sizeof("6.1.0-test"));
	return result(machine->uname_errno, 0);
}

int __wrap_access(const char *path, int mode)
{
	if (!machine)
		return __real_access(path, mode);
	assert_string_equal(path, "/sys/module/vsockmon");
	assert_int_equal(mode, F_OK);
	return machine->module_loaded ? 0 : result(ENOENT, 0);
}
