/* SPDX-License-Identifier: BSD-2-Clause */

#include "packet_text.h"

#include "address.h"
#include "packet.h"

/* A constant's name or, where it has none, what it is and its number */
static char *put_name(char *p, const char *name, const char *what, uint64_t number)
{
	if (name)
		return put_string(p, name);
	p = put_string(p, what);
	*p++ = ' ';
	return put_u64(p, number);
}

static char *put_flags(char *p, const struct vsockhdr *hdr)
{
	uint32_t rest = hdr->flags;
	const char *separator = "";

	p = put_literal(p, ", flags [");
	for (uint32_t flag = 1; flag != 0 && flag <= rest; flag <<= 1) {
		const char *name = NULL;

		if (rest & flag)
			name = vsockhdr_flag_name(hdr->type, hdr->op, flag);
		if (!name)
			continue;
		p = put_string(put_string(p, separator), name);
		separator = ",";
		rest &= ~flag;
	}
	if (rest)
		p = put_hex(put_string(p, separator), rest);
	*p++ = ']';
	return p;
}

static char *put_virtio(char *p, const struct vsockhdr *hdr, bool quiet)
{
	p = put_name(p, vsockhdr_type_name(hdr->type), "type", hdr->type);
	*p++ = ' ';
	p = put_name(p, vsockhdr_op_name(hdr->op), "op", hdr->op);
	if (hdr->flags)
		p = put_flags(p, hdr);
	if (!quiet) {
		p = put_u64(put_literal(p, ", buf_alloc "), hdr->buf_alloc);
		p = put_u64(put_literal(p, ", fwd_cnt "), hdr->fwd_cnt);
	}
	return put_u64(put_literal(p, ", length "), hdr->len);
}

static char *put_transport(char *p, const struct vsockhdr_mon *mon)
{
	p = put_name(p, vsockhdr_transport_name(mon->transport), "transport",
		     mon->transport);
	*p++ = ' ';
	return put_name(p, vsockhdr_mon_op_name(mon->op), "op", mon->op);
}

static char *put_headers(char *p, const struct vsockhdr_record *rec, int err,
			 const struct naming *names, bool quiet)
{
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	if (!rec->has_mon)
		return put_literal(p, "vsock");
	record_addresses(rec, &src, &dst);
	p = put_literal(put_address(p, &src, names), " > ");
	p = put_literal(put_address(p, &dst, names), ": ");
	if (rec->has_hdr)
		return put_virtio(p, &rec->hdr, quiet);
	p = put_transport(p, &rec->mon);
	if (err)
		return p;
	return put_u64(put_literal(p, ", length "), rec->payload_wirelen);
}

char *put_packet(char *p, const struct vsockhdr_record *rec, int err,
		 const struct naming *names, bool quiet)
{
	p = put_headers(p, rec, err, names, quiet);
	if (!err)
		return p;
	p = put_string(put_literal(p, " ["), vsockhdr_strerror(err));
	return put_literal(p, "]");
}

static bool same_addresses(const struct vsockhdr_mon *mon, const struct vsockhdr *hdr)
{
	return mon->src_cid == hdr->src_cid && mon->src_port == hdr->src_port &&
	       mon->dst_cid == hdr->dst_cid && mon->dst_port == hdr->dst_port;
}

static char *put_mon_addresses(char *p, const struct vsockhdr_mon *mon)
{
	p = put_u64(put_literal(p, "addresses "), mon->src_cid);
	p = put_u64(put_literal(p, ":"), mon->src_port);
	p = put_u64(put_literal(p, " > "), mon->dst_cid);
	p = put_u64(put_literal(p, ":"), mon->dst_port);
	return put_literal(p, ", ");
}

char *put_mon(char *p, const struct vsockhdr_record *rec)
{
	const struct vsockhdr_mon *mon = &rec->mon;

	p = put_literal(p, "vsockmon op ");
	p = put_name(p, vsockhdr_mon_op_name(mon->op), "number", mon->op);
	p = put_literal(p, ", transport ");
	p = put_name(p, vsockhdr_transport_name(mon->transport), "number",
		     mon->transport);
	p = put_u64(put_literal(p, ", transport header "), mon->len);
	p = put_literal(p, ", ");
	if (rec->has_hdr && !same_addresses(mon, &rec->hdr))
		p = put_mon_addresses(p, mon);
	return p;
}
