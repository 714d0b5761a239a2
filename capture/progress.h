/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PROGRESS_H
#define VSOCKDUMP_PROGRESS_H

/*
 * A bar on standard error that shows how much of a file has been read.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/** Where the file's stream stands */
#define PROGRESS_OF_FILE ((off_t)-1)

/**
 * struct progress - The bar
 * @file:	The file that is being read; NULL: no bar
 * @size:	Its size
 * @begin_ms:	When reading began
 * @drawn_ms:	When the bar was drawn last
 * @drawn:	It is on the screen
 * @calls:	Calls of progress_packet()
 */
struct progress {
	FILE *file;
	int64_t size;
	int64_t begin_ms;
	int64_t drawn_ms;
	bool drawn;
	uint32_t calls;
};

/**
 * progress_begin() - Reading begins
 * @progress:	What to set
 * @file:	The file; there is a bar only if it is a regular one and standard error a
 *		terminal
 * @wanted:	There may be a bar
 */
void progress_begin(struct progress *progress, FILE *file, bool wanted);

/** progress_draw() - Draw the bar if it is time to, @offset as below */
void progress_draw(struct progress *progress, off_t offset);

/** progress_packet() - A packet has been read, up to an offset or PROGRESS_OF_FILE */
static inline void progress_packet(struct progress *progress, off_t offset)
{
	if (progress->file && (++progress->calls & 0x3ff) == 0)
		progress_draw(progress, offset);
}

/** progress_end() - Reading has ended: wipe the bar off */
void progress_end(struct progress *progress);

#endif
