/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A packet as a line of text, in the form of tcpdump's TCP lines:
 *
 *   TIME SRC > DST: TYPE OP, [flags [..],] buf_alloc N, fwd_cnt N, length N [STORY]
 *
 * The story is what the packet meant to its connection; text_story.c writes it.
 * What cannot be known of a damaged record is left out, and the reason stands in
 * brackets at the end of the line.
 */

#include "text.h"

#include "address.h"
#include "hexdump.h"
#include "text_story.h"

/* A line's longest parts: time 64, two addresses of 32, type and op 32, four flags
 * and one rest 48, three numbers of 32 with their names, an error text 80, the second
 * line 256 */
#define LINE_RESERVE (1024 + STORY_MAX)
_Static_assert(LINE_RESERVE <= OUTPUT_MAX_RESERVE, "a line fits");

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

static char *put_virtio(char *p, const struct vsockhdr *hdr)
{
	p = put_name(p, vsockhdr_type_name(hdr->type), "type", hdr->type);
	*p++ = ' ';
	p = put_name(p, vsockhdr_op_name(hdr->op), "op", hdr->op);
	if (hdr->flags)
		p = put_flags(p, hdr);
	p = put_u64(put_literal(p, ", buf_alloc "), hdr->buf_alloc);
	p = put_u64(put_literal(p, ", fwd_cnt "), hdr->fwd_cnt);
	return put_u64(put_literal(p, ", length "), hdr->len);
}

static char *put_transport(char *p, const struct vsockhdr_mon *mon)
{
	p = put_name(p, vsockhdr_transport_name(mon->transport), "transport",
		     mon->transport);
	*p++ = ' ';
	return put_name(p, vsockhdr_mon_op_name(mon->op), "op", mon->op);
}

static char *put_packet(char *p, const struct text *text, const struct packet *pkt)
{
	const struct vsockhdr_record *rec = &pkt->rec;
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	if (!rec->has_mon)
		return put_literal(p, "vsock");
	packet_addresses(pkt, &src, &dst);
	p = put_literal(put_address(p, &src, text->numeric), " > ");
	p = put_literal(put_address(p, &dst, text->numeric), ": ");
	if (rec->has_hdr)
		return put_virtio(p, &rec->hdr);
	p = put_transport(p, &rec->mon);
	if (pkt->err)
		return p;
	return put_u64(put_literal(p, ", length "), rec->payload_wirelen);
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

static char *put_details(char *p, const struct packet *pkt)
{
	const struct vsockhdr_mon *mon = &pkt->rec.mon;

	p = put_literal(p, "\t");
	if (pkt->rec.has_mon) {
		p = put_literal(p, "vsockmon op ");
		p = put_name(p, vsockhdr_mon_op_name(mon->op), "number", mon->op);
		p = put_literal(p, ", transport ");
		p = put_name(p, vsockhdr_transport_name(mon->transport), "number",
			     mon->transport);
		p = put_u64(put_literal(p, ", transport header "), mon->len);
		p = put_literal(p, ", ");
		if (pkt->rec.has_hdr && !same_addresses(mon, &pkt->rec.hdr))
			p = put_mon_addresses(p, mon);
	}
	p = put_u64(put_literal(p, "captured "), pkt->caplen);
	p = put_u64(put_literal(p, " of "), pkt->wirelen);
	return put_literal(p, " bytes\n");
}

void text_print(struct text *text, struct output *out, const struct packet *pkt,
		const struct story *story)
{
	char *p = output_reserve(out, LINE_RESERVE);
	size_t from = text->bytes == TEXT_BYTES_RECORD ? 0 : VSOCKHDR_MON_LEN;

	p = put_timestamp(p, &text->timestamp, pkt->sec, pkt->nsec);
	p = put_packet(p, text, pkt);
	if (pkt->err) {
		p = put_literal(p, " [");
		p = put_string(p, vsockhdr_strerror(pkt->err));
		*p++ = ']';
	}
	p = put_story(p, story, text->numeric);
	*p++ = '\n';
	if (text->verbose)
		p = put_details(p, pkt);
	output_commit(out, p);
	if (text->bytes != TEXT_BYTES_NONE && from < pkt->caplen)
		hexdump(out, pkt->data + from, pkt->caplen - from, text->ascii);
	output_end_line(out);
}
