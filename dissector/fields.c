/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: Wireshark's own dissector has registered its fields before any
 * plugin is loaded. They are looked up by name and used on, so that filters, columns and
 * colouring rules that people have go on working. Its texts for op and type are wrong in
 * two places, and its field is given the right ones.
 */

#include "compat.h"

#include "fields.h"

#include <epan/packet.h>
#include <epan/tfs.h>
#include <stddef.h>
#include <vsockhdr/vsockhdr.h>

#include "frame.h"

struct vsock_fields vsock_fields;
struct vsock_trees vsock_trees;

static const value_string op_texts[] = {
	{ VSOCKHDR_OP_INVALID, "Invalid" },
	{ VSOCKHDR_OP_REQUEST, "Request" },
	{ VSOCKHDR_OP_RESPONSE, "Response" },
	{ VSOCKHDR_OP_RST, "Rst" },
	{ VSOCKHDR_OP_SHUTDOWN, "Shutdown" },
	{ VSOCKHDR_OP_RW, "RW" },
	{ VSOCKHDR_OP_CREDIT_UPDATE, "Credit update" },
	{ VSOCKHDR_OP_CREDIT_REQUEST, "Credit request" },
	{ 0, NULL },
};

static const value_string type_texts[] = {
	{ VSOCKHDR_TYPE_STREAM, "Stream" },
	{ VSOCKHDR_TYPE_SEQPACKET, "Seqpacket" },
	{ VSOCKHDR_TYPE_DGRAM, "Datagram" },
	{ 0, NULL },
};

/** struct own_field - A field of Wireshark's own dissector */
struct own_field {
	size_t offset;
	const char *name;
	const value_string *texts;
};

#define OWN(member, name)                                         \
	{                                                         \
		offsetof(struct vsock_fields, member), name, NULL \
	}
#define OWN_TEXT(member, name, t)                              \
	{                                                      \
		offsetof(struct vsock_fields, member), name, t \
	}

static const struct own_field own_fields[] = {
	OWN(src_cid, "vsock.src_cid"),
	OWN(dst_cid, "vsock.dst_cid"),
	OWN(src_port, "vsock.src_port"),
	OWN(dst_port, "vsock.dst_port"),
	OWN(op, "vsock.op"),
	OWN(trans, "vsock.trans"),
	OWN(trans_len, "vsock.trans_len"),
	OWN(reserved, "vsock.reserved"),
	OWN(virtio_src_cid, "vsock.virtio.src_cid"),
	OWN(virtio_dst_cid, "vsock.virtio.dst_cid"),
	OWN(virtio_src_prot, "vsock.virtio.src_prot"),
	OWN(virtio_dst_prot, "vsock.virtio.dst_prot"),
	OWN(virtio_len, "vsock.virtio.len"),
	OWN_TEXT(virtio_type, "vsock.virtio.type", type_texts),
	OWN_TEXT(virtio_op, "vsock.virtio.op", op_texts),
	OWN(virtio_flags, "vsock.virtio.flags"),
	OWN(virtio_buf_alloc, "vsock.virtio.buf_alloc"),
	OWN(virtio_fwd_cnt, "vsock.virtio.fwd_cnt"),
};

static void find_own_fields(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(own_fields); i++) {
		const struct own_field *own = &own_fields[i];
		int id = proto_registrar_get_id_byname(own->name);

		*(int *)((char *)&vsock_fields + own->offset) = id;
		if (own->texts && id >= 0)
			proto_registrar_get_nth((guint)id)->strings = own->texts;
	}
}

static const value_string close_texts[] = {
	{ VSOCKHDR_CLOSE_OPEN, "open" },
	{ VSOCKHDR_CLOSE_HALF_OPEN_STATE, "half_open" },
	{ VSOCKHDR_CLOSE_CLEAN, "clean" },
	{ VSOCKHDR_CLOSE_RESET_STATE, "reset" },
	{ VSOCKHDR_CLOSE_REFUSED, "refused" },
	{ 0, NULL },
};

#define UINT(member, name, abbrev, type, text)                             \
	{                                                                  \
		&vsock_fields.member,                                      \
		{                                                          \
			name, abbrev, type, BASE_DEC, NULL, 0, text, HFILL \
		}                                                          \
	}
#define TIME(member, name, abbrev, text)                                                \
	{                                                                               \
		&vsock_fields.member,                                                   \
		{                                                                       \
			name, abbrev, FT_RELATIVE_TIME, BASE_NONE, NULL, 0, text, HFILL \
		}                                                                       \
	}
#define LINK(member, name, abbrev, type, text)                                        \
	{                                                                             \
		&vsock_fields.member,                                                 \
		{                                                                     \
			name, abbrev, FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(type), 0, \
				text, HFILL                                           \
		}                                                                     \
	}
#define BIT(member, name, abbrev, width, mask, text)                                 \
	{                                                                            \
		&vsock_fields.member,                                                \
		{                                                                    \
			name, abbrev, FT_BOOLEAN, width, TFS(&tfs_set_notset), mask, \
				text, HFILL                                          \
		}                                                                    \
	}
#define TEXT(member, name, abbrev, text)                                         \
	{                                                                        \
		&vsock_fields.member,                                            \
		{                                                                \
			name, abbrev, FT_STRING, BASE_NONE, NULL, 0, text, HFILL \
		}                                                                \
	}

static hf_register_info added_fields[] = {
	UINT(virtio_src_port, "Source port", "vsock.virtio.src_port", FT_UINT32,
	     "The same as vsock.virtio.src_prot"),
	UINT(virtio_dst_port, "Destination port", "vsock.virtio.dst_port", FT_UINT32,
	     "The same as vsock.virtio.dst_prot"),
	BIT(flags_receive, "Will not receive any more", "vsock.flags.shutdown.receive",
	    32, VSOCKHDR_SHUTDOWN_RECEIVE, NULL),
	BIT(flags_send, "Will not send any more", "vsock.flags.shutdown.send", 32,
	    VSOCKHDR_SHUTDOWN_SEND, NULL),
	BIT(flags_eom, "End of message", "vsock.flags.seqpacket.eom", 32,
	    VSOCKHDR_SEQ_EOM, NULL),
	BIT(flags_eor, "End of record", "vsock.flags.seqpacket.eor", 32, VSOCKHDR_SEQ_EOR,
	    NULL),
	UINT(stream, "Stream index", "vsock.stream", FT_UINT32,
	     "Number of the connection, from 0"),
	UINT(completeness, "Completeness", "vsock.completeness", FT_UINT8,
	     "What the capture has of the connection"),
	BIT(completeness_rst, "RST", "vsock.completeness.rst", 8, STREAM_RST, NULL),
	BIT(completeness_shutdown, "SHUTDOWN", "vsock.completeness.shutdown", 8,
	    STREAM_SHUTDOWN, NULL),
	BIT(completeness_data, "Data", "vsock.completeness.data", 8, STREAM_DATA, NULL),
	BIT(completeness_response, "RESPONSE", "vsock.completeness.response", 8,
	    STREAM_RESPONSE, NULL),
	BIT(completeness_request, "REQUEST", "vsock.completeness.request", 8,
	    STREAM_REQUEST, NULL),
	TEXT(completeness_str, "Completeness flags", "vsock.completeness.str",
	     "Q: REQUEST, A: RESPONSE, D: data, S: SHUTDOWN, R: RST"),
	TIME(time_relative, "Time since first packet in this stream",
	     "vsock.time_relative", NULL),
	TIME(time_delta, "Time since previous packet in this stream", "vsock.time_delta",
	     NULL),
	TIME(setup_time, "Set-up time", "vsock.setup_time", "From REQUEST to its answer"),
	LINK(request_in, "Request in", "vsock.request_in", FT_FRAMENUM_REQUEST,
	     "The REQUEST that this packet answers"),
	LINK(response_in, "Response in", "vsock.response_in", FT_FRAMENUM_RESPONSE,
	     "The packet that answers this REQUEST"),
	UINT(credit_free, "Free", "vsock.credit.free", FT_UINT64,
	     "Bytes that the sender may still send"),
	UINT(credit_in_flight, "In flight", "vsock.credit.in_flight", FT_UINT64,
	     "Bytes that were sent and are not known to be consumed"),
	UINT(credit_buf_alloc, "Receive buffer", "vsock.credit.buf_alloc", FT_UINT32,
	     "The receiver's buffer, as it last said"),
	UINT(credit_fwd_cnt, "Consumed", "vsock.credit.fwd_cnt", FT_UINT64,
	     "Bytes that the receiver has consumed; does not wrap"),
	UINT(credit_edge, "Edge", "vsock.credit.edge", FT_UINT64,
	     "Byte of the stream up to which the sender may send; does not wrap"),
	TIME(credit_stall_time, "Stalled for", "vsock.credit.stall_time",
	     "Time without credit that this packet ends"),
	LINK(credit_request_in, "Credit request in", "vsock.credit.request_in",
	     FT_FRAMENUM_REQUEST, "The CREDIT_REQUEST that this packet answers"),
	LINK(credit_update_in, "Credit update in", "vsock.credit.update_in",
	     FT_FRAMENUM_RESPONSE, "The packet that answers this CREDIT_REQUEST"),
	TIME(credit_delay, "Credit delay", "vsock.credit.delay",
	     "From CREDIT_REQUEST to its answer"),
	{ &vsock_fields.close,
	  { "Closed", "vsock.close", FT_UINT8, BASE_DEC, VALS(close_texts), 0,
	    "How this packet ended the connection", HFILL } },
	TEXT(closed_by, "Closed by", "vsock.closed_by",
	     "The end that closed, reset or refused the connection"),
	TEXT(finding, "Finding", "vsock.finding",
	     "Identifier of a finding about this packet"),
};

void fields_register(int proto)
{
	static int *const trees[] = {
		&vsock_trees.vsock,        &vsock_trees.virtio, &vsock_trees.flags,
		&vsock_trees.completeness, &vsock_trees.times,  &vsock_trees.credit,
	};

	find_own_fields();
	for (size_t i = 0; i < G_N_ELEMENTS(trees); i++)
		*trees[i] = -1;
	for (size_t i = 0; i < G_N_ELEMENTS(added_fields); i++)
		*added_fields[i].p_id = -1;
	proto_register_field_array(proto, added_fields, G_N_ELEMENTS(added_fields));
	proto_register_subtree_array(trees, G_N_ELEMENTS(trees));
}
