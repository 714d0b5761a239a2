/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FUZZ_DUMP_H
#define VSOCKDUMP_FUZZ_DUMP_H

/*
 * vsockdump in this process: a command line and the bytes of a capture in, standard
 * output out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** In a command line: the name of a file that dump_written() has the bytes of */
#define DUMP_FILE "/proc/self/fd/102"

/**
 * struct shown - What vsockdump has written
 * @text:	Its bytes, and a NUL behind them; to be freed
 * @size:	How many
 * @ok:		It was content
 */
struct shown {
	char *text;
	size_t size;
	bool ok;
};

/**
 * dump_show() - Have vsockdump show a capture
 * @words:	Its options, with blanks between them
 * @bytes:	The capture
 * @size:	Of the capture
 * @pipe:	It comes from a pipe, not from a file
 *
 * Return: what it has written to standard output
 */
struct shown dump_show(const char *words, const void *bytes, size_t size, bool pipe);

/** dump_written() - What it has written to DUMP_FILE since the last call */
struct shown dump_written(void);

/** dump_check_text() - That these bytes do no harm to a terminal */
void dump_check_text(const struct shown *shown);

/** dump_check_json() - That each line is one JSON object */
void dump_check_json(const struct shown *shown);

#endif
