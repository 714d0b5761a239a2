/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: a wrong name is worse than none. Ports below 1024 can only be
 * bound by root, and the kernel gives them to nobody who did not ask for them, so that
 * a packet with port 22 is about ssh. All others the kernel also hands out to clients,
 * older ones from 1024 on, newer ones from a random port on (net/vmw_vsock/af_vsock.c),
 * and more than one project has chosen 1024 and 5555. Those names can be asked for in a
 * filter, where the user knows what runs there; they are never printed.
 */

#include "services.h"

#include <glib.h>
#include <stddef.h>

/** The last port that takes privileges (LAST_RESERVED_PORT of the kernel) */
#define LAST_PRIVILEGED_PORT 1023

/**
 * struct service - A well-known port
 * @name:	Its name
 * @port:	The port
 */
struct service {
	const char *name;
	uint32_t port;
};

static const struct service services[] = {
	/* systemd-ssh-generator(8), systemd-ssh-proxy(1) */
	{ "ssh", 22 },
	/* Kata Containers, virtcontainers: vSockPort, vSockLogsPort */
	{ "kata-agent", 1024 },
	{ "kata-logs", 1025 },
	/* Kata Containers, Developer Guide: agent.debug_console_vport */
	{ "kata-console", 1026 },
	/* iperf-vsock, as iperf3 with TCP */
	{ "iperf3", 5201 },
	/* Android, adb.h: DEFAULT_ADB_LOCAL_TRANSPORT_PORT, where adbd listens for vsock
	 */
	{ "adb", 5555 },
};

const char *services_name(uint32_t port)
{
	if (port > LAST_PRIVILEGED_PORT)
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(services); i++) {
		if (services[i].port == port)
			return services[i].name;
	}
	return NULL;
}

bool services_find(const char *name, uint32_t *port)
{
	for (size_t i = 0; i < G_N_ELEMENTS(services); i++) {
		if (g_ascii_strcasecmp(services[i].name, name) == 0) {
			*port = services[i].port;
			return true;
		}
	}
	return false;
}
