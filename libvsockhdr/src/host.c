/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What this machine offers for vsock.
 *
 * Theory of operation: looking must change nothing. Opening a socket of a family that
 * is not there makes the kernel load its module, so /proc/net/protocols is asked
 * first. Connecting would put packets on the very interface that somebody may be
 * watching, so transports are found by binding: the kernel lets a socket bind to a
 * CID only if a transport answers to it (net/vmw_vsock/af_vsock.c, vsock_find_cid()).
 */

#include <vsockhdr/host.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vsockhdr/addr.h>
#include <vsockhdr/hdr.h>
#include <vsockhdr/record.h>

_Static_assert(VSOCKHDR_IFNAME_LEN == IFNAMSIZ, "an interface name fits");

/* Whether a line of the file begins with the text, or has it before its first colon;
 * UNKNOWN with errno where the file cannot be read */
static enum vsockhdr_answer file_names(const char *path, const char *text)
{
	enum vsockhdr_answer answer = VSOCKHDR_NO;
	bool line_start = true;
	char line[1024];
	int saved;
	FILE *file = fopen(path, "re");

	if (!file)
		return VSOCKHDR_UNKNOWN;
	while (answer == VSOCKHDR_NO && fgets(line, sizeof(line), file)) {
		bool at_start = line_start;

		line_start = strchr(line, '\n') != NULL;
		line[strcspn(line, ":\n")] = '\0';
		if (at_start && strstr(line, text))
			answer = VSOCKHDR_YES;
	}
	if (ferror(file))
		answer = VSOCKHDR_UNKNOWN;
	saved = errno;
	fclose(file);
	errno = saved;
	return answer;
}

static void probe_af_vsock(struct vsockhdr_host *host)
{
	host->af_vsock = file_names("/proc/net/protocols", "AF_VSOCK ");
	host->af_vsock_errno = host->af_vsock == VSOCKHDR_UNKNOWN ? errno : 0;
}

static void probe_local_cid(struct vsockhdr_host *host)
{
	unsigned int cid = 0;
	int fd = open("/dev/vsock", O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		host->cid_errno = errno;
		host->cid = errno == ENOENT ? VSOCKHDR_NO : VSOCKHDR_UNKNOWN;
		return;
	}
	if (ioctl(fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) < 0) {
		host->cid_errno = errno;
		host->cid = VSOCKHDR_UNKNOWN;
	} else {
		host->cid = VSOCKHDR_YES;
		host->local_cid = cid;
	}
	close(fd);
}

/* Whether a transport answers to this CID; only asked where the family is loaded */
static enum vsockhdr_answer can_bind(uint64_t cid)
{
	const struct vsockhdr_addr addr = { cid, VSOCKHDR_PORT_ANY };
	enum vsockhdr_answer answer = VSOCKHDR_YES;
	struct sockaddr_vm sa;
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return VSOCKHDR_UNKNOWN;
	vsockhdr_addr_to_sockaddr(&sa, &addr);
	if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		answer = errno == EADDRNOTAVAIL ? VSOCKHDR_NO : VSOCKHDR_UNKNOWN;
	close(fd);
	return answer;
}

static void probe_transports(struct vsockhdr_host *host)
{
	if (host->af_vsock != VSOCKHDR_YES) {
		host->loopback = host->af_vsock;
		host->host_side = host->af_vsock;
		host->guest_side = host->af_vsock;
		return;
	}
	host->loopback = can_bind(VSOCKHDR_CID_LOCAL);
	host->host_side = can_bind(VSOCKHDR_CID_HOST);
	if (host->cid != VSOCKHDR_YES)
		host->guest_side = VSOCKHDR_UNKNOWN;
	else if (host->local_cid > VSOCKHDR_CID_HOST &&
		 host->local_cid != VSOCKHDR_CID_ANY)
		host->guest_side = VSOCKHDR_YES;
	else
		host->guest_side = VSOCKHDR_NO;
}

/* Whether a device that exists is a vsockmon. Of one that does not, this would make the
 * kernel look for a module of that name */
static enum vsockhdr_answer check_type(const char *name)
{
	enum vsockhdr_answer answer = VSOCKHDR_UNKNOWN;
	struct ifreq request = { .ifr_flags = 0 };
	int saved;
	/* Any socket will do; this family is always there. */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return VSOCKHDR_UNKNOWN;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) == 0)
		answer = request.ifr_hwaddr.sa_family == VSOCKHDR_ARPHRD_VSOCKMON
				 ? VSOCKHDR_YES
				 : VSOCKHDR_NO;
	saved = errno;
	close(fd);
	errno = saved;
	return answer;
}

static void probe_devices(struct vsockhdr_host *host)
{
	struct if_nameindex *list = if_nameindex();

	if (!list)
		return;
	for (const struct if_nameindex *dev = list; dev->if_name; dev++) {
		if (check_type(dev->if_name) != VSOCKHDR_YES)
			continue;
		if (host->devices++ == 0)
			snprintf(host->device, sizeof(host->device), "%s", dev->if_name);
	}
	if_freenameindex(list);
}

static enum vsockhdr_module probe_module(size_t devices)
{
	enum vsockhdr_answer installed;
	char path[sizeof(((struct utsname *)NULL)->release) + 64];
	struct utsname kernel;

	if (devices > 0 || access("/sys/module/vsockmon", F_OK) == 0)
		return VSOCKHDR_MODULE_LOADED;
	if (uname(&kernel) < 0)
		return VSOCKHDR_MODULE_UNKNOWN;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", kernel.release);
	if (file_names(path, "/vsockmon.ko") == VSOCKHDR_YES)
		return VSOCKHDR_MODULE_LOADED;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", kernel.release);
	installed = file_names(path, "/vsockmon.ko");
	if (installed == VSOCKHDR_UNKNOWN)
		return VSOCKHDR_MODULE_UNKNOWN;
	return installed == VSOCKHDR_YES ? VSOCKHDR_MODULE_AVAILABLE
					 : VSOCKHDR_MODULE_ABSENT;
}

void vsockhdr_host_probe(struct vsockhdr_host *host)
{
	*host = (struct vsockhdr_host) { .local_cid = (uint32_t)VSOCKHDR_CID_ANY };
	probe_af_vsock(host);
	probe_local_cid(host);
	probe_transports(host);
	probe_devices(host);
	host->vsockmon = probe_module(host->devices);
}

enum vsockhdr_answer vsockhdr_host_is_vsockmon(const char *name)
{
	enum vsockhdr_answer answer = VSOCKHDR_UNKNOWN;
	struct if_nameindex *list = if_nameindex();
	int err = ENODEV;

	if (!list)
		return VSOCKHDR_UNKNOWN;
	for (const struct if_nameindex *dev = list; dev->if_name; dev++) {
		if (strcmp(dev->if_name, name) == 0) {
			answer = check_type(name);
			err = errno;
			break;
		}
	}
	if_freenameindex(list);
	errno = err;
	return answer;
}
