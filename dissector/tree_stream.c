/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is known of a packet beyond its bytes. All of it is generated, which Wireshark
 * shows in brackets.
 */

#include "compat.h"

#include "tree_stream.h"

#include <vsockhdr/vsockhdr.h>

#include "address.h"
#include "fields.h"
#include "packet.h"
#include "prefs.h"
#include "state.h"

static void add_uint(tvbuff_t *tvb, proto_tree *tree, int field, uint32_t value)
{
	proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, value));
}

static void add_uint64(tvbuff_t *tvb, proto_tree *tree, int field, uint64_t value)
{
	proto_item_set_generated(proto_tree_add_uint64(tree, field, tvb, 0, 0, value));
}

static void add_time(tvbuff_t *tvb, proto_tree *tree, int field, int64_t ns)
{
	nstime_t time = { .secs = (time_t)(ns / NSEC_PER_SEC),
			  .nsecs = (int)(ns % NSEC_PER_SEC) };

	proto_item_set_generated(proto_tree_add_time(tree, field, tvb, 0, 0, &time));
}

static const char *describe(uint8_t complete)
{
	if (!(complete & STREAM_REQUEST) || !(complete & STREAM_RST))
		return "Incomplete";
	if (!(complete & STREAM_RESPONSE))
		return "Complete, not accepted";
	return complete & STREAM_DATA ? "Complete, with data" : "Complete, without data";
}

static void add_completeness(tvbuff_t *tvb, proto_tree *tree, uint8_t complete)
{
	static int *const bits[] = {
		&vsock_fields.completeness_rst,     &vsock_fields.completeness_shutdown,
		&vsock_fields.completeness_data,    &vsock_fields.completeness_response,
		&vsock_fields.completeness_request,
	};
	static const char letters[] = "QADSR";
	char text[sizeof(letters)];
	proto_item *item;

	for (size_t i = 0; i < sizeof(letters); i++)
		text[i] = complete & 1U << i || letters[i] == '\0' ? letters[i] : '.';
	item = proto_tree_add_uint_format_value(tree, vsock_fields.completeness, tvb, 0,
						0, complete, "%s (%u)",
						describe(complete), complete);
	proto_item_set_generated(item);
	tree = proto_item_add_subtree(item, vsock_trees.completeness);
	for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
		item = proto_tree_add_boolean(tree, *bits[i], tvb, 0, 0, complete);
		proto_item_set_generated(item);
	}
	item = proto_tree_add_string(tree, vsock_fields.completeness_str, tvb, 0, 0,
				     text);
	proto_item_set_generated(item);
}

static void add_times(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame)
{
	const struct vsockhdr_told *told = &frame->told;
	int64_t delta = 0;
	proto_item *item;

	if (told->previous_ns != VSOCKHDR_NO_TIME)
		delta = frame->time_ns - told->previous_ns;
	tree = proto_tree_add_subtree(tree, tvb, 0, 0, vsock_trees.times, &item,
				      "Timestamps");
	proto_item_set_generated(item);
	add_time(tvb, tree, vsock_fields.time_relative, frame->time_ns - told->first_ns);
	add_time(tvb, tree, vsock_fields.time_delta, delta);
}

static void add_setup(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame)
{
	const struct vsockhdr_told *told = &frame->told;
	const struct vsock_stream *stream = frame->stream;

	if (told->setup_ns != VSOCKHDR_NO_TIME) {
		add_uint(tvb, tree, vsock_fields.request_in, (uint32_t)told->setup_frame);
		add_time(tvb, tree, vsock_fields.setup_time, told->setup_ns);
	}
	if (stream->request_frame == frame->number && stream->answer_frame > 0)
		add_uint(tvb, tree, vsock_fields.response_in, stream->answer_frame);
}

static void add_known_credit(tvbuff_t *tvb, proto_tree *tree,
			     const struct vsockhdr_told *told)
{
	add_uint64(tvb, tree, vsock_fields.credit_free, told->peer_free);
	add_uint64(tvb, tree, vsock_fields.credit_in_flight, told->in_flight);
	add_uint(tvb, tree, vsock_fields.credit_buf_alloc, told->peer_buf_alloc);
	add_uint64(tvb, tree, vsock_fields.credit_fwd_cnt, told->peer_fwd_cnt);
	add_uint64(tvb, tree, vsock_fields.credit_edge,
		   told->peer_fwd_cnt + told->peer_buf_alloc);
}

/* Whose credit it is: of an update the receiver's, which may send now */
static proto_tree *begin_credit(tvbuff_t *tvb, proto_tree *tree,
				const struct vsock_frame *frame)
{
	bool update = frame->rec.hdr.op == VSOCKHDR_OP_CREDIT_UPDATE;
	enum vsockhdr_end sender =
		update ? (enum vsockhdr_end) !frame->from : frame->from;
	char text[ADDRESS_MAX + 16];
	proto_item *item;

	*put_address(put_literal(text, "Credit of "), &frame->stream->address[sender],
		     NULL) = '\0';
	tree = proto_tree_add_subtree(tree, tvb, 0, 0, vsock_trees.credit, &item, text);
	proto_item_set_generated(item);
	return tree;
}

static void add_credit(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame)
{
	const struct vsockhdr_told *told = &frame->told;
	bool asks = frame->rec.has_hdr && frame->rec.hdr.op == VSOCKHDR_OP_CREDIT_REQUEST;
	uint32_t answer = asks ? state_credit_answer(frame->number) : 0;

	if (told->credit_known)
		add_known_credit(tvb, begin_credit(tvb, tree, frame), told);
	if (told->stall_ns != VSOCKHDR_NO_TIME)
		add_time(tvb, tree, vsock_fields.credit_stall_time, told->stall_ns);
	if (told->request_ns != VSOCKHDR_NO_TIME) {
		add_uint(tvb, tree, vsock_fields.credit_request_in,
			 (uint32_t)told->request_frame);
		add_time(tvb, tree, vsock_fields.credit_delay, told->request_ns);
	}
	if (answer > 0)
		add_uint(tvb, tree, vsock_fields.credit_update_in, answer);
}

static void add_close(tvbuff_t *tvb, proto_tree *tree, const struct vsockhdr_told *told)
{
	char text[VSOCKHDR_ADDR_STRLEN];
	proto_item *item;

	if (!told->ended)
		return;
	add_uint(tvb, tree, vsock_fields.close, told->close);
	vsockhdr_addr_format(text, sizeof(text), &told->closed_by);
	item = proto_tree_add_string(tree, vsock_fields.closed_by, tvb, 0, 0, text);
	proto_item_set_generated(item);
}

void tree_stream(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame)
{
	if (!frame->stream)
		return;
	add_uint(tvb, tree, vsock_fields.stream, frame->stream->number);
	add_completeness(tvb, tree, frame->stream->complete);
	add_setup(tvb, tree, frame);
	if (vsock_prefs.analyse_credit)
		add_credit(tvb, tree, frame);
	add_close(tvb, tree, &frame->told);
	add_times(tvb, tree, frame);
}
