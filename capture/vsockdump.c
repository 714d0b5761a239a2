/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * vsockdump: what tcpdump is for networks, for the traffic between virtual machines
 * and their hosts.
 *
 * Theory of operation: a source (file.c, live.c) hands over one packet after another.
 * Each is decoded once and followed by the flow tracker (dump.c, track.c), and given to
 * the one printer, writer or report that the command line chose. Packets and reports go
 * to standard output, words to standard error.
 */

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#include "dump.h"
#include "explain.h"
#include "interfaces.h"
#include "message.h"
#include "options.h"

static void print_versions(void)
{
	printf("vsockdump version %s\n%s\n", vsockhdr_version(), pcap_lib_version());
}

static enum exit_status act(struct options *options)
{
	switch (options->action) {
	case ACTION_HELP:
		options_print_help();
		break;
	case ACTION_VERSION:
		print_versions();
		break;
	case ACTION_EXPLAIN:
		return explain(options->explain);
	case ACTION_LIST_INTERFACES:
		return interfaces_print() ? STATUS_OK : STATUS_FAILED;
	case ACTION_DUMP:
		return dump(options) ? STATUS_OK : STATUS_FAILED;
	}
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	static struct options options;
	enum exit_status status;

	if (!options_parse(&options, argc, argv))
		return STATUS_USAGE;
	status = act(&options);
	if (fflush(stdout) != 0) {
		message("cannot write to standard output: %s", strerror(errno));
		status = STATUS_FAILED;
	}
	return status;
}
