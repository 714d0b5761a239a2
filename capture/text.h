/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TEXT_H
#define VSOCKDUMP_TEXT_H

/*
 * A packet as a line of text.
 */

#include <stdbool.h>

#include "naming.h"
#include "output.h"
#include "packet.h"
#include "processes.h"
#include "timestamp.h"
#include "track.h"

/** enum text_bytes - How much of a packet -x, -X or -A asks for */
enum text_bytes {
	TEXT_BYTES_NONE = 0,
	/** Once: what follows the vsockmon header */
	TEXT_BYTES_PACKET,
	/** Twice: the vsockmon header, too */
	TEXT_BYTES_RECORD,
};

/** enum text_form - In which form; of several, tcpdump takes the last of these */
enum text_form {
	/** -A */
	TEXT_FORM_ASCII = 1,
	/** -x */
	TEXT_FORM_HEX,
	/** -X */
	TEXT_FORM_HEX_ASCII,
};

/**
 * struct text - How to print, and the state between lines
 * @timestamp:	Time column
 * @names:	Names of addresses; NULL: numbers (-n)
 * @processes:	Who has the sockets of this machine open (-e), or NULL
 * @number:	The frame's number before the time (-#)
 * @quiet:	Neither credit nor what a packet meant, unless something is wrong (-q)
 * @link_header:	The vsockmon header in the line (-e)
 * @verbose:	How many -v: 1: a second line with the vsockmon header, 2: one with the
 *		connection, 3: findings in full
 * @bytes:	Print the bytes
 * @form:	In which form; valid if they are printed
 */
struct text {
	struct timestamp timestamp;
	const struct naming *names;
	struct processes *processes;
	bool number;
	bool quiet;
	bool link_header;
	unsigned int verbose;
	enum text_bytes bytes;
	enum text_form form;
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

/** text_print_finding() - Print a finding in a line of its own below a packet's (-vvv) */
void text_print_finding(struct output *out, const struct vsockhdr_finding *finding);

#endif
