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
 * none
 * @misses:	How often nobody recognised its payload
 * @given_up_frame:	Frame after which nobody is asked any more, or 0
 */
struct payload_choice {
	conversation_t *conversation;
	uint32_t known_frame;
	uint32_t misses;
	uint32_t given_up_frame;
};

/** choice_register() - Table, heuristics, Decode As, preference; @proto: "vsock" */
void choice_register(int proto);

/** choice_handoff() - All protocols have registered what they have */
void choice_handoff(void);

/**
 * choice_dissect() - Have somebody dissect a payload
 * @tvb:	The payload
 * @pinfo:	The packet
 * @tree:	Where they put their tree
 * @frame:	The frame; has a stream
 * @choice:	What is known of its stream
 * @data:	A struct tcpinfo, for those who expect it
 *
 * Return: whether somebody did
 */
bool choice_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
		    const struct vsock_frame *frame, struct payload_choice *choice,
		    void *data);

#endif
