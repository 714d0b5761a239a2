/* SPDX-License-Identifier: BSD-2-Clause */

#include "json_packet.h"

#include <stdlib.h>

static void add_time(struct json *json, const struct packet *pkt)
{
	char text[32];
	char *p = text;
	int64_t sec = pkt->sec;
	uint32_t nsec = pkt->nsec;

	/* Before 1970 the fraction counts towards it. */
	if (sec < 0) {
		*p++ = '-';
		if (nsec > 0) {
			sec++;
			nsec = (uint32_t)NSEC_PER_SEC - nsec;
		}
	}
	p = put_u64(p, (uint64_t)llabs(sec));
	*p++ = '.';
	p = put_digits(p, nsec, 9);
	json_text(json, text, (size_t)(p - text));
}

static void add_flags(struct json *json, const struct vsockhdr *hdr)
{
	uint32_t rest = hdr->flags;

	json_open_array(json);
	for (uint32_t flag = 1; flag != 0 && flag <= rest; flag <<= 1) {
		const char *name = NULL;
		char hex[16];

		if ((rest & flag) == 0)
			continue;
		rest &= ~flag;
		name = vsockhdr_flag_name(hdr->type, hdr->op, flag);
		if (name)
			json_string(json, name);
		else
			json_text(json, hex, (size_t)(put_hex(hex, flag) - hex));
	}
	json_close_array(json);
}

static void add_addresses(struct json *json, const struct packet *pkt)
{
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	record_addresses(&pkt->rec, &src, &dst);
	json_key(json, "src");
	json_address(json, &src);
	json_key(json, "dst");
	json_address(json, &dst);
	json_key(json, "src_cid");
	json_u64(json, src.cid);
	json_key(json, "src_port");
	json_u64(json, src.port);
	json_key(json, "dst_cid");
	json_u64(json, dst.cid);
	json_key(json, "dst_port");
	json_u64(json, dst.port);
}

static void add_virtio(struct json *json, const struct vsockhdr *hdr)
{
	json_key(json, "op");
	json_name(json, vsockhdr_op_name(hdr->op), hdr->op);
	json_key(json, "type");
	json_name(json, vsockhdr_type_name(hdr->type), hdr->type);
	json_key(json, "flags");
	add_flags(json, hdr);
	json_key(json, "len");
	json_u64(json, hdr->len);
	json_key(json, "buf_alloc");
	json_u64(json, hdr->buf_alloc);
	json_key(json, "fwd_cnt");
	json_u64(json, hdr->fwd_cnt);
}

static const char *const address_keys[] = {
	"src", "dst", "src_cid", "src_port", "dst_cid", "dst_port", NULL,
};

static const char *const virtio_keys[] = {
	"op", "type", "flags", "len", "buf_alloc", "fwd_cnt", NULL,
};

/* The keys of a part that the record does not have */
static void add_nulls(struct json *json, const char *const *keys)
{
	for (; *keys; keys++) {
		json_string(json, *keys);
		json_null(json);
	}
}

static void add_story(struct json *json, const struct story *story)
{
	json_key(json, "flow");
	if (story->told.flow == VSOCKHDR_NO_FLOW)
		json_null(json);
	else
		json_u64(json, story->told.flow);
	json_key(json, "findings");
	json_open_array(json);
	for (uint64_t rest = story->findings.all; rest != 0; rest &= rest - 1)
		json_string(json, finding_set_first(rest));
	json_close_array(json);
	if (story->told.credit_known) {
		json_key(json, "peer_free");
		json_u64(json, story->told.peer_free);
		json_key(json, "in_flight");
		json_u64(json, story->told.in_flight);
	}
}

/* What explains that something is missing */
static void add_gaps(struct json *json, const struct packet *pkt)
{
	const struct vsockhdr_record *rec = &pkt->rec;
	size_t missing = rec->payload_wirelen - rec->payload_caplen;
	size_t captured = rec->payload_caplen;

	if (rec->has_hdr)
		captured = packet_payload(pkt, &missing);
	if (rec->has_mon && !rec->has_hdr) {
		json_key(json, "transport");
		json_name(json, vsockhdr_transport_name(rec->mon.transport),
			  rec->mon.transport);
		json_key(json, "mon_op");
		json_name(json, vsockhdr_mon_op_name(rec->mon.op), rec->mon.op);
	}
	if (missing > 0) {
		json_key(json, "payload_captured");
		json_u64(json, captured);
	}
	if (pkt->err) {
		json_key(json, "error");
		json_name(json, vsockhdr_errname(pkt->err), 0);
	}
}

static void add_process(struct json *json, const char *key, struct processes *processes,
			const struct vsockhdr_addr *local,
			const struct vsockhdr_addr *peer)
{
	const char *process = processes_find(processes, local, peer);

	if (!process)
		return;
	json_string(json, key);
	json_string(json, process);
}

/* Whose sockets they are, as far as known (-e) */
static void add_processes(struct json *json, const struct packet *pkt,
			  struct processes *processes)
{
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	record_addresses(&pkt->rec, &src, &dst);
	add_process(json, "src_process", processes, &src, &dst);
	add_process(json, "dst_process", processes, &dst, &src);
}

void json_packet(struct json *json, const struct packet *pkt, const struct story *story,
		 struct processes *processes)
{
	const struct vsockhdr_record *rec = &pkt->rec;

	json_open(json);
	json_key(json, "frame");
	json_u64(json, pkt->frame);
	json_key(json, "time");
	add_time(json, pkt);
	if (rec->has_mon)
		add_addresses(json, pkt);
	else
		add_nulls(json, address_keys);
	if (rec->has_hdr)
		add_virtio(json, &rec->hdr);
	else
		add_nulls(json, virtio_keys);
	add_story(json, story);
	if (processes && rec->has_mon)
		add_processes(json, pkt, processes);
	add_gaps(json, pkt);
	json_close(json);
	json_end_line(json);
}
