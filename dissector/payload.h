/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_PAYLOAD_H
#define VSOCK_PLUGIN_PAYLOAD_H

/*
 * Payload: handed to other dissectors, put together where that takes several packets.
 */

#include <epan/packet.h>

#include "frame.h"

/** payload_register() - Tables, heuristics, fields; @proto: the protocol "vsock" */
void payload_register(int proto);

/** payload_handoff() - All dissectors are registered */
void payload_handoff(void);

/**
 * payload_dissect() - Show a frame's payload; called for every frame
 * @tvb:	The whole record
 * @pinfo:	The packet; its columns are set
 * @top:	Where dissectors of the payload put their tree
 * @tree:	The protocol's tree
 * @frame:	The frame; may have no stream, no payload or both
 */
void payload_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *top, proto_tree *tree,
		     const struct vsock_frame *frame);

#endif
