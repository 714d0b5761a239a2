// SPDX-License-Identifier: BSD-2-Clause
/*
 * The language of vsockguest
 *
 * Theory of operation
 *
 * Every command is a row of a table: its words, and a letter for each argument
 * that follows them. A letter in front of '?' may be left out. So what a command
 * takes, what is said when it is written wrongly and what the table in
 * tests/vm/guest.md shows are the same thing.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vsockguest-script.h"

#define SPACE " \t\r\n"

/** struct grammar - A command
 * @words:	How it is called: one word, or "host" and another
 * @arguments:	g guest port, h host port, t type, o op, f FIELD=VALUE..., n bytes,
 *		m milliseconds, s SHUTDOWN flags, e errno, w "within MS"
 */
struct grammar {
	const char *words;
	const char *arguments;
};

static const struct grammar grammar[] = {
	[VERB_USE] = { "use", "ght?" },
	[VERB_SET] = { "set", "f" },
	[VERB_CONNECT] = { "connect", "ght?" },
	[VERB_ACCEPT] = { "accept", "gt?" },
	[VERB_SEND] = { "send", "n" },
	[VERB_RECEIVE] = { "receive", "nw?" },
	[VERB_CREDIT] = { "credit", "" },
	[VERB_SHUTDOWN] = { "shutdown", "s?" },
	[VERB_RST] = { "rst", "" },
	[VERB_CLOSE] = { "close", "" },
	[VERB_RAW] = { "raw", "of?" },
	[VERB_EXPECT] = { "expect", "of?w?" },
	[VERB_EXPECT_NOTHING] = { "expect-nothing", "m?" },
	[VERB_EXPECT_REFUSED] = { "expect-refused", "" },
	[VERB_HOST_BUFFER] = { "host buffer", "n" },
	[VERB_HOST_TIMEOUT] = { "host timeout", "m" },
	[VERB_HOST_LISTEN] = { "host listen", "ht?" },
	[VERB_HOST_ACCEPT] = { "host accept", "" },
	[VERB_HOST_CONNECT] = { "host connect", "ght?" },
	[VERB_HOST_CONNECTED] = { "host connected", "" },
	[VERB_HOST_SEND] = { "host send", "n" },
	[VERB_HOST_FULL] = { "host full", "" },
	[VERB_HOST_RECEIVE] = { "host receive", "n" },
	[VERB_HOST_EOF] = { "host eof", "" },
	[VERB_HOST_ERROR] = { "host error", "ew?" },
	[VERB_HOST_SHUTDOWN] = { "host shutdown", "s?" },
	[VERB_HOST_CLOSE] = { "host close", "" },
};

#define VERBS (sizeof(grammar) / sizeof(grammar[0]))

static const char *const field_names[FIELDS] = {
#define FIELD_NAME(name, bits, offset) [FIELD_##name] = #name,
	VSOCKHDR_FIELDS(FIELD_NAME)
#undef FIELD_NAME
		[FIELD_payload] = "payload",
	[FIELD_header] = "header",
	[FIELD_counted] = "counted",
};

static const uint64_t field_max[FIELDS] = {
#define FIELD_MAX(name, bits, offset) [FIELD_##name] = UINT64_MAX >> (64 - (bits)),
	VSOCKHDR_FIELDS(FIELD_MAX)
#undef FIELD_MAX
		[FIELD_payload] = PAYLOAD_MAX,
	[FIELD_header] = VSOCKHDR_HDR_LEN,
	[FIELD_counted] = 1,
};

/** struct line - A line that is being parsed: its next word, and what is wrong */
struct line {
	char *word;
	char *rest;
	char *why;
	size_t size;
};

const char *field_name(enum field field)
{
	return field_names[field];
}

uint64_t field_get(const struct vsockhdr *hdr, enum field field)
{
	switch (field) {
#define FIELD_GET(name, bits, offset) \
	case FIELD_##name:            \
		return hdr->name;
		VSOCKHDR_FIELDS(FIELD_GET)
#undef FIELD_GET
	default:
		return 0;
	}
}

void field_set(struct vsockhdr *hdr, enum field field, uint64_t value)
{
	switch (field) {
#define FIELD_SET(name, bits, offset)              \
	case FIELD_##name:                         \
		hdr->name = (uint##bits##_t)value; \
		break;
		VSOCKHDR_FIELDS(FIELD_SET)
#undef FIELD_SET
	default:
		break;
	}
}

__attribute__((format(printf, 2, 3))) static bool wrong(struct line *line,
							const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(line->why, line->size, format, ap);
	va_end(ap);
	return false;
}

static void next_word(struct line *line)
{
	line->word = strtok_r(NULL, SPACE, &line->rest);
}

static bool take_number(struct line *line, const char *text, uint64_t max,
			uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *value > max)
		return wrong(line, "'%s' is no number from 0 to %llu", text,
			     (unsigned long long)max);
	return true;
}

/* A word that is a number, into 32 bits */
static bool take_u32(struct line *line, uint32_t max, uint32_t *value)
{
	uint64_t wide;

	if (!take_number(line, line->word, max, &wide))
		return false;
	*value = (uint32_t)wide;
	next_word(line);
	return true;
}

/* A name, such as an op's, or the number that it stands for */
static bool take_name(struct line *line, const char *text, const char *what,
		      int (*parse)(const char *name, uint16_t *number), uint16_t *value)
{
	uint64_t wide;

	if (parse(text, value) == VSOCKHDR_OK)
		return true;
	if (text[0] < '0' || text[0] > '9')
		return wrong(line, "'%s' is no %s", text, what);
	if (!take_number(line, text, UINT16_MAX, &wide))
		return false;
	*value = (uint16_t)wide;
	return true;
}

/* NAME,NAME or a number */
static bool take_flags(struct line *line, char *text, uint32_t *flags)
{
	uint64_t wide;
	char *rest;

	*flags = 0;
	if (text[0] >= '0' && text[0] <= '9') {
		if (!take_number(line, text, UINT32_MAX, &wide))
			return false;
		*flags = (uint32_t)wide;
		return true;
	}
	for (text = strtok_r(text, ",", &rest); text; text = strtok_r(NULL, ",", &rest)) {
		uint32_t flag;
		uint16_t op;

		if (vsockhdr_flag_parse(text, &op, &flag) != VSOCKHDR_OK)
			return wrong(line, "'%s' is no flag", text);
		*flags |= flag;
	}
	return true;
}

static bool take_value(struct line *line, enum field field, char *text, uint64_t *value)
{
	uint32_t flags;
	uint16_t name;

	switch (field) {
	case FIELD_type:
		if (!take_name(line, text, "type", vsockhdr_type_parse, &name))
			return false;
		*value = name;
		return true;
	case FIELD_op:
		if (!take_name(line, text, "op", vsockhdr_op_parse, &name))
			return false;
		*value = name;
		return true;
	case FIELD_flags:
		if (!take_flags(line, text, &flags))
			return false;
		*value = flags;
		return true;
	default:
		return take_number(line, text, field_max[field], value);
	}
}

static bool take_fields(struct line *line, struct command *command)
{
	for (; line->word && strcmp(line->word, "within") != 0; next_word(line)) {
		char *value = strchr(line->word, '=');
		unsigned int field = 0;

		if (!value)
			return wrong(line, "'%s' is not FIELD=VALUE", line->word);
		*value++ = '\0';
		while (field < FIELDS && strcmp(line->word, field_names[field]) != 0)
			field++;
		if (field == FIELDS)
			return wrong(line, "there is no field '%s'", line->word);
		if (is_given(command, (enum field)field))
			return wrong(line, "'%s' is given twice", line->word);
		if (!take_value(line, (enum field)field, value, &command->value[field]))
			return false;
		command->given |= 1U << field;
	}
	return true;
}

static bool take_within(struct line *line, struct command *command)
{
	if (strcmp(line->word, "within") != 0)
		return wrong(line, "unexpected '%s'", line->word);
	next_word(line);
	if (!line->word)
		return wrong(line, "within how many milliseconds?");
	return take_u32(line, 60000, &command->within_ms);
}

static bool take_error(struct line *line, int *error)
{
	static const int known[] = { ECONNRESET, ETIMEDOUT,    EPIPE, ENOBUFS,
				     ENOTCONN,   ECONNREFUSED, EPROTO };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(line->word, strerrorname_np(known[i])) == 0) {
			*error = known[i];
			next_word(line);
			return true;
		}
	}
	return wrong(line, "'%s' is no error that a socket has", line->word);
}

static bool take_argument(struct line *line, char kind, struct command *command)
{
	char *word = line->word;

	switch (kind) {
	case 'g':
		return take_u32(line, UINT32_MAX, &command->guest_port);
	case 'h':
		return take_u32(line, UINT32_MAX, &command->host_port);
	case 'n':
		return take_u32(line, 16 << 20, &command->number);
	case 'm':
		return take_u32(line, 60000, &command->number);
	case 't':
		next_word(line);
		return take_name(line, word, "type", vsockhdr_type_parse, &command->type);
	case 'o':
		next_word(line);
		return take_name(line, word, "op", vsockhdr_op_parse, &command->op);
	case 's':
		next_word(line);
		return take_flags(line, word, &command->number);
	case 'e':
		return take_error(line, &command->error);
	case 'w':
		return take_within(line, command);
	default:
		return take_fields(line, command);
	}
}

/* Whether the words at the beginning of the line are this command's; takes them */
static bool is_verb(struct line *line, const char *words)
{
	const char *second = strchr(words, ' ');
	size_t len = second ? (size_t)(second - words) : strlen(words);

	if (strlen(line->word) != len || strncmp(line->word, words, len) != 0)
		return false;
	if (second) {
		/* Look before the word is cut off: another command may have it. */
		const char *rest = line->rest + strspn(line->rest, SPACE);

		second++;
		len = strcspn(rest, SPACE);
		if (strlen(second) != len || strncmp(rest, second, len) != 0)
			return false;
		next_word(line);
	}
	next_word(line);
	return true;
}

static bool parse(struct line *line, struct command *command)
{
	bool is_host = strcmp(line->word, "host") == 0;
	const char *argument;
	unsigned int verb = 0;

	while (verb < VERBS && !is_verb(line, grammar[verb].words))
		verb++;
	if (verb == VERBS)
		return wrong(line, "there is no command '%s%s%s'", line->word,
			     is_host ? " " : "", is_host ? line->rest : "");
	command->verb = (enum verb)verb;
	if (verb == VERB_SHUTDOWN || verb == VERB_HOST_SHUTDOWN)
		command->number = VSOCKHDR_SHUTDOWN_RECEIVE | VSOCKHDR_SHUTDOWN_SEND;
	for (argument = grammar[verb].arguments; *argument; argument++) {
		char kind = *argument;
		bool optional = argument[1] == '?';

		if (!line->word && !optional)
			return wrong(line, "'%s' lacks an argument", grammar[verb].words);
		if (line->word && !take_argument(line, kind, command))
			return false;
		if (optional)
			argument++;
	}
	if (line->word)
		return wrong(line, "unexpected '%s'", line->word);
	return true;
}

int script_parse(struct command *command, char *text, char *why, size_t size)
{
	struct line line;

	text[strcspn(text, "#\n")] = '\0';
	line.why = why;
	line.size = size;
	line.word = strtok_r(text, SPACE, &line.rest);
	if (!line.word)
		return 0;
	*command = (struct command) {
		.line = command->line,
		.type = VSOCKHDR_TYPE_STREAM,
		.within_ms = DEFAULT_WITHIN_MS,
	};
	return parse(&line, command) ? 1 : -1;
}
