/* SPDX-License-Identifier: BSD-2-Clause */

#include "interfaces.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "message.h"

#define MAKE_ONE "ip link add type vsockmon && ip link set vsockmon0 up"

/* What this machine is told to do to get a vsockmon interface */
static void explain_none(enum vsockhdr_module module)
{
	struct utsname kernel;

	switch (module) {
	case VSOCKHDR_MODULE_LOADED:
		message("this machine has no vsockmon interface. Make one, as root:\n"
			"    " MAKE_ONE);
		break;
	case VSOCKHDR_MODULE_AVAILABLE:
		message("this machine has no vsockmon interface, and the kernel's module "
			"for it is not loaded. As root:\n"
			"    modprobe vsockmon && " MAKE_ONE);
		break;
	case VSOCKHDR_MODULE_ABSENT:
		if (uname(&kernel) < 0)
			kernel.release[0] = '\0';
		message("this machine has no vsockmon interface, and its kernel %s has no "
			"vsockmon module: it takes a kernel built with CONFIG_VSOCKMON, "
			"such as Debian's linux-image-amd64",
			kernel.release);
		break;
	case VSOCKHDR_MODULE_UNKNOWN:
		message("this machine has no vsockmon interface. As root:\n"
			"    modprobe vsockmon && " MAKE_ONE "\n"
			"Where there is no such module, it takes a kernel built with "
			"CONFIG_VSOCKMON");
		break;
	}
}

static void report_none(void)
{
	struct vsockhdr_host host;

	vsockhdr_host_probe(&host);
	explain_none(host.vsockmon);
}

static void print_interface(unsigned int number, const pcap_if_t *dev)
{
	const char *separator = "";

	printf("%u.%s [", number, dev->name);
	if (dev->flags & PCAP_IF_UP) {
		fputs("Up", stdout);
		separator = ", ";
	}
	if (dev->flags & PCAP_IF_RUNNING)
		printf("%sRunning", separator);
	if (!(dev->flags & (PCAP_IF_UP | PCAP_IF_RUNNING)))
		fputs("Down", stdout);
	puts("]");
}

/**
 * walk() - Go through the vsockmon interfaces in libpcap's order
 * @wanted:	Stop at the one with this number; 0: print them all
 * @name:	Where the name of that one goes
 *
 * Return: how many were seen, or -1 after a message
 */
static int walk(unsigned int wanted, char name[VSOCKHDR_IFNAME_LEN])
{
	char error[PCAP_ERRBUF_SIZE] = "";
	unsigned int number = 0;
	pcap_if_t *devices;

	if (pcap_findalldevs(&devices, error) < 0) {
		message("cannot list interfaces: %s", error);
		return -1;
	}
	for (const pcap_if_t *dev = devices; dev; dev = dev->next) {
		if (vsockhdr_host_is_vsockmon(dev->name) != VSOCKHDR_YES)
			continue;
		number++;
		if (wanted == 0) {
			print_interface(number, dev);
		} else if (wanted == number) {
			snprintf(name, VSOCKHDR_IFNAME_LEN, "%s", dev->name);
			break;
		}
	}
	pcap_freealldevs(devices);
	return (int)number;
}

bool interfaces_print(void)
{
	int count = walk(0, NULL);

	if (count == 0)
		report_none();
	return count > 0;
}

bool interfaces_choose(const char *wanted, char name[VSOCKHDR_IFNAME_LEN])
{
	struct vsockhdr_host host;
	unsigned long number = 0;
	char *end;

	if (!wanted) {
		vsockhdr_host_probe(&host);
		if (host.devices == 0)
			explain_none(host.vsockmon);
		snprintf(name, VSOCKHDR_IFNAME_LEN, "%s", host.device);
		return host.devices > 0;
	}
	if (wanted[strspn(wanted, "0123456789")] == '\0')
		number = strtoul(wanted, &end, 10);
	if (number > 0 && number < 10000) {
		int count = walk((unsigned int)number, name);

		if (count >= 0 && (unsigned long)count < number)
			message("there is no interface number %s: vsockdump -D lists them",
				wanted);
		return count >= 0 && (unsigned long)count == number;
	}
	if (strlen(wanted) >= VSOCKHDR_IFNAME_LEN) {
		interfaces_report_missing(wanted);
		return false;
	}
	snprintf(name, VSOCKHDR_IFNAME_LEN, "%s", wanted);
	return true;
}

void interfaces_report_missing(const char *name)
{
	struct vsockhdr_host host;

	vsockhdr_host_probe(&host);
	if (host.devices > 0) {
		message("%s: no such interface: vsockdump -D lists those that there are "
			"(%s%s)",
			name, host.device, host.devices > 1 ? ", ..." : "");
		return;
	}
	message("%s: no such interface", name);
	explain_none(host.vsockmon);
}
