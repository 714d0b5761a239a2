/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The dissector: decodes a record, follows it, and has it shown.
 */

#include "compat.h"

#include "dissect.h"

#include <epan/packet.h>
#include <vsockhdr/vsockhdr.h>
#include <wiretap/wtap.h>

#include "columns.h"
#include "conversations.h"
#include "fields.h"
#include "findings.h"
#include "payload.h"
#include "prefs.h"
#include "state.h"
#include "taps.h"
#include "tree.h"

static int proto_vsock;

static void decode(tvbuff_t *tvb, struct vsock_frame *frame)
{
	guint caplen = tvb_captured_length(tvb);
	guint wirelen = MAX(tvb_reported_length(tvb), caplen);
	const struct vsockhdr_record *rec = &frame->rec;
	size_t len;

	frame->err = vsockhdr_record_decode(
		&frame->rec, caplen > 0 ? tvb_get_ptr(tvb, 0, (gint)caplen) : NULL,
		caplen, wirelen);
	if (frame->err)
		return;
	len = rec->payload_wirelen;
	/* Behind an RW's own payload, vhost's tap shows that of the next ones. */
	if (rec->has_hdr && rec->hdr.len < len)
		len = rec->hdr.len;
	frame->payload_offset = (int)rec->payload_offset;
	frame->payload_len = (int)MIN(len, rec->payload_caplen);
	frame->payload_missing = (uint32_t)(len - (size_t)frame->payload_len);
}

/* Where a capture is only listed nobody looks at the fields, which are most of the work.
 * Findings are shown in any case: the filter may ask for expert information alone.
 */
static proto_item *show(tvbuff_t *tvb, proto_tree *tree, const struct vsock_frame *frame)
{
	proto_item *top;

	if (!tree)
		return NULL;
	top = proto_tree_add_item(tree, proto_vsock, tvb, 0, -1, ENC_NA);
	if (!frame->findings && !proto_field_is_referenced(tree, proto_vsock))
		return top;
	tree_show(tvb, top, frame);
	conversations_show(tvb, proto_item_get_subtree(top), frame);
	return top;
}

static int dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
	struct vsock_frame frame = { .number = pinfo->num };
	proto_item *top;

	(void)data;
	decode(tvb, &frame);
	state_frame(pinfo, &frame);
	columns_set(pinfo, &frame);
	top = show(tvb, tree, &frame);
	findings_show(tvb, pinfo, top, &frame);
	taps_queue(pinfo, &frame);
	payload_dissect(tvb, pinfo, tree, proto_item_get_subtree(top), &frame);
	return (int)tvb_captured_length(tvb);
}

void dissect_register(void)
{
	proto_vsock = proto_get_id_by_filter_name("vsock");
	if (proto_vsock < 0)
		return;
	columns_register();
	fields_register(proto_vsock);
	findings_register(proto_vsock);
	prefs_register(proto_vsock);
	payload_register(proto_vsock);
	taps_register(proto_vsock);
	state_register();
}

void dissect_handoff(void)
{
	dissector_handle_t handle;

	if (proto_vsock < 0)
		return;
	handle = create_dissector_handle(dissect, proto_vsock);
	dissector_add_uint("wtap_encap", WTAP_ENCAP_VSOCK, handle);
	payload_handoff();
}
