/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_CONVERSATIONS_H
#define VSOCK_PLUGIN_CONVERSATIONS_H

/*
 * Conversations and endpoints: their tables, filters and graph.
 */

#include <epan/packet.h>

#include "frame.h"

/** conversations_register() - Register them; @proto: the protocol "vsock" */
void conversations_register(int proto);

/**
 * conversations_show() - Add what the tables' filters ask for to a record's tree
 * @tvb:	The record
 * @tree:	The protocol's tree
 * @frame:	The frame
 *
 * Hidden fields: vsock.cid and vsock.port, of both ends each.
 */
void conversations_show(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame);

#endif
