/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "compat.h"

#include "tree.h"

#include <vsockhdr/vsockhdr.h>

#include "address.h"
#include "fields.h"
#include "packet.h"
#include "tree_stream.h"

/** struct wire_field - A field of a header */
struct wire_field {
	const int *id;
	int offset;
	int len;
	guint encoding;
};

static const struct wire_field mon_fields[] = {
	{ &vsock_fields.src_cid, 0, 8, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.dst_cid, 8, 8, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.src_port, 16, 4, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.dst_port, 20, 4, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.op, 24, 2, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.trans, 26, 2, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.trans_len, 28, 2, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.reserved, 30, 2, ENC_NA },
};

static const struct wire_field virtio_fields[] = {
	{ &vsock_fields.virtio_src_cid, 0, 8, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_dst_cid, 8, 8, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_src_prot, 16, 4, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_dst_prot, 20, 4, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_len, 24, 4, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_type, 28, 2, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_op, 30, 2, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_flags, 32, 4, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_buf_alloc, 36, 4, ENC_LITTLE_ENDIAN },
	{ &vsock_fields.virtio_fwd_cnt, 40, 4, ENC_LITTLE_ENDIAN },
};

/* Bits that type and op give a meaning */
static void show_flags(tvbuff_t *tvb, proto_item *item, const struct vsockhdr *hdr,
		       int offset)
{
	static const struct {
		uint16_t op;
		uint32_t flag;
		const int *field;
	} bits[] = {
		{ VSOCKHDR_OP_SHUTDOWN, VSOCKHDR_SHUTDOWN_RECEIVE,
		  &vsock_fields.flags_receive },
		{ VSOCKHDR_OP_SHUTDOWN, VSOCKHDR_SHUTDOWN_SEND,
		  &vsock_fields.flags_send },
		{ VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM, &vsock_fields.flags_eom },
		{ VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOR, &vsock_fields.flags_eor },
	};
	proto_tree *tree = proto_item_add_subtree(item, vsock_trees.flags);

	for (size_t i = 0; i < G_N_ELEMENTS(bits); i++)
		if (hdr->op == bits[i].op &&
		    vsockhdr_flag_name(hdr->type, hdr->op, bits[i].flag))
			proto_tree_add_item(tree, *bits[i].field, tvb, offset, 4,
					    ENC_LITTLE_ENDIAN);
}

/* Those that were captured in full: nothing is thrown, everything else goes on */
static void show_fields(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame,
			int start, const struct wire_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int offset = start + fields[i].offset;
		proto_item *item;

		if (!tvb_bytes_exist(tvb, offset, fields[i].len))
			return;
		item = proto_tree_add_item(tree, *fields[i].id, tvb, offset,
					   fields[i].len, fields[i].encoding);
		if (fields[i].id == &vsock_fields.virtio_flags && frame->rec.has_hdr)
			show_flags(tvb, item, &frame->rec.hdr, offset);
	}
}

/* Wireshark's own names of these two are misspelt: filters may use either */
static void show_ports(tvbuff_t *tvb, proto_tree *tree, int start)
{
	proto_item *item;

	item = proto_tree_add_item(tree, vsock_fields.virtio_src_port, tvb, start + 16, 4,
				   ENC_LITTLE_ENDIAN);
	proto_item_set_hidden(item);
	item = proto_tree_add_item(tree, vsock_fields.virtio_dst_port, tvb, start + 20, 4,
				   ENC_LITTLE_ENDIAN);
	proto_item_set_hidden(item);
}

static void show_virtio(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame)
{
	const int start = VSOCKHDR_MON_LEN;
	int captured = (int)tvb_captured_length(tvb) - start;
	int len = MIN(captured, frame->rec.mon.len);
	proto_tree *virtio;

	if (len <= 0)
		return;
	virtio = proto_tree_add_subtree(tree, tvb, start, len, vsock_trees.virtio, NULL,
					"Virtio transport header");
	show_fields(tvb, virtio, frame, start, virtio_fields,
		    G_N_ELEMENTS(virtio_fields));
	if (frame->rec.has_hdr)
		show_ports(tvb, virtio, start);
}

static void name_ends(proto_item *top, const struct vsockhdr_record *rec)
{
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;
	char text[2 * ADDRESS_MAX + 16];
	char *p = text;

	record_addresses(rec, &src, &dst);
	p = put_address(put_literal(p, ", Src: "), &src, NULL);
	p = put_address(put_literal(p, ", Dst: "), &dst, NULL);
	*p = '\0';
	proto_item_append_text(top, "%s", text);
}

void tree_show(tvbuff_t *tvb, proto_item *top, const struct vsock_frame *frame)
{
	proto_tree *tree = proto_item_add_subtree(top, vsock_trees.vsock);

	if (frame->rec.has_mon)
		name_ends(top, &frame->rec);
	show_fields(tvb, tree, frame, 0, mon_fields, G_N_ELEMENTS(mon_fields));
	if (frame->rec.has_mon && frame->rec.mon.transport == VSOCKHDR_TRANSPORT_VIRTIO)
		show_virtio(tvb, tree, frame);
	tree_stream(tvb, tree, frame);
}
