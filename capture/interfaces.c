/* SPDX-License-Identifier: BSD-2-Clause */

#include "interfaces.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vsockhdr/host.h>
#include <vsockhdr/record.h>

#include "message.h"

#define MAKE_ONE "ip link add type vsockmon && ip link set vsockmon0 up"

/* For another vsockdump to finish the interface that it is making, in microseconds */
#define MAKING_US 50000

/**
 * struct survey - The vsockmon interfaces, the oldest of each sort; index 0: none
 * @up:		Up, and there to stay
 * @down:	Down, and there to stay
 * @temporary:	Up, and another vsockdump's
 */
struct survey {
	struct link_info up;
	struct link_info down;
	struct link_info temporary;
};

static void explain_absent(void)
{
	struct utsname kernel;

	if (uname(&kernel) < 0)
		kernel.release[0] = '\0';
	message("this machine has no vsockmon interface, and its kernel %s has no vsockmon "
		"module: it takes a kernel built with CONFIG_VSOCKMON, such as Debian's "
		"linux-image-amd64",
		kernel.release);
}

/* What this machine is told to do to get a vsockmon interface */
static void explain_none(enum vsockhdr_module module)
{
	switch (module) {
	case VSOCKHDR_MODULE_LOADED:
		message("this machine has no vsockmon interface. Without -i, vsockdump makes "
			"one for as long as it captures. For one that stays, as root:\n"
			"    " MAKE_ONE);
		break;
	case VSOCKHDR_MODULE_AVAILABLE:
		message("this machine has no vsockmon interface, and the kernel's module "
			"vsockmon is not loaded. As root, then run vsockdump again:\n"
			"    modprobe vsockmon");
		break;
	case VSOCKHDR_MODULE_ABSENT:
		explain_absent();
		break;
	case VSOCKHDR_MODULE_UNKNOWN:
		message("this machine has no vsockmon interface. As root:\n"
			"    modprobe vsockmon && " MAKE_ONE "\n"
			"Where there is no such module, it takes a kernel built with "
			"CONFIG_VSOCKMON");
		break;
	}
}

static void explain_not_permitted(void)
{
	message("this machine has no vsockmon interface, and vsockdump may not make one: run "
		"it as root, or permit it once, as root:\n"
		"    setcap cap_net_raw,cap_net_admin+ep \"$(command -v vsockdump)\"\n"
		"or make an interface that stays, as root:\n"
		"    " MAKE_ONE);
}

static enum vsockhdr_module module_state(void)
{
	struct vsockhdr_host host;

	vsockhdr_host_probe(&host);
	return host.vsockmon;
}

static void print_interface(unsigned int number, const pcap_if_t *dev,
			    struct mnl_socket *socket)
{
	const char *separator = "";
	struct link_info link;
	pid_t owner = 0;

	if (socket && links_get(socket, 0, dev->name, &link) == 0)
		owner = vsockmon_owner(&link);
	printf("%u.%s [", number, dev->name);
	if (dev->flags & PCAP_IF_UP) {
		fputs("Up", stdout);
		separator = ", ";
	}
	if (dev->flags & PCAP_IF_RUNNING)
		printf("%sRunning", separator);
	if (!(dev->flags & (PCAP_IF_UP | PCAP_IF_RUNNING)))
		fputs("Down", stdout);
	if (owner > 0)
		printf(", temporary, of vsockdump %d", (int)owner);
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
	struct mnl_socket *socket;
	unsigned int number = 0;
	pcap_if_t *devices;

	if (pcap_findalldevs(&devices, error) < 0) {
		message("cannot list interfaces: %s", error);
		return -1;
	}
	socket = links_open();
	for (const pcap_if_t *dev = devices; dev; dev = dev->next) {
		if (vsockhdr_host_is_vsockmon(dev->name) != VSOCKHDR_YES)
			continue;
		number++;
		if (wanted == 0) {
			print_interface(number, dev, socket);
		} else if (wanted == number) {
			snprintf(name, VSOCKHDR_IFNAME_LEN, "%s", dev->name);
			break;
		}
	}
	links_close(socket);
	pcap_freealldevs(devices);
	return (int)number;
}

bool interfaces_print(void)
{
	int count = walk(0, NULL);

	if (count == 0)
		explain_none(module_state());
	return count > 0;
}

static void on_link(const struct link_info *link, void *context)
{
	struct survey *survey = context;
	struct link_info *place = &survey->down;

	if (link->type != VSOCKHDR_ARPHRD_VSOCKMON)
		return;
	if (vsockmon_owner(link) > 0 && !link->up)
		return;
	if (vsockmon_owner(link) > 0)
		place = &survey->temporary;
	else if (link->up)
		place = &survey->up;
	if (place->index == 0 || link->index < place->index)
		*place = *link;
}

static bool look(struct survey *survey)
{
	int err;

	*survey = (struct survey) { .up.index = 0 };
	err = links_each(on_link, survey);
	/* One that another vsockdump is making is down and without its owner's mark for a
	 * moment. */
	if (err == 0 && survey->up.index == 0 && survey->down.index != 0) {
		usleep(MAKING_US);
		*survey = (struct survey) { .up.index = 0 };
		err = links_each(on_link, survey);
	}
	if (err < 0)
		message("cannot list interfaces: %s", strerror(-err));
	return err == 0;
}

static void take(struct vsockmon *vsockmon, const struct link_info *link)
{
	*vsockmon = (struct vsockmon) { .name = "" };
	memcpy(vsockmon->name, link->name, sizeof(vsockmon->name));
}

/* Where nothing is permitted: the interface of another vsockdump, if there is one */
static bool take_temporary(struct vsockmon *vsockmon, const struct link_info *temporary)
{
	if (temporary->index == 0)
		return false;
	inform("vsockdump: %s is the temporary interface of vsockdump %d, and goes with it\n",
	       temporary->name, (int)vsockmon_owner(temporary));
	take(vsockmon, temporary);
	return true;
}

static bool raise_one(struct vsockmon *vsockmon, const struct survey *survey)
{
	switch (vsockmon_raise(vsockmon, survey->down.name)) {
	case VSOCKMON_DONE:
		inform("vsockdump: %s was down: it is up for as long as this capture lasts\n",
		       vsockmon->name);
		return true;
	case VSOCKMON_NOT_PERMITTED:
		/* The capture will say that it is down, and what to do. */
		if (!take_temporary(vsockmon, &survey->temporary))
			take(vsockmon, &survey->down);
		return true;
	default:
		return false;
	}
}

static bool make_one(struct vsockmon *vsockmon, const struct survey *survey)
{
	enum vsockhdr_module module = module_state();

	if (module != VSOCKHDR_MODULE_LOADED) {
		explain_none(module);
		return false;
	}
	switch (vsockmon_make(vsockmon, VSOCKMON_KIND)) {
	case VSOCKMON_DONE:
		inform("vsockdump: made the interface %s for as long as this capture lasts\n",
		       vsockmon->name);
		return true;
	case VSOCKMON_NO_KIND:
		explain_none(VSOCKHDR_MODULE_UNKNOWN);
		return false;
	case VSOCKMON_NOT_PERMITTED:
		if (take_temporary(vsockmon, &survey->temporary))
			return true;
		explain_not_permitted();
		return false;
	default:
		return false;
	}
}

static bool choose_any(struct vsockmon *vsockmon)
{
	struct survey survey;

	if (!look(&survey))
		return false;
	if (survey.up.index != 0) {
		take(vsockmon, &survey.up);
		return true;
	}
	if (survey.down.index != 0)
		return raise_one(vsockmon, &survey);
	return make_one(vsockmon, &survey);
}

static bool choose_number(const char *wanted, unsigned int number,
			  struct vsockmon *vsockmon)
{
	int count = walk(number, vsockmon->name);

	if (count >= 0 && (unsigned int)count < number)
		message("there is no interface number %s: vsockdump -D lists them",
			wanted);
	return count >= 0 && (unsigned int)count == number;
}

bool interfaces_choose(const char *wanted, struct vsockmon *vsockmon)
{
	unsigned long number = 0;
	char *end;

	*vsockmon = (struct vsockmon) { .name = "" };
	if (!wanted)
		return choose_any(vsockmon);
	if (strcmp(wanted, "any") == 0) {
		message("any: that stands for all network interfaces at once, in a format of "
			"its own that vsock's traffic does not have. A vsockmon interface "
			"shows the traffic of all: leave out -i");
		return false;
	}
	if (wanted[strspn(wanted, "0123456789")] == '\0')
		number = strtoul(wanted, &end, 10);
	if (number > 0 && number < 10000)
		return choose_number(wanted, (unsigned int)number, vsockmon);
	if (strlen(wanted) >= VSOCKHDR_IFNAME_LEN) {
		interfaces_report_missing(wanted);
		return false;
	}
	snprintf(vsockmon->name, sizeof(vsockmon->name), "%s", wanted);
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
