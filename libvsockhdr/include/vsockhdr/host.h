/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_HOST_H
#define VSOCKHDR_HOST_H

/*
 * What this machine offers: the one part of the library that asks the kernel. It
 * loads no module (a socket of an unloaded family would), sends no packet (it finds
 * transports by binding, not by connecting) and needs no privilege; what it may not
 * see it says it could not tell.
 */

#include <stddef.h>
#include <stdint.h>
#include <vsockhdr/api.h>

VSOCKHDR_BEGIN_DECLS

/** enum vsockhdr_answer - What could be found out */
enum vsockhdr_answer {
	/** The kernel has it */
	VSOCKHDR_YES = 1,
	/** The kernel does not have it, as it runs now */
	VSOCKHDR_NO = 0,
	/** It could not be found out; the errno beside it says why, if not 0 */
	VSOCKHDR_UNKNOWN = -1
};

/** enum vsockhdr_module - Where the kernel stands with its vsockmon driver */
enum vsockhdr_module {
	/** In the kernel: a device can be made */
	VSOCKHDR_MODULE_LOADED = 2,
	/** Installed for the running kernel, not loaded */
	VSOCKHDR_MODULE_AVAILABLE = 1,
	/** The running kernel's modules are installed, and it is not among them */
	VSOCKHDR_MODULE_ABSENT = 0,
	/** The running kernel's list of modules cannot be read */
	VSOCKHDR_MODULE_UNKNOWN = -1
};

/** Longest interface name with its NUL (IFNAMSIZ) */
#define VSOCKHDR_IFNAME_LEN 16

/**
 * struct vsockhdr_host - What vsockhdr_host_probe() found
 * @af_vsock:		Address family AF_VSOCK
 * @af_vsock_errno:	Why @af_vsock is unknown
 * @cid:		Whether @local_cid is known (ioctl
 *			IOCTL_VM_SOCKETS_GET_LOCAL_CID on /dev/vsock)
 * @cid_errno:		Why @cid is not VSOCKHDR_YES: of opening the device or of the
 *			ioctl
 * @local_cid:		CID of this machine; VSOCKHDR_CID_ANY where no transport gives
 *			it one
 * @loopback:		A transport to this machine itself, CID 1 (vsock_loopback)
 * @host_side:		A transport from this machine, as the host, to its guests
 *			(vhost_vsock)
 * @guest_side:		A transport from this machine, as a guest, to its host
 *			(virtio, Hyper-V or VMCI)
 * @vsockmon:		The vsockmon driver
 * @devices:		vsockmon network devices, up or down
 * @device:		Name of the first of them, or ""
 */
struct vsockhdr_host {
	enum vsockhdr_answer af_vsock;
	int af_vsock_errno;
	enum vsockhdr_answer cid;
	int cid_errno;
	uint32_t local_cid;
	enum vsockhdr_answer loopback;
	enum vsockhdr_answer host_side;
	enum vsockhdr_answer guest_side;
	enum vsockhdr_module vsockmon;
	size_t devices;
	char device[VSOCKHDR_IFNAME_LEN];
};

/**
 * vsockhdr_host_probe() - Find out what this machine offers
 * @host:	Where the answers go; all are set
 *
 * Cannot fail: what could not be found out is answered so.
 */
VSOCKHDR_API void vsockhdr_host_probe(struct vsockhdr_host *host);

/**
 * vsockhdr_host_is_vsockmon() - Whether a network device is a vsockmon
 * @name:	The device's name
 *
 * Return: VSOCKHDR_YES, VSOCKHDR_NO, or VSOCKHDR_UNKNOWN with errno set (ENODEV:
 * there is no such device)
 */
VSOCKHDR_API enum vsockhdr_answer vsockhdr_host_is_vsockmon(const char *name);

VSOCKHDR_END_DECLS

#endif
