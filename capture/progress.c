/* SPDX-License-Identifier: BSD-2-Clause */

#include "progress.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Files that are read faster than this need no bar, in milliseconds */
#define DELAY_MS 1000

/* Between two drawings, in milliseconds */
#define PERIOD_MS 200

/* Characters between the brackets */
#define WIDTH 40

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, FILE *file, bool wanted)
{
	struct stat st;

	*progress = (struct progress) { 0 };
	if (!wanted || !isatty(STDERR_FILENO) || fstat(fileno(file), &st) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_size == 0)
		return;
	progress->file = file;
	progress->size = st.st_size;
	progress->begin_ms = now_ms();
}

void progress_draw(struct progress *progress, off_t offset)
{
	static const char full[] = "########################################";
	int64_t now = now_ms();
	double part;

	if (now - progress->begin_ms < DELAY_MS || now - progress->drawn_ms < PERIOD_MS)
		return;
	if (offset == PROGRESS_OF_FILE)
		offset = ftello(progress->file);
	/* The file may be growing. */
	part = (double)offset / (double)progress->size;
	if (part > 1)
		part = 1;
	fprintf(stderr, "\r[%-*.*s] %3d%%", WIDTH, (int)(part * WIDTH), full,
		(int)(part * 100));
	fflush(stderr);
	progress->drawn_ms = now;
	progress->drawn = true;
}

void progress_end(struct progress *progress)
{
	if (progress->drawn)
		fprintf(stderr, "\r%*s\r", WIDTH + 7, "");
	progress->drawn = false;
}
