// SPDX-License-Identifier: BSD-2-Clause
/*
 * The language of vsockguest: a command a line, as tests/vm/guest.md describes it.
 * Nothing here touches a device or a socket.
 */
#ifndef VSOCKGUEST_SCRIPT_H
#define VSOCKGUEST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vsockhdr/vsockhdr.h>

/** What a command does; in the order of the table in vsockguest-script.c. */
enum verb {
	VERB_USE,
	VERB_SET,
	VERB_CONNECT,
	VERB_ACCEPT,
	VERB_SEND,
	VERB_RECEIVE,
	VERB_CREDIT,
	VERB_SHUTDOWN,
	VERB_RST,
	VERB_CLOSE,
	VERB_RAW,
	VERB_EXPECT,
	VERB_EXPECT_NOTHING,
	VERB_EXPECT_REFUSED,
	VERB_HOST_BUFFER,
	VERB_HOST_TIMEOUT,
	VERB_HOST_LISTEN,
	VERB_HOST_ACCEPT,
	VERB_HOST_CONNECT,
	VERB_HOST_CONNECTED,
	VERB_HOST_SEND,
	VERB_HOST_FULL,
	VERB_HOST_RECEIVE,
	VERB_HOST_EOF,
	VERB_HOST_ERROR,
	VERB_HOST_SHUTDOWN,
	VERB_HOST_CLOSE,
};

/** What FIELD=VALUE can name: the fields of the header, then what is around it. */
enum field {
#define FIELD_ENUM(name, bits, offset) FIELD_##name,
	VSOCKHDR_FIELDS(FIELD_ENUM)
#undef FIELD_ENUM
		FIELD_payload, /* bytes behind the header */
	FIELD_header,          /* bytes of the header itself, of 44 */
	FIELD_counted, /* whether an RW counts as sent: 0 where the host drops it */
	FIELDS,
};

/** struct command - A line of a script
 * @line:	Its number, from 1
 * @verb:	What it does
 * @guest_port:	Port of this end, where the verb has one
 * @host_port:	Port of the other end, likewise
 * @type:	Socket type, VSOCKHDR_TYPE_STREAM where none is given
 * @op:		Operation of a packet
 * @number:	Bytes, or milliseconds, or flags of SHUTDOWN
 * @within_ms:	How long to wait, DEFAULT_WITHIN_MS where nothing is given
 * @error:	An errno
 * @given:	Bit 1 << enum field for each FIELD=VALUE
 * @value:	Their values
 */
struct command {
	unsigned int line;
	enum verb verb;
	uint32_t guest_port;
	uint32_t host_port;
	uint16_t type;
	uint16_t op;
	uint32_t number;
	uint32_t within_ms;
	int error;
	uint32_t given;
	uint64_t value[FIELDS];
};

/** Beyond what an emulated machine that hardly gets a processor takes to answer. */
#define DEFAULT_WITHIN_MS 30000

/** Largest payload of a packet that a script can make. */
#define PAYLOAD_MAX 131072

/** script_parse() - Parse one line
 * @command:	Where it goes; its @line is the caller's
 * @text:	The line, with or without its newline; changed
 * @why:	Where the reason goes when there is something wrong
 * @size:	Bytes of @why
 *
 * Return: 1, or 0 where the line is empty or a comment, or -1 and a reason in @why
 */
int script_parse(struct command *command, char *text, char *why, size_t size);

/** field_name() - Name of a field, as it is written in a script */
const char *field_name(enum field field);

/** field_get() - A field of a header; only those that a header has */
uint64_t field_get(const struct vsockhdr *hdr, enum field field);

/** field_set() - Set a field of a header; of no effect for what is around it */
void field_set(struct vsockhdr *hdr, enum field field, uint64_t value);

/** is_given() - Whether a line has FIELD=VALUE for this field */
static inline bool is_given(const struct command *command, enum field field)
{
	return command->given & (1U << field);
}

#endif
