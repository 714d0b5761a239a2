/* SPDX-License-Identifier: BSD-2-Clause */

#include "selection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* Longest filter in a file, in bytes */
#define FILTER_FILE_MAX 65536

/* Numbers that are remembered one by one: a set takes 64 MiB at the most */
#define BITSET_MAX ((uint64_t)1 << 29)

static void bitset_add(struct bitset *set, uint64_t number)
{
	size_t word = (size_t)(number / 64);

	if (number >= BITSET_MAX) {
		set->full = true;
		return;
	}
	if (word >= set->room) {
		size_t room = set->room > 0 ? set->room : 64;
		uint64_t *more;

		while (room <= word)
			room *= 2;
		more = realloc(set->words, room * sizeof(*more));
		if (!more) {
			set->full = true;
			return;
		}
		memset(more + set->room, 0, (room - set->room) * sizeof(*more));
		set->words = more;
		set->room = room;
	}
	set->words[word] |= UINT64_C(1) << (number % 64);
}

static bool bitset_has(const struct bitset *set, uint64_t number)
{
	size_t word = (size_t)(number / 64);

	if (number >= BITSET_MAX || word >= set->room)
		return set->full;
	return (set->words[word] >> (number % 64) & 1) != 0;
}

/* The text of a file; NULL after a message */
static char *read_filter_file(const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = malloc(FILTER_FILE_MAX + 1);
	size_t size;

	if (!file || !text) {
		message("%s: %s", path, strerror(errno));
		if (file && file != stdin)
			fclose(file);
		free(text);
		return NULL;
	}
	size = fread(text, 1, FILTER_FILE_MAX + 1, file);
	if (ferror(file) || size > FILTER_FILE_MAX || memchr(text, '\0', size)) {
		if (ferror(file))
			message("%s: cannot read: %s", path, strerror(errno));
		else
			message("%s: this is no filter: it has %s", path,
				size > FILTER_FILE_MAX ? "more than 64 KiB"
						       : "NUL characters");
		free(text);
		text = NULL;
	} else {
		text[size] = '\0';
	}
	if (file != stdin)
		fclose(file);
	return text;
}

/* Parse an expression; NULL after a message */
static struct filter *parse(const char *what, const char *text, enum filter_kind kind,
			    const struct naming *names)
{
	struct filter_error error;
	struct filter *filter = filter_parse(text, kind, names, &error);

	if (!filter)
		filter_report(what, text, &error);
	return filter;
}

static enum exit_status open_filter(struct selection *selection,
				    const struct options *options,
				    const struct naming *names)
{
	const char *path = options->filter_file;
	const char *text = options->expression;
	char *from_file = NULL;

	if (path) {
		from_file = read_filter_file(path);
		if (!from_file)
			return STATUS_FAILED;
		text = from_file;
	}
	if (!text)
		return STATUS_OK;
	selection->filter = parse(path ? path : "filter", text, FILTER_PACKET, names);
	free(from_file);
	if (!selection->filter)
		return STATUS_USAGE;
	if (filter_compile(selection->filter, &selection->program))
		return STATUS_OK;
	message("the filter is too large");
	return STATUS_FAILED;
}

enum exit_status selection_open(struct selection *selection,
				const struct options *options, const struct naming *names)
{
	enum exit_status status = open_filter(selection, options, names);

	if (status != STATUS_OK || !options->where)
		return status;
	selection->where = parse("--where", options->where, FILTER_WHERE, names);
	return selection->where ? STATUS_OK : STATUS_USAGE;
}

void selection_close(struct selection *selection)
{
	filter_free(selection->filter);
	filter_free(selection->where);
	free(selection->program.bf_insns);
	free(selection->frames.words);
	free(selection->flows.words);
	*selection = (struct selection) { 0 };
}

void selection_note_frame(struct selection *selection, uint64_t frame)
{
	bitset_add(&selection->frames, frame);
}

void selection_note_flow(struct selection *selection, uint64_t flow)
{
	bitset_add(&selection->flows, flow);
}

bool selection_wants_flow(const struct selection *selection,
			  const struct vsockhdr_flow *flow)
{
	const struct filter_subject subject = { .flow = flow };

	if (selection_filters(selection) && !bitset_has(&selection->flows, flow->number))
		return false;
	return selection_wants(selection, &subject);
}

bool selection_wants_finding(const struct selection *selection,
			     const struct vsockhdr_finding *finding)
{
	const struct filter_subject subject = { .finding = finding };

	if (selection_filters(selection) &&
	    !bitset_has(&selection->frames, finding->frame))
		return false;
	return selection_wants(selection, &subject);
}
