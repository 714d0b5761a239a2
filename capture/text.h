/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TEXT_H
#define VSOCKDUMP_TEXT_H

/*
 * A packet as a line of text.
 */

#include <stdbool.h>

#include "output.h"
#include "packet.h"
#include "timestamp.h"
#include "track.h"

/** enum text_bytes - Whether -x or -X asks for the packet's bytes */
enum text_bytes {
	TEXT_BYTES_NONE = 0,
	/** Once: what follows the vsockmon header */
	TEXT_BYTES_PACKET,
	/** Twice: the vsockmon header, too */
	TEXT_BYTES_RECORD,
};

/**
 * struct text - How to print, and the state between lines
 * @timestamp:	Time column
 * @numeric:	Numbers instead of names (-n)
 * @verbose:	A second line with the vsockmon header (-v)
 * @bytes:	Print the bytes (-x, -X)
 * @ascii:	Print them as text, too (-X)
 */
struct text {
	struct timestamp timestamp;
	bool numeric;
	bool verbose;
	enum text_bytes bytes;
	bool ascii;
};

/**
 * text_print() - Print a packet
 * @text:	How to print
 * @out:	Where to
 * @pkt:	The packet
 * @story:	What it meant
 */
void text_print(struct text *text, struct output *out, const struct packet *pkt,
		const struct story *story);

#endif
