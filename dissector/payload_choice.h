/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_PAYLOAD_CHOICE_H
#define VSOCK_PLUGIN_PAYLOAD_CHOICE_H

/*
 * Who dissects a payload. Private to payload*.c.
 */

#include <epan/conversation.h>
#include <epan/packet.h>

#include "frame.h"

/**
 * struct payload_choice - What is known of who dissects a stream; in file scope
 * @conversation:	Where dissectors of its payload keep their state, or NULL so far
 * @known_frame:	From this frame on the conversation has a dissector; 0: it has
 *			none
 */
struct payload_choice {
	conversation_t *conversation;
	uint32_t known_frame;
};

/** payload_choice() - That of a frame's stream, or NULL: nobody has dissected it */
struct payload_choice *payload_choice(const struct vsock_frame *frame);

/** payload_need_choice() - That of a frame's stream; it is made if there is none */
struct payload_choice *payload_need_choice(const struct vsock_frame *frame);

/** choice_register() - Table, heuristics, Decode As, preference; @proto: "vsock" */
void choice_register(int proto);

/** choice_handoff() - All protocols have registered what they have */
void choice_handoff(void);

/** choice_is_nobody() - Whether there is nobody who could dissect a frame's payload */
bool choice_is_nobody(const struct vsock_frame *frame);

/**
 * choice_dissect() - Have somebody dissect a payload
 * @tvb:	The payload
 * @pinfo:	The packet
 * @tree:	Where they put their tree
 * @frame:	The frame; has a stream
 * @data:	A struct tcpinfo, for those who expect it
 *
 * Return: whether somebody did
 */
bool choice_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
		    const struct vsock_frame *frame, void *data);

#endif
