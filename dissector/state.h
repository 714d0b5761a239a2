/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_STATE_H
#define VSOCK_PLUGIN_STATE_H

/*
 * What is known of the capture that is open.
 */

#include <epan/packet.h>

#include "frame.h"

/** state_register() - Have Wireshark say when a capture is opened and closed */
void state_register(void);

/**
 * state_frame() - Follow a frame, or recall what was known when it was followed
 * @pinfo:	The packet
 * @frame:	@rec, @err and @number are set; the rest is set here but for the payload's
 */
void state_frame(const packet_info *pinfo, struct vsock_frame *frame);

/**
 * state_finish() - The capture has ended: let the tracker say what only the end shows
 *
 * Wireshark and tshark -2 cause it after the first pass. A tap's drawing function calls
 * it itself, because tshark with one pass has no such moment. Calling it twice is fine.
 */
void state_finish(void);

/** state_credit_answer() - The frame that answers a CREDIT_REQUEST, as far as known; or 0
 */
uint32_t state_credit_answer(uint32_t request);

/** state_keep_flows() - Have what only reports ask for kept; before the first packet */
void state_keep_flows(void);

/**
 * state_flow() - A stream as the tracker saw it
 * @number:	Its number, below state_stream_count()
 *
 * Return: the flow, but for its findings; after state_keep_flows() and state_finish()
 */
struct vsockhdr_flow state_flow(uint32_t number);

/** state_stream_count() - How many streams there are */
uint32_t state_stream_count(void);

/** state_stream() - A stream by its number, or NULL */
struct vsock_stream *state_stream(uint64_t number);

/** state_stream_of() - The stream of a frame that was followed before, or NULL */
struct vsock_stream *state_stream_of(uint32_t frame);

/** Findings that are kept; what comes then is only counted */
#define STATE_MAX_FINDINGS 1000000

/** state_findings_dropped() - Findings that were not kept */
uint64_t state_findings_dropped(void);

/**
 * state_each_finding() - Go through all findings, in the order in which they were found
 * @on_finding:	Called for each
 * @context:	Given to it
 */
void state_each_finding(void (*on_finding)(void *context,
					   const struct vsockhdr_finding *finding),
			void *context);

#endif
