/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_FRAME_H
#define VSOCK_PLUGIN_FRAME_H

/*
 * A frame and a stream, as all rooms of the plugin see them. A stream is what
 * libvsockhdr calls a flow; Wireshark's users know the word stream.
 */

#include <stdbool.h>
#include <stdint.h>
#include <vsockhdr/tracker.h>

/**
 * struct vsock_stream - A connection; in file scope, the same at every visit
 * @number:	vsock.stream: the flow's number, from 0
 * @address:	Of client and server, by enum vsockhdr_end
 * @type:	Field type of its first packet
 * @complete:	STREAM_... bits of what was seen of it
 * @payload_asked:	For payload_choice.c: 0 until somebody is asked about its payload,
 *		then 1 more than how often nobody recognised it; and
 * @given_up_frame:	the frame after which nobody is asked any more, or 0
 * @request_frame:	Its REQUEST, or 0
 * @answer_frame:	The RESPONSE, or the RST that refused it, or 0
 * @first_frame:	Its first packet
 * @first_ns:	Its time
 * @setup_ns:	From REQUEST to its answer; or VSOCKHDR_NO_TIME
 * @payload:	For payload.c: what it keeps of a stream whose payload somebody dissects,
 *		or NULL
 *
 * During the first pass, all of it is as of the latest packet; later, as of the last.
 * There may be very many, so it is small: what only reports ask for is state_flow()'s.
 */
struct vsock_stream {
	uint32_t number;
	uint16_t type;
	uint8_t complete;
	uint8_t payload_asked;
	uint32_t given_up_frame;
	uint32_t request_frame;
	uint32_t answer_frame;
	uint32_t first_frame;
	struct vsockhdr_addr address[2];
	int64_t first_ns;
	int64_t setup_ns;
	void *payload;
};

/** Bits of vsock.completeness */
#define STREAM_REQUEST  0x01
#define STREAM_RESPONSE 0x02
#define STREAM_DATA     0x04
#define STREAM_SHUTDOWN 0x08
#define STREAM_RST      0x10

/**
 * struct vsock_finding - A finding, in file scope
 * @next:	The next one of the same frame, or NULL
 * @finding:	The finding
 */
struct vsock_finding {
	struct vsock_finding *next;
	struct vsockhdr_finding finding;
};

/**
 * struct vsock_frame - A frame that is being dissected; lives as long as its dissection
 * @number:	Its number
 * @time_ns:	Its time stamp, nanoseconds since 1970
 * @first_visit:	This is the first pass: state may be built
 * @rec:	What it was decoded to
 * @err:	What vsockhdr_record_decode() returned
 * @told:	What the tracker told of it; at later visits the same
 * @from:	The end that sent it; valid if @stream is not NULL
 * @stream:	Its connection, or NULL
 * @findings:	Those that are about it, as far as known
 * @payload_offset:	Where its payload begins
 * @payload_len:	Bytes of payload that were captured and that are its own: of an RW
 *		at most len, since vhost's tap shows the rest with each piece
 * @payload_missing:	Bytes of its own payload that were not captured
 */
struct vsock_frame {
	uint32_t number;
	int64_t time_ns;
	bool first_visit;
	struct vsockhdr_record rec;
	int err;
	struct vsockhdr_told told;
	enum vsockhdr_end from;
	struct vsock_stream *stream;
	const struct vsock_finding *findings;
	int payload_offset;
	int payload_len;
	uint32_t payload_missing;
};

#endif
