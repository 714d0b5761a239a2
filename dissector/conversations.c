/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: a conversation is a stream, so that the connections that one pair
 * of addresses has after another are told apart. The filters that Wireshark makes of a
 * table's row ask for either end's CID or port by one field, which is added for them.
 */

#include "compat.h"

#include "conversations.h"

#include <epan/conversation_filter.h>
#include <epan/conversation_table.h>

#include "state.h"
#include "taps.h"

static int proto_vsock;
static int field_cid = -1;
static int field_port = -1;

static const char *const filter_fields[] = {
	[CONV_FT_SRC_ADDRESS] = "vsock.src_cid", [CONV_FT_DST_ADDRESS] = "vsock.dst_cid",
	[CONV_FT_ANY_ADDRESS] = "vsock.cid",     [CONV_FT_SRC_PORT] = "vsock.src_port",
	[CONV_FT_DST_PORT] = "vsock.dst_port",   [CONV_FT_ANY_PORT] = "vsock.port",
};

static const char *conversation_field(conv_item_t *item, conv_filter_type_e filter)
{
	(void)item;
	return filter_fields[filter];
}

static const char *endpoint_field(endpoint_item_t *item, conv_filter_type_e filter)
{
	(void)item;
	return filter_fields[filter];
}

static ct_dissector_info_t conversation_info = { conversation_field };
static et_dissector_info_t endpoint_info = { endpoint_field };

static tap_packet_status on_conversation(void *table, packet_info *pinfo,
					 epan_dissect_t *edt, const void *data,
					 tap_flags_t flags)
{
	const struct vsock_frame *frame = &((const struct vsock_tap *)data)->frame;
	conv_hash_t *conversations = table;

	(void)edt;
	if (!frame->stream)
		return TAP_PACKET_DONT_REDRAW;
	conversations->flags = flags;
	add_conversation_table_data_with_conv_id(
		conversations, &pinfo->src, &pinfo->dst, pinfo->srcport, pinfo->destport,
		(conv_id_t)frame->stream->number, 1, (int)pinfo->fd->pkt_len,
		&pinfo->rel_ts, &pinfo->abs_ts, &conversation_info, CONVERSATION_NONE);
	return TAP_PACKET_REDRAW;
}

static tap_packet_status on_endpoint(void *table, packet_info *pinfo, epan_dissect_t *edt,
				     const void *data, tap_flags_t flags)
{
	const struct vsock_frame *frame = &((const struct vsock_tap *)data)->frame;
	conv_hash_t *endpoints = table;

	(void)edt;
	if (!frame->rec.has_mon)
		return TAP_PACKET_DONT_REDRAW;
	endpoints->flags = flags;
	add_endpoint_table_data(endpoints, &pinfo->src, pinfo->srcport, TRUE, 1,
				(int)pinfo->fd->pkt_len, &endpoint_info, ENDPOINT_NONE);
	add_endpoint_table_data(endpoints, &pinfo->dst, pinfo->destport, FALSE, 1,
				(int)pinfo->fd->pkt_len, &endpoint_info, ENDPOINT_NONE);
	return TAP_PACKET_REDRAW;
}

/* Wireshark asks about a packet that it has dissected before */
static compat_bool has_stream(FILTER_PARAMETERS)
{
	FILTER_UNUSED;
	return proto_is_frame_protocol(pinfo->layers, "vsock") &&
	       state_stream_of(pinfo->num) != NULL;
}

static char *stream_filter(FILTER_PARAMETERS)
{
	const struct vsock_stream *stream = state_stream_of(pinfo->num);

	FILTER_UNUSED;
	return stream ? g_strdup_printf("vsock.stream eq %u", stream->number) : NULL;
}

/*
 * The graph of Wireshark's own that shows packets of any kind draws what is in their
 * columns; given the packets of this tap only, it is right for streams, too.
 */
static void register_graph(void)
{
	register_analysis_t *any = sequence_analysis_find_by_name("any");

	if (any)
		register_seq_analysis("vsock", "vsock Flows", proto_vsock, "vsock",
				      sequence_analysis_get_tap_flags(any),
				      sequence_analysis_get_packet_func(any));
}

void conversations_register(int proto)
{
	static hf_register_info fields[] = {
		{ &field_cid,
		  { "CID", "vsock.cid", FT_UINT64, BASE_DEC, NULL, 0, "Of either end",
		    HFILL } },
		{ &field_port,
		  { "Port", "vsock.port", FT_UINT32, BASE_DEC, NULL, 0, "Of either end",
		    HFILL } },
	};

	proto_vsock = proto;
	proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
	register_conversation_table(proto, FALSE, on_conversation, on_endpoint);
	compat_register_conversation_filter("vsock", "vsock stream", has_stream,
					    stream_filter);
	register_graph();
}

void conversations_show(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame)
{
	const struct vsockhdr_record *rec = &frame->rec;
	proto_item *item[4];

	if (!tree || !rec->has_mon)
		return;
	item[0] = proto_tree_add_uint64(tree, field_cid, tvb, 0, 8, rec->mon.src_cid);
	item[1] = proto_tree_add_uint64(tree, field_cid, tvb, 8, 8, rec->mon.dst_cid);
	item[2] = proto_tree_add_uint(tree, field_port, tvb, 16, 4, rec->mon.src_port);
	item[3] = proto_tree_add_uint(tree, field_port, tvb, 20, 4, rec->mon.dst_port);
	for (size_t i = 0; i < G_N_ELEMENTS(item); i++)
		proto_item_set_hidden(item[i]);
}
