/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * All of vsockdump but main() and what the process would lose for good: its privileges.
 * Files are in memory and have fixed descriptors: the capture, standard output, and what
 * -w writes.
 */

#include "fuzz_dump.h"

#include <fcntl.h>
#include <getopt.h>
#include <sys/mman.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

#include "dump.h"
#include "fuzz.h"
#include "message.h"
#include "options.h"
#include "privileges.h"

#define CAPTURE_FD 101
#define WRITTEN_FD 102
#define CAPTURE    "/proc/self/fd/101"
#define MAX_WORDS  16

/* What a pipe holds on every kernel */
#define PIPE_BYTES 65536

bool privileges_limit(unsigned int needed, const char *user)
{
	(void)needed;
	(void)user;
	return true;
}

bool privileges_drop(const char *user, unsigned int kept)
{
	(void)user;
	(void)kept;
	return true;
}

static void make_file(int fd)
{
	int made = memfd_create("fuzz", 0);

	CHECK(made >= 0 && dup2(made, fd) == fd);
	close(made);
}

/* Once: the files, and a user who has named nothing */
static void prepare(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	make_file(STDOUT_FILENO);
	make_file(CAPTURE_FD);
	make_file(WRITTEN_FD);
	CHECK(setenv("XDG_CONFIG_HOME", "/nonexistent", 1) == 0);
	CHECK(setenv("TZ", "UTC0", 1) == 0);
}

static void write_all(int fd, const void *bytes, size_t size)
{
	CHECK(write(fd, bytes, size) == (ssize_t)size);
}

/* All of a file, which is emptied */
static struct shown take_file(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	struct shown shown = { .size = (size_t)size };

	CHECK(size >= 0);
	shown.text = malloc(shown.size + 1);
	CHECK(shown.text);
	CHECK(pread(fd, shown.text, shown.size, 0) == size);
	shown.text[shown.size] = '\0';
	CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return shown;
}

static void give_file(const void *bytes, size_t size)
{
	CHECK(ftruncate(CAPTURE_FD, 0) == 0 && lseek(CAPTURE_FD, 0, SEEK_SET) == 0);
	write_all(CAPTURE_FD, bytes, size);
}

/* On standard input, with nobody at the other end any more */
static void give_pipe(const void *bytes, size_t size)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	write_all(ends[1], bytes, size < PIPE_BYTES ? size : PIPE_BYTES);
	close(ends[1]);
	CHECK(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
}

static void parse(struct options *options, char *words, char *source)
{
	char *argv[MAX_WORDS + 4] = { (char *)"vsockdump", (char *)"--no-sandbox",
				      (char *)"-r", source };
	int argc = 4;
	char *rest = words;

	while (argc < MAX_WORDS + 3 && (argv[argc] = strtok_r(rest, " ", &rest)) != NULL)
		argc++;
	optind = 0;
	CHECK(options_parse(options, argc, argv));
}

struct shown dump_show(const char *words, const void *bytes, size_t size, bool pipe)
{
	static struct options options;
	char *copy = strdup(words);
	enum exit_status status;
	struct shown shown;

	CHECK(copy);
	prepare();
	if (pipe)
		give_pipe(bytes, size);
	else
		give_file(bytes, size);
	parse(&options, copy, pipe ? (char *)"-" : (char *)CAPTURE);
	status = dump(&options);
	CHECK(status == STATUS_OK || status == STATUS_FAILED);
	free(options.expression);
	free(copy);
	shown = take_file(STDOUT_FILENO);
	shown.ok = status == STATUS_OK;
	return shown;
}

struct shown dump_written(void)
{
	return take_file(WRITTEN_FD);
}

void dump_check_text(const struct shown *shown)
{
	for (size_t i = 0; i < shown->size; i++)
		CHECK((shown->text[i] >= ' ' && shown->text[i] <= '~') ||
		      shown->text[i] == '\n' || shown->text[i] == '\t');
	CHECK(shown->size == 0 || shown->text[shown->size - 1] == '\n');
}

static void check_object(const char *line, size_t size)
{
	yajl_handle handle = yajl_alloc(NULL, NULL, NULL);

	CHECK(handle);
	CHECK(line[0] == '{');
	CHECK(yajl_parse(handle, (const unsigned char *)line, size) == yajl_status_ok);
	CHECK(yajl_complete_parse(handle) == yajl_status_ok);
	yajl_free(handle);
}

void dump_check_json(const struct shown *shown)
{
	const char *end = shown->text + shown->size;

	for (const char *line = shown->text; line < end;) {
		const char *newline = strchr(line, '\n');

		CHECK(newline);
		check_object(line, (size_t)(newline - line));
		line = newline + 1;
	}
}
