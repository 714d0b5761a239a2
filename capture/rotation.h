/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_ROTATION_H
#define VSOCKDUMP_ROTATION_H

/*
 * When a capture goes on in another file, and what that is called (-C, -G, -W): the
 * rules alone, without any file.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct rotation_limits - What the command line asks for
 * @path:	The name to make others from (-w)
 * @max_bytes:	A file that has more is not written to any more (-C); 0: no limit
 * @seconds:	How long a time window is, at most INT32_MAX (-G); 0: there are none
 * @files:	How many files (-W); 0: any number. With @max_bytes the first is
 *		overwritten after the last; with @seconds alone the capture ends then
 */
struct rotation_limits {
	const char *path;
	uint64_t max_bytes;
	int64_t seconds;
	unsigned int files;
};

/** enum rotation_step - What the next packet means for the file */
enum rotation_step {
	/** It belongs into the current file */
	ROTATION_STAY,
	/** It belongs into the next file */
	ROTATION_NEXT,
	/** The last file that was asked for is complete */
	ROTATION_DONE,
};

/**
 * struct rotation - How far things are
 * @limits:	What was asked for
 * @digits:	Numbers in names have at least so many
 * @window:	Where the current time window begins, in seconds since 1970
 * @number:	The number of the current file, in the window
 * @named:	How many names rotation_name() has made
 */
struct rotation {
	struct rotation_limits limits;
	int digits;
	int64_t window;
	uint64_t number;
	uint64_t named;
};

/**
 * rotation_init() - Set up, before any file
 * @rotation:	To set up
 * @limits:	What is asked for; the path is not copied
 *
 * With time windows, fixes the time zone for the life of the process: the C library
 * must not look for it where files can no longer be read.
 */
void rotation_init(struct rotation *rotation, const struct rotation_limits *limits);

/**
 * rotation_begin() - Begin the first time window
 * @rotation:	After rotation_init()
 * @sec:	Now, in seconds since 1970
 */
void rotation_begin(struct rotation *rotation, int64_t sec);

/**
 * rotation_by_time() - Whether the time window is over
 * @rotation:	After rotation_begin()
 * @sec:	The time; any value, may go backwards
 *
 * With ROTATION_NEXT, the window is now the one that @sec is in. Windows begin a whole
 * number of windows after the first; those that nothing fell into are left out. Time
 * that goes backwards stays in the current one.
 */
enum rotation_step rotation_by_time(struct rotation *rotation, int64_t sec);

/**
 * rotation_by_size() - Whether the file is full
 * @rotation:	After rotation_begin()
 * @bytes:	How much is in it
 *
 * Return: ROTATION_STAY or ROTATION_NEXT
 */
enum rotation_step rotation_by_size(struct rotation *rotation, uint64_t bytes);

/**
 * rotation_name() - The name of the file to be written now
 * @rotation:	After rotation_begin()
 * @name:	Where it goes
 * @size:	Room there
 *
 * To be called once a file: it is counted.
 *
 * Return: false where there is no room for it
 */
bool rotation_name(struct rotation *rotation, char *name, size_t size);

/**
 * rotation_parse_size() - Read what -C takes
 * @text:	A number of millions of bytes; or of KiB, MiB, GiB with k, m, g behind it
 * @bytes:	Set to the bytes, above 0
 *
 * Return: false where it is no such number
 */
bool rotation_parse_size(const char *text, uint64_t *bytes);

#endif
