/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_FRAME_STORE_H
#define VSOCK_PLUGIN_FRAME_STORE_H

/*
 * What the tracker told of each frame, so that every later visit says the same. 24 bytes
 * a frame; in file scope.
 */

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

/** struct frame_store - Frames by their numbers */
struct frame_store;

/** frame_store_new() - Make an empty one, in file scope */
struct frame_store *frame_store_new(void);

/**
 * frame_store_put() - Keep what was told of a frame
 * @store:	The store
 * @frame:	The frame: its number, time, record, stream and what was told
 */
void frame_store_put(struct frame_store *store, const struct vsock_frame *frame);

/** frame_store_mark() - There are findings about a frame, which may not be kept yet */
void frame_store_mark(struct frame_store *store, uint32_t number);

/** frame_store_is_marked() - Whether there are */
bool frame_store_is_marked(const struct frame_store *store, uint32_t number);

/**
 * frame_store_stream() - Stream of a frame
 * @store:	The store
 * @number:	The frame
 *
 * Return: its number; VSOCKHDR_NO_FLOW also for a frame that is not kept
 */
uint64_t frame_store_stream(const struct frame_store *store, uint32_t number);

/**
 * frame_store_get() - Recall what was told of a frame
 * @store:	The store
 * @frame:	The frame: its number, time, record and stream; what was told is set, of a
 *		frame that is not kept to nothing
 */
void frame_store_get(const struct frame_store *store, struct vsock_frame *frame);

#endif
