/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What others write and vsockdump takes names from. The input is which it is, and then
 * any bytes: a file of names (vsockdump-cids(5)), or the command line of a process, its
 * words ended by NUL as in /proc/PID/cmdline. Every name that comes of it can be printed,
 * and found again.
 */

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "fuzz_message.h"
#include "machines.h"
#include "naming.h"
#include "naming_file.h"
#include "naming_words.h"

#define FILE_FD   101
#define FILE_NAME "/proc/self/fd/101"
#define MAX_WORDS 64

static void check_name(const char *name)
{
	CHECK(name[0] != '\0' && strlen(name) <= NAMING_MAX);
	for (const char *c = name; *c; c++)
		CHECK(*c > ' ' && *c <= '~');
	CHECK(!naming_fault(name));
}

static void write_file(const uint8_t *data, size_t size)
{
	static bool made;

	if (!made) {
		int fd = memfd_create("fuzz", 0);

		CHECK(fd >= 0 && dup2(fd, FILE_FD) == FILE_FD);
		close(fd);
		made = true;
	}
	CHECK(ftruncate(FILE_FD, 0) == 0);
	CHECK(pwrite(FILE_FD, data, size, 0) == (ssize_t)size);
}

static const char *take(void *context, bool port, uint64_t number, const char *name)
{
	const struct naming *names = context;
	uint64_t cid;
	uint32_t found;

	check_name(name);
	/* A later line may give its number another name. */
	if (port)
		CHECK(number <= UINT32_MAX && naming_port(names, (uint32_t)number));
	else
		CHECK(naming_cid(names, number));
	if (port && naming_find_port(names, name, &found))
		check_name(naming_port(names, found));
	if (!port && naming_find_cid(names, name, &cid))
		check_name(naming_cid(names, cid));
	return NULL;
}

static void fuzz_file(bool unqualified)
{
	const struct naming_options options = {
		.cids_file = FILE_NAME,
		.unqualified = unqualified,
	};
	struct naming *names;

	complained = false;
	names = naming_new(&options);
	if (names)
		CHECK(naming_file_read(FILE_NAME, true, take, names));
	else
		CHECK(complained);
	naming_free(names);
}

static void fuzz_command_line(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *argv[MAX_WORDS];
	struct machine machine;
	size_t argc = 0;

	CHECK(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (char *word = text; word < text + size && argc < MAX_WORDS;
	     word += strlen(word) + 1)
		argv[argc++] = word;
	if (machines_parse(&machine, argv, argc)) {
		CHECK(machine.cid > 2 && machine.cid < UINT32_MAX);
		if (machine.name[0] != '\0')
			check_name(machine.name);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t choice = take_byte(&in);

	if (choice & 1) {
		fuzz_command_line(in.data, in.size);
	} else {
		write_file(in.data, in.size);
		fuzz_file(choice & 2);
	}
	return 0;
}
