/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_FOLLOW_H
#define VSOCK_PLUGIN_FOLLOW_H

/*
 * Follow Stream: the bytes of a connection, as vsockdump --follow has them.
 */

#include <epan/packet.h>

#include "frame.h"

/** follow_register() - Register the follower; @proto: the protocol "vsock" */
void follow_register(int proto);

/** follow_queue() - Hand a frame's payload to whoever follows; has a stream */
void follow_queue(tvbuff_t *tvb, packet_info *pinfo, const struct vsock_frame *frame);

#endif
