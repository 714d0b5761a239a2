/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_TREE_H
#define VSOCK_PLUGIN_TREE_H

/*
 * The tree of a record.
 */

#include <epan/packet.h>

#include "frame.h"

/**
 * tree_show() - Show a record's headers and what is known of its stream
 * @tvb:	The record
 * @top:	The item of the protocol
 * @frame:	The frame
 */
void tree_show(tvbuff_t *tvb, proto_item *top, const struct vsock_frame *frame);

#endif
