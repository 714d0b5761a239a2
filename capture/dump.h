/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_DUMP_H
#define VSOCKDUMP_DUMP_H

/*
 * Packets from a source to whatever the command line asks to be made of them.
 */

#include <stdbool.h>

#include "options.h"

/**
 * dump() - Do what the command line asks
 * @options:	The command line; the time column's state in it changes
 *
 * Return: false, after a message, where something could not be read, captured or
 * written; false, too, where there was a finding that --fail-on asked for
 */
bool dump(struct options *options);

#endif
