/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_HEXDUMP_H
#define VSOCKDUMP_HEXDUMP_H

/*
 * The bytes of a packet, in tcpdump's forms, so that what reads one reads the other.
 */

#include <stdbool.h>

#include "output.h"

/**
 * hexdump() - Print bytes in hex, 16 a line
 * @out:	Where to
 * @data:	The bytes
 * @size:	How many
 * @ascii:	Print them as text at the right, too (-X)
 */
void hexdump(struct output *out, const uint8_t *data, size_t size, bool ascii);

/**
 * asciidump() - Print bytes as text, with a newline after them (-A)
 * @out:	Where to
 * @data:	The bytes; what is neither printable nor white space becomes a dot, and a
 *		carriage return before a newline is left out
 * @size:	How many
 */
void asciidump(struct output *out, const uint8_t *data, size_t size);

#endif
