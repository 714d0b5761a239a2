/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_TREE_STREAM_H
#define VSOCK_PLUGIN_TREE_STREAM_H

/*
 * What is known of a packet beyond its bytes: stream, times, set-up, credit, close.
 */

#include <epan/packet.h>

#include "frame.h"

/**
 * tree_stream() - Show it
 * @tvb:	The record
 * @tree:	The tree of the protocol
 * @frame:	The frame
 */
void tree_stream(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame);

#endif
