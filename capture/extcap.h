/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_EXTCAP_H
#define VSOCKDUMP_EXTCAP_H

/*
 * Wireshark's extcap protocol: vsockdump as a capture interface of Wireshark.
 */

#include <stdbool.h>

#include "message.h"
#include "options.h"

/** extcap_is_asked() - Whether a command line is one of the extcap protocol */
bool extcap_is_asked(int argc, char **argv);

/**
 * extcap_run() - Do what it asks
 * @argc:	As of main()
 * @argv:	As of main()
 * @options:	Where the options of a capture go
 * @capture:	Set where a capture was asked for: dump() is to do it then
 *
 * Return: the exit status of everything else
 */
enum exit_status extcap_run(int argc, char **argv, struct options *options,
			    bool *capture);

#endif
