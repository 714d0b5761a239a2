/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Follow Stream. Client and server are the tracker's, and not whoever spoke first; each
 * packet is a record of its own, so messages stay apart.
 */

#include "compat.h"

#include "follow.h"

#include <epan/follow.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <vsockhdr/vsockhdr.h>

#include "state.h"

/**
 * struct follow_tap - What the tap "vsock_follow" hands on; in packet scope
 * @tvb:	Bytes
 * @stream:	Whose
 * @from:	From which end
 */
struct follow_tap {
	tvbuff_t *tvb;
	const struct vsock_stream *stream;
	enum vsockhdr_end from;
};

static int tap_follow;

static gchar *filter_by_index(guint stream, guint sub_stream)
{
	(void)sub_stream;
	return g_strdup_printf("vsock.stream eq %u", stream);
}

/* The frame that is selected */
static gchar *filter_by_frame(epan_dissect_t *edt, packet_info *pinfo, guint *stream,
			      guint *sub_stream)
{
	const struct vsock_stream *selected = state_stream_of(pinfo->num);

	(void)edt;
	if (!selected)
		return NULL;
	*stream = selected->number;
	*sub_stream = 0;
	return filter_by_index(*stream, 0);
}

static gchar *filter_by_address(address *src, address *dst, int src_port, int dst_port)
{
	gchar *src_cid = address_to_str(NULL, src);
	gchar *dst_cid = address_to_str(NULL, dst);
	gchar *filter = g_strdup_printf(
		"(vsock.src_cid eq %s and vsock.src_port eq %u and vsock.dst_cid eq %s and "
		"vsock.dst_port eq %u) or (vsock.src_cid eq %s and vsock.src_port eq %u and "
		"vsock.dst_cid eq %s and vsock.dst_port eq %u)",
		src_cid, (guint)src_port, dst_cid, (guint)dst_port, dst_cid,
		(guint)dst_port, src_cid, (guint)src_port);

	wmem_free(NULL, src_cid);
	wmem_free(NULL, dst_cid);
	return filter;
}

static gchar *port_to_display(wmem_allocator_t *allocator, guint port)
{
	return wmem_strdup_printf(allocator, "%u", port);
}

static void set_ends(follow_info_t *info, const packet_info *pinfo,
		     const struct follow_tap *tap)
{
	bool from_client = tap->from == VSOCKHDR_CLIENT;

	copy_address(&info->client_ip, from_client ? &pinfo->src : &pinfo->dst);
	copy_address(&info->server_ip, from_client ? &pinfo->dst : &pinfo->src);
	info->client_port = tap->stream->address[VSOCKHDR_CLIENT].port;
	info->server_port = tap->stream->address[VSOCKHDR_SERVER].port;
}

static tap_packet_status on_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt,
				   const void *data, tap_flags_t flags)
{
	follow_info_t *info = tapdata;
	const struct follow_tap *tap = data;
	follow_record_t *record = g_new0(follow_record_t, 1);
	guint len = tvb_captured_length(tap->tvb);

	(void)edt;
	(void)flags;
	if (info->client_ip.type == AT_NONE)
		set_ends(info, pinfo, tap);
	record->is_server = tap->from == VSOCKHDR_SERVER;
	record->packet_num = pinfo->num;
	record->abs_ts = pinfo->abs_ts;
	record->data = g_byte_array_append(g_byte_array_sized_new(len),
					   tvb_get_ptr(tap->tvb, 0, (gint)len), len);
	info->bytes_written[record->is_server] += len;
	info->payload = g_list_prepend(info->payload, record);
	return TAP_PACKET_DONT_REDRAW;
}

void follow_queue(tvbuff_t *tvb, packet_info *pinfo, const struct vsock_frame *frame)
{
	struct follow_tap *tap;

	if (!have_tap_listener(tap_follow) || frame->rec.hdr.op != VSOCKHDR_OP_RW ||
	    frame->payload_len <= 0)
		return;
	tap = wmem_new(pinfo->pool, struct follow_tap);
	tap->tvb = tvb_new_subset_length(tvb, frame->payload_offset, frame->payload_len);
	tap->stream = frame->stream;
	tap->from = frame->from;
	tap_queue_packet(tap_follow, pinfo, tap);
}

void follow_register(int proto)
{
	tap_follow = register_tap("vsock_follow");
	COMPAT_REGISTER_FOLLOW(proto, "vsock_follow", filter_by_frame, filter_by_index,
			       filter_by_address, port_to_display, on_packet,
			       state_stream_count);
}
