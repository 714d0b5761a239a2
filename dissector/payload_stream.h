/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_PAYLOAD_STREAM_H
#define VSOCK_PLUGIN_PAYLOAD_STREAM_H

/*
 * One direction of a connection: where PDUs begin and end. Private to payload*.c.
 */

#include "payload_choice.h"
#include "payload_pdu.h"

/**
 * payload_open() - The PDU that an end has not completed
 * @frame:	A frame of the stream, at its first visit
 * @end:	The end
 *
 * Return: the PDU, or NULL
 */
struct payload_pdu *payload_open(const struct vsock_frame *frame, enum vsockhdr_end end);

/** payload_set_open() - Remember the PDU that an end has not completed; NULL: none */
void payload_set_open(const struct vsock_frame *frame, enum vsockhdr_end end,
		      struct payload_pdu *pdu);

/**
 * struct payload_offer - Bytes that are offered to dissectors
 * @tvb:	The bytes
 * @seq:	Offset of the first one in its direction
 * @whole:	They were put together from several packets
 * @may_want:	More bytes can be asked for
 */
struct payload_offer {
	tvbuff_t *tvb;
	uint64_t seq;
	bool whole;
	bool may_want;
};

/**
 * struct payload_wish - What a dissector asks for
 * @wants:	Bytes that are lacking, or PDU_WANTS_...; 0: nothing
 * @offset:	Where the bytes begin that it wants to see again with them
 */
struct payload_wish {
	uint32_t wants;
	uint32_t offset;
};

/** payload_offer() - Have bytes dissected; Return: what is asked for */
struct payload_wish payload_offer(const struct payload_visit *visit,
				  const struct payload_offer *offer);

/** payload_tvb() - The frame's payload from an offset on */
tvbuff_t *payload_tvb(const struct payload_visit *visit, uint32_t offset);

/** payload_ends() - Whether nothing more comes from the end that sent the frame */
bool payload_ends(const struct vsock_frame *frame);

/** stream_dissect() - A frame of a stream connection */
void stream_dissect(const struct payload_visit *visit);

/** message_dissect() - A frame of a seqpacket connection */
void message_dissect(const struct payload_visit *visit);

#endif
