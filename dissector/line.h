/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_LINE_H
#define VSOCK_PLUGIN_LINE_H

/*
 * A packet as a line of text: word for word vsockdump's.
 */

#include <epan/packet.h>

#include "frame.h"

/**
 * line_of() - The line of a frame
 * @scope:	Where the text is allocated
 * @frame:	The frame
 *
 * Return: as "3:1024 > 2:1234: stream RW, buf_alloc 262144, fwd_cnt 0, length 6
 * [free 262138/262144]", without an end of line
 */
const char *line_of(wmem_allocator_t *scope, const struct vsock_frame *frame);

#endif
