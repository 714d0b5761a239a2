/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_LINE_H
#define VSOCK_PLUGIN_LINE_H

/*
 * A packet as a line of text: word for word vsockdump's.
 */

#include <packet_text.h>
#include <text_story.h>

#include "frame.h"

/** Characters of a line at the most, and NUL */
#define LINE_MAX_SIZE (PACKET_TEXT_MAX + STORY_MAX + 1)

/**
 * line_put() - Put the line of a frame
 * @line:	Room for LINE_MAX_SIZE characters; as "3:1024 > 2:1234: stream RW,
 *		buf_alloc 262144, fwd_cnt 0, length 6 [free 262138/262144]", without an
 *		end of line
 * @frame:	The frame
 */
void line_put(char *line, const struct vsock_frame *frame);

#endif
