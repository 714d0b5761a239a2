/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * vsockdump: what tcpdump is for networks, for the traffic between virtual machines
 * and their hosts.
 *
 * Theory of operation: a source (file.c, live.c) hands over one packet after another.
 * Each is decoded once and followed by the flow tracker (run_packet.c, track.c), and
 * given to the printer, writer or report that the command line chose (run_print.c).
 * Packets and reports go to standard output, words to standard error.
 */

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#include "dump.h"
#include "explain.h"
#include "extcap.h"
#include "interfaces.h"
#include "message.h"
#include "options.h"
#include "probe.h"
#include "sockets.h"
#include "source.h"

static void print_versions(void)
{
	printf("vsockdump version %s\n%s\n", vsockhdr_version(), pcap_lib_version());
}

static enum exit_status status_of(bool ok)
{
	return ok ? STATUS_OK : STATUS_FAILED;
}

static enum exit_status list_sockets(const struct options *options)
{
	const struct naming_options naming = {
		.cids_file = options->cids_file,
		.machines = true,
		.unqualified = options->unqualified,
	};
	struct naming *names = naming_new(&naming);
	bool ok;

	if (!names)
		return STATUS_FAILED;
	ok = sockets_print(options->json, options->no_names ? NULL : names);
	naming_free(names);
	return status_of(ok);
}

/* -L, -J: what an interface offers */
static enum exit_status list_types(const struct options *options,
				   bool (*print)(const char *name))
{
	struct vsockmon vsockmon;
	bool ok;

	if (!interfaces_choose(options->interface, &vsockmon))
		return STATUS_FAILED;
	ok = print(vsockmon.name);
	return status_of(vsockmon_remove(&vsockmon) && ok);
}

static enum exit_status act(struct options *options)
{
	switch (options->action) {
	case ACTION_DUMP:
		return dump(options);
	case ACTION_EXPLAIN:
		return explain(options->explain);
	case ACTION_HELP:
		options_print_help();
		break;
	case ACTION_LIST_INTERFACES:
		return status_of(interfaces_print());
	case ACTION_LIST_LINK_TYPES:
		return list_types(options, live_print_link_types);
	case ACTION_LIST_SOCKETS:
		return list_sockets(options);
	case ACTION_LIST_TIME_STAMPS:
		return list_types(options, live_print_tstamp_types);
	case ACTION_PRINT_FILTER:
		return dump_print_filter(options);
	case ACTION_PROBE:
		return status_of(probe_print(options->json));
	case ACTION_VERSION:
		print_versions();
		break;
	}
	return STATUS_OK;
}

static enum exit_status run(int argc, char **argv)
{
	static struct options options;
	enum exit_status status = STATUS_OK;
	bool capture = true;

	if (extcap_is_asked(argc, argv))
		status = extcap_run(argc, argv, &options, &capture);
	else if (!options_parse(&options, argc, argv))
		return STATUS_USAGE;
	return status == STATUS_OK && capture ? act(&options) : status;
}

int main(int argc, char **argv)
{
	enum exit_status status = run(argc, argv);

	if (fflush(stdout) != 0) {
		message("cannot write to standard output: %s", strerror(errno));
		status = STATUS_FAILED;
	}
	return (int)status;
}
