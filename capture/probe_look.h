/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PROBE_LOOK_H
#define VSOCKDUMP_PROBE_LOOK_H

/*
 * What --probe sees, before anything is concluded from it. Looking loads nothing,
 * changes nothing and runs no program, least of all as root.
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <vsockhdr/host.h>

#include "links.h"

/** Devices that are listed; more are only counted */
#define PROBE_MAX_DEVICES 16

/** Wireshark's plugin and vsockdump as its capture program have these names */
#define PROBE_PLUGIN "vsockhdr.so"
#define PROBE_EXTCAP "vsockdump"

/** enum probe_module - The modules that matter beside vsockmon */
enum probe_module {
	PROBE_VSOCK,
	PROBE_LOOPBACK,
	PROBE_VHOST,
	PROBE_DIAG,
	PROBE_MODULES,
};

/** enum probe_permission - Where vsockdump stands with a capability */
enum probe_permission {
	PROBE_PERMITTED,
	/** Its file has the capability, which does not work: the file system is mounted
	 * nosuid, or privileges may not grow (no_new_privs) */
	PROBE_IN_FILE_ONLY,
	PROBE_NOT_PERMITTED,
	PROBE_PERMISSION_UNKNOWN,
};

/**
 * struct probe - What was seen
 * @release:	The kernel's, or ""
 * @host:	What the library knows of the machine
 * @modules:	The other modules, by enum probe_module
 * @devices:	vsockmon devices, the first PROBE_MAX_DEVICES
 * @device_count:	How many there are
 * @devices_err:	0, or why they cannot be listed: a negative errno
 * @capture:	CAP_NET_RAW
 * @make:	CAP_NET_ADMIN
 * @self:	vsockdump's file, or ""
 * @wireshark:	Where PATH has wireshark, tshark or dumpcap, or ""
 * @wireshark_version:	The newest X.Y of which there are plugins, or ""
 * @plugin_folder:	Where its plugins are, or would be for this user, or ""
 * @plugin:	PROBE_PLUGIN, where it is installed, or ""
 * @extcap_folder:	Its global folder of capture programs, or ""
 * @extcap:	PROBE_EXTCAP, where it is installed, or ""
 */
struct probe {
	char release[65];
	struct vsockhdr_host host;
	enum vsockhdr_module modules[PROBE_MODULES];
	struct link_info devices[PROBE_MAX_DEVICES];
	size_t device_count;
	int devices_err;
	enum probe_permission capture;
	enum probe_permission make;
	char self[PATH_MAX];
	char wireshark[PATH_MAX];
	char wireshark_version[16];
	char plugin_folder[PATH_MAX];
	char plugin[PATH_MAX];
	char extcap_folder[PATH_MAX];
	char extcap[PATH_MAX];
};

/** probe_look() - Look at this machine */
void probe_look(struct probe *seen);

/** probe_module_name() - A module's name */
const char *probe_module_name(enum probe_module module);

#endif
