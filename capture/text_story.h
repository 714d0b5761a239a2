/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TEXT_STORY_H
#define VSOCKDUMP_TEXT_STORY_H

/*
 * What a packet meant to its connection, in brackets at the end of its line.
 */

#include <stdbool.h>

#include "naming.h"
#include "track.h"

/** Characters that any story takes at the most: every finding, with 32 each, and 384 */
#define STORY_MAX (VSOCKHDR_FINDING_COUNT * 32 + 384)

/**
 * put_story() - Put what a packet meant
 * @p:		Room for STORY_MAX characters
 * @story:	What it meant
 * @names:	Names of addresses, or NULL
 * @quiet:	Only what is wrong (-q)
 *
 * Return: the place behind it
 */
char *put_story(char *p, const struct story *story, const struct naming *names,
		bool quiet);

#endif
