/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A line is "CID NAME" or "port NUMBER NAME"; '#' begins a comment. Messages do not
 * repeat what the file says, which may be anything.
 */

#include "naming_file.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "naming_words.h"

/** Words of a line: one more than any line may have */
#define MAX_WORDS 4

/* A whole text as a number of at most max, decimal or with 0x */
static bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	return g_ascii_string_to_unsigned(hex ? text + 2 : text, hex ? 16 : 10, 0, max,
					  number, NULL);
}

static size_t split(char *line, char *words[MAX_WORDS])
{
	size_t count = 0;
	char *rest = line;
	char *word;

	while (count < MAX_WORDS && (word = strtok_r(rest, " \t\r", &rest)) != NULL)
		words[count++] = word;
	return count;
}

/* What is wrong with a line, or NULL */
static const char *take_line(char *line, naming_file_take *take, void *context)
{
	char *words[MAX_WORDS];
	const char *fault;
	bool port = false;
	uint64_t number;
	size_t count;

	line[strcspn(line, "#")] = '\0';
	count = split(line, words);
	if (count == 0)
		return NULL;
	port = g_ascii_strcasecmp(words[0], "port") == 0;
	if (count != (port ? 3 : 2))
		return "a line is \"CID NAME\" or \"port NUMBER NAME\"";
	if (!parse_number(words[count - 2], port ? UINT32_MAX : UINT64_MAX, &number))
		return port ? "the port is no number of 32 bits"
			    : "the CID is no number of 64 bits";
	fault = naming_fault(words[count - 1]);
	return fault ? fault : take(context, port, number, words[count - 1]);
}

static bool take_lines(const char *path, char *text, size_t size, naming_file_take *take,
		       void *context)
{
	char *const end = text + size;
	unsigned int number = 1;

	for (char *line = text; line < end; number++) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *stop = newline ? newline : end;
		const char *fault;

		*stop = '\0';
		if (memchr(line, '\0', (size_t)(stop - line)))
			fault = "a NUL character";
		else
			fault = take_line(line, take, context);
		if (fault) {
			message("%s:%u: %s", path, number, fault);
			return false;
		}
		line = stop + 1;
	}
	return true;
}

/* Not being there, and lying where we may not look, are no faults of a file that nobody
 * asked for. */
static bool report_open(const char *path, bool required)
{
	if (!required && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return true;
	message("cannot open %s: %s", path, strerror(errno));
	return false;
}

bool naming_file_read(const char *path, bool required, naming_file_take *take,
		      void *context)
{
	FILE *file = fopen(path, "re");
	bool good = false;
	size_t size;
	char *text;

	if (!file)
		return report_open(path, required);
	text = g_malloc(NAMING_FILE_MAX + 2);
	size = fread(text, 1, NAMING_FILE_MAX + 1, file);
	if (ferror(file))
		message("cannot read %s: %s", path, strerror(errno));
	else if (size > NAMING_FILE_MAX)
		message("%s is longer than %d bytes", path, NAMING_FILE_MAX);
	else
		good = take_lines(path, text, size, take, context);
	g_free(text);
	fclose(file);
	return good;
}
