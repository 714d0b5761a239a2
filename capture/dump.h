/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_DUMP_H
#define VSOCKDUMP_DUMP_H

/*
 * Packets from a source to whatever the command line asks to be made of them.
 */

#include "message.h"
#include "options.h"

/**
 * dump() - Do what the command line asks
 * @options:	The command line; the time column's state in it changes
 *
 * Return: STATUS_OK; after a message STATUS_USAGE where the filter is wrong, or
 * STATUS_FAILED where something could not be read, captured or written; STATUS_FAILED,
 * too, where there was a finding that --fail-on asked for
 */
enum exit_status dump(struct options *options);

/** dump_print_filter() - Print the filter's program (-d); return as dump() */
enum exit_status dump_print_filter(const struct options *options);

#endif
