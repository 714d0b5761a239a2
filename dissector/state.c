/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The state of the capture that is open.
 *
 * Theory of operation: Wireshark dissects each frame once in their order (the first pass)
 * and then any frame any number of times. The tracker sees the first pass only; what it
 * told is kept in file scope. A finding is kept with the frame that it is about, which
 * may be long gone by when the finding becomes known; later visits show it. All memory in
 * file scope is Wireshark's to free; only the tracker is ours.
 */

#include "compat.h"

#include "state.h"

#include <epan/wmem_scopes.h>

#include "frame_store.h"
#include "prefs.h"

#define NSEC_PER_SEC  INT64_C(1000000000)
#define NSEC_PER_MSEC INT64_C(1000000)
/* As in vsockdump: time stamps further from 1970 than this cannot be subtracted */
#define MAX_SEC (INT64_MAX / 2 / NSEC_PER_SEC - 1)

/* So many streams are allocated at a time; they never move */
#define STREAM_CHUNK 1024

/**
 * struct outcome - What only reports ask of a stream
 * @setup:	How it began
 * @close:	How it ended
 * @closed_by:	Which end
 * @last_frame:	Its last packet
 * @last_ns:	Its time
 * @end:	What its ends did
 */
struct outcome {
	uint8_t setup;
	uint8_t close;
	uint8_t closed_by;
	uint32_t last_frame;
	int64_t last_ns;
	struct vsockhdr_flow_end end[2];
};

/**
 * struct state - What is known of a capture
 * @tracker:	The tracker; NULL when the first pass is over
 * @frames:	What was told of each frame
 * @streams:	struct vsock_stream *: STREAM_CHUNK of them each
 * @stream_count:	How many there are
 * @outcomes:	struct outcome of each stream that the tracker has let go of; none without
 *		state_keep_flows()
 * @by_frame:	First finding of each frame that has any, and
 * @findings:	all of them, as they became known
 * @dropped:	Findings that there was no room for
 * @credit_answers:	Frame that answers a CREDIT_REQUEST, by its frame
 */
struct state {
	struct vsockhdr_tracker *tracker;
	struct frame_store *frames;
	wmem_array_t *streams;
	uint32_t stream_count;
	wmem_array_t *outcomes;
	wmem_map_t *by_frame;
	wmem_list_t *findings;
	uint64_t dropped;
	wmem_map_t *credit_answers;
};

static struct state state;
static bool keep_flows;

/* Those of a frame are a chain, in the order in which they became known */
static void chain(struct vsock_finding *finding)
{
	uint32_t frame = (uint32_t)finding->finding.frame;
	struct vsock_finding *last =
		wmem_map_lookup(state.by_frame, GUINT_TO_POINTER(frame));

	if (!last) {
		wmem_map_insert(state.by_frame, GUINT_TO_POINTER(frame), finding);
		frame_store_mark(state.frames, frame);
		return;
	}
	while (last->next)
		last = last->next;
	last->next = finding;
}

static void on_finding(void *context, const struct vsockhdr_finding *finding)
{
	struct vsock_finding *kept;

	(void)context;
	if (wmem_list_count(state.findings) == STATE_MAX_FINDINGS) {
		state.dropped++;
		return;
	}
	kept = wmem_new0(wmem_file_scope(), struct vsock_finding);
	kept->finding = *finding;
	chain(kept);
	wmem_list_append(state.findings, kept);
}

static struct outcome *outcome_of(uint32_t number)
{
	const struct outcome nothing = { .setup = 0 };

	while (wmem_array_get_count(state.outcomes) <= number)
		wmem_array_append_one(state.outcomes, nothing);
	return wmem_array_index(state.outcomes, number);
}

static void on_flow(void *context, const struct vsockhdr_flow *flow)
{
	(void)context;
	if (!keep_flows || flow->number >= state.stream_count)
		return;
	*outcome_of((uint32_t)flow->number) = (struct outcome) {
		.setup = (uint8_t)flow->setup,
		.close = (uint8_t)flow->close,
		.closed_by = (uint8_t)flow->closed_by,
		.last_frame = (uint32_t)flow->last_frame,
		.last_ns = flow->last_ns,
		.end = { flow->end[VSOCKHDR_CLIENT], flow->end[VSOCKHDR_SERVER] },
	};
}

static void open_capture(void)
{
	const struct vsockhdr_tracker_options options = {
		.connect_ns = vsock_prefs.connect_ms * NSEC_PER_MSEC,
		.close_ns = vsock_prefs.close_ms * NSEC_PER_MSEC,
		.stall_ns = vsock_prefs.stall_ms * NSEC_PER_MSEC,
		.request_ns = vsock_prefs.request_ms * NSEC_PER_MSEC,
		.on_finding = on_finding,
		.on_flow = on_flow,
	};

	state.tracker = vsockhdr_tracker_new(&options);
	state.frames = frame_store_new();
	state.streams = wmem_array_new(wmem_file_scope(), sizeof(struct vsock_stream *));
	state.outcomes = wmem_array_new(wmem_file_scope(), sizeof(struct outcome));
	state.by_frame = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
	state.findings = wmem_list_new(wmem_file_scope());
	state.credit_answers =
		wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

static void close_capture(void)
{
	vsockhdr_tracker_free(state.tracker);
	state = (struct state) { .tracker = NULL };
}

void state_register(void)
{
	register_init_routine(open_capture);
	register_cleanup_routine(close_capture);
	register_postseq_cleanup_routine(state_finish);
}

void state_finish(void)
{
	if (!state.tracker)
		return;
	vsockhdr_tracker_finish(state.tracker);
	vsockhdr_tracker_free(state.tracker);
	state.tracker = NULL;
}

void state_keep_flows(void)
{
	keep_flows = true;
}

struct vsockhdr_flow state_flow(uint32_t number)
{
	const struct vsock_stream *stream = state_stream(number);
	const struct outcome *outcome = outcome_of(number);

	return (struct vsockhdr_flow) {
		.number = number,
		.address = { stream->address[VSOCKHDR_CLIENT],
			     stream->address[VSOCKHDR_SERVER] },
		.type = stream->type,
		.setup = (enum vsockhdr_setup)outcome->setup,
		.setup_ns = stream->setup_ns,
		.close = (enum vsockhdr_close)outcome->close,
		.closed_by = (enum vsockhdr_end)outcome->closed_by,
		.first_frame = stream->first_frame,
		.last_frame = outcome->last_frame,
		.first_ns = stream->first_ns,
		.last_ns = outcome->last_ns,
		.end = { outcome->end[VSOCKHDR_CLIENT], outcome->end[VSOCKHDR_SERVER] },
	};
}

uint32_t state_credit_answer(uint32_t request)
{
	return GPOINTER_TO_UINT(
		wmem_map_lookup(state.credit_answers, GUINT_TO_POINTER(request)));
}

uint64_t state_findings_dropped(void)
{
	return state.dropped;
}

uint32_t state_stream_count(void)
{
	return state.stream_count;
}

struct vsock_stream *state_stream(uint64_t number)
{
	struct vsock_stream **chunk;

	if (number >= state.stream_count)
		return NULL;
	chunk = wmem_array_index(state.streams, (guint)(number / STREAM_CHUNK));
	return *chunk + number % STREAM_CHUNK;
}

static struct vsock_stream *new_stream(void)
{
	struct vsock_stream *chunk;

	if (state.stream_count % STREAM_CHUNK == 0) {
		chunk = wmem_alloc0_array(wmem_file_scope(), struct vsock_stream,
					  STREAM_CHUNK);
		wmem_array_append_one(state.streams, chunk);
	}
	return state_stream(state.stream_count++);
}

struct vsock_stream *state_stream_of(uint32_t frame)
{
	if (!state.frames)
		return NULL;
	return state_stream(frame_store_stream(state.frames, frame));
}

void state_each_finding(void (*on_each)(void *context,
					const struct vsockhdr_finding *finding),
			void *context)
{
	wmem_list_frame_t *at = state.findings ? wmem_list_head(state.findings) : NULL;

	for (; at; at = wmem_list_frame_next(at)) {
		const struct vsock_finding *kept = wmem_list_frame_data(at);

		on_each(context, &kept->finding);
	}
}

static int64_t time_of(const packet_info *pinfo)
{
	int64_t sec = (int64_t)pinfo->abs_ts.secs;

	return CLAMP(sec, -MAX_SEC, MAX_SEC) * NSEC_PER_SEC + pinfo->abs_ts.nsecs;
}

static struct vsock_stream *begin_stream(const struct vsock_frame *frame)
{
	const struct vsockhdr *hdr = &frame->rec.hdr;
	enum vsockhdr_end from = frame->told.from;
	struct vsock_stream *stream = new_stream();

	stream->number = (uint32_t)frame->told.flow;
	stream->type = hdr->type;
	stream->address[from] = (struct vsockhdr_addr) { hdr->src_cid, hdr->src_port };
	stream->address[!from] = (struct vsockhdr_addr) { hdr->dst_cid, hdr->dst_port };
	stream->setup_ns = VSOCKHDR_NO_TIME;
	stream->first_frame = frame->number;
	stream->first_ns = frame->time_ns;
	if (hdr->op == VSOCKHDR_OP_REQUEST)
		stream->request_frame = frame->number;
	return stream;
}

static uint8_t seen_of(uint16_t op)
{
	static const uint8_t bits[] = {
		[VSOCKHDR_OP_REQUEST] = STREAM_REQUEST,
		[VSOCKHDR_OP_RESPONSE] = STREAM_RESPONSE,
		[VSOCKHDR_OP_RST] = STREAM_RST,
		[VSOCKHDR_OP_SHUTDOWN] = STREAM_SHUTDOWN,
		[VSOCKHDR_OP_RW] = STREAM_DATA,
	};

	return op < G_N_ELEMENTS(bits) ? bits[op] : 0;
}

static void continue_stream(struct vsock_stream *stream, const struct vsock_frame *frame)
{
	stream->complete |= seen_of(frame->rec.hdr.op);
	if (frame->told.setup_ns != VSOCKHDR_NO_TIME && stream->answer_frame == 0) {
		stream->answer_frame = frame->number;
		stream->setup_ns = frame->told.setup_ns;
	}
}

static void follow(struct vsock_frame *frame)
{
	const struct vsockhdr_seen seen = {
		.frame = frame->number,
		.time_ns = frame->time_ns,
		.rec = &frame->rec,
		.err = frame->err,
	};
	struct vsockhdr_told *told = &frame->told;

	vsockhdr_tracker_feed(state.tracker, &seen, told);
	if (told->flow != VSOCKHDR_NO_FLOW) {
		frame->stream = state_stream(told->flow);
		if (!frame->stream)
			frame->stream = begin_stream(frame);
		continue_stream(frame->stream, frame);
	}
	if (told->request_ns != VSOCKHDR_NO_TIME)
		wmem_map_insert(state.credit_answers,
				GUINT_TO_POINTER((uint32_t)told->request_frame),
				GUINT_TO_POINTER(frame->number));
	frame_store_put(state.frames, frame);
}

void state_frame(const packet_info *pinfo, struct vsock_frame *frame)
{
	frame->time_ns = time_of(pinfo);
	frame->first_visit = !PINFO_FD_VISITED(pinfo) && state.tracker;
	if (frame->first_visit) {
		follow(frame);
	} else {
		frame->stream =
			state_stream(frame_store_stream(state.frames, frame->number));
		frame_store_get(state.frames, frame);
	}
	frame->from = frame->told.from;
	if (frame_store_is_marked(state.frames, frame->number))
		frame->findings =
			wmem_map_lookup(state.by_frame, GUINT_TO_POINTER(frame->number));
}
