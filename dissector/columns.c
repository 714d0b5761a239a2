/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: an address in Wireshark is a CID, as an IP address is one, and
 * ports go beside it. Wireshark's own dissector has an address type of its own, whose
 * buffer is too small for the largest CIDs; ours takes its place.
 */

#include "compat.h"

#include "columns.h"

#include <epan/address_types.h>
#include <epan/to_str.h>
#include <string.h>

#include "line.h"
#include "output.h"
#include "packet.h"

/* Characters of a 64-bit number, and NUL */
#define CID_STRLEN 21

static int cid_type;

static uint64_t cid_of(const address *addr)
{
	uint64_t cid;

	memcpy(&cid, addr->data, sizeof(cid));
	return cid;
}

static int cid_to_str(const address *addr, gchar *buf, int size)
{
	char text[CID_STRLEN];
	char *end = put_u64(text, cid_of(addr));
	int len = MIN((int)(end - text), size - 1);

	memcpy(buf, text, (size_t)len);
	buf[len] = '\0';
	return len + 1;
}

static int cid_str_len(const address *addr)
{
	(void)addr;
	return CID_STRLEN;
}

static int cid_len(void)
{
	return (int)sizeof(uint64_t);
}

static const char *cid_filter(const address *addr, compat_bool is_src)
{
	(void)addr;
	return is_src ? "vsock.src_cid" : "vsock.dst_cid";
}

void columns_register(void)
{
	cid_type = address_type_dissector_register("AT_VSOCK_CID", "vsock CID",
						   cid_to_str, cid_str_len, NULL,
						   cid_filter, cid_len, NULL, NULL);
}

static void set_addresses(packet_info *pinfo, const struct vsockhdr_record *rec)
{
	uint64_t *cid = wmem_alloc_array(pinfo->pool, uint64_t, 2);
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	record_addresses(rec, &src, &dst);
	cid[0] = src.cid;
	cid[1] = dst.cid;
	set_address(&pinfo->net_src, cid_type, (int)sizeof(*cid), &cid[0]);
	set_address(&pinfo->net_dst, cid_type, (int)sizeof(*cid), &cid[1]);
	copy_address_shallow(&pinfo->src, &pinfo->net_src);
	copy_address_shallow(&pinfo->dst, &pinfo->net_dst);
	pinfo->srcport = src.port;
	pinfo->destport = dst.port;
}

void columns_set(packet_info *pinfo, const struct vsock_frame *frame)
{
	char line[LINE_MAX_SIZE];

	if (frame->rec.has_mon)
		set_addresses(pinfo, &frame->rec);
	col_set_str(pinfo->cinfo, COL_PROTOCOL, "vSocket");
	if (!col_get_writable(pinfo->cinfo, COL_INFO))
		return;
	line_put(line, frame);
	col_add_str(pinfo->cinfo, COL_INFO, line);
}
