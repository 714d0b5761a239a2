/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A packet as a JSON object. yajl's generator writes into the output buffer and
 * allocates nothing after it has been made; numbers are given to it as text, because
 * formatting them is what takes the time.
 */

#include "json.h"

#include <stdlib.h>
#include <yajl/yajl_gen.h>

/**
 * struct json - A JSON printer
 * @gen:	yajl's generator
 * @out:	Where it prints to
 */
struct json {
	yajl_gen gen;
	struct output *out;
};

static void on_json(void *context, const char *text, size_t size)
{
	output_bytes(context, text, size);
}

struct json *json_new(struct output *out)
{
	struct json *json = malloc(sizeof(*json));

	if (!json)
		return NULL;
	json->out = out;
	json->gen = yajl_gen_alloc(NULL);
	if (!json->gen) {
		free(json);
		return NULL;
	}
	yajl_gen_config(json->gen, yajl_gen_print_callback, on_json, out);
	return json;
}

void json_free(struct json *json)
{
	if (!json)
		return;
	yajl_gen_free(json->gen);
	free(json);
}

static void add_string(yajl_gen gen, const char *string, size_t size)
{
	yajl_gen_string(gen, (const unsigned char *)string, size);
}

#define add_key(gen, literal) add_string((gen), (literal), sizeof(literal) - 1)

static void add_u64(yajl_gen gen, uint64_t value)
{
	char number[20];

	yajl_gen_number(gen, number, (size_t)(put_u64(number, value) - number));
}

static void add_time(yajl_gen gen, const struct packet *pkt)
{
	char text[32];
	char *p = text;

	if (pkt->sec < 0)
		*p++ = '-';
	p = put_u64(p, (uint64_t)llabs(pkt->sec));
	*p++ = '.';
	p = put_digits(p, pkt->nsec, 9);
	add_string(gen, text, (size_t)(p - text));
}

static void add_address(yajl_gen gen, const struct vsockhdr_addr *addr)
{
	char text[VSOCKHDR_ADDR_STRLEN];
	char *p = put_u64(text, addr->cid);

	*p++ = ':';
	p = put_u64(p, addr->port);
	add_string(gen, text, (size_t)(p - text));
}

/* A constant's name or, where it has none, its number as a string */
static void add_name(yajl_gen gen, const char *name, uint16_t number)
{
	char text[20];

	if (name)
		add_string(gen, name, strlen(name));
	else
		add_string(gen, text, (size_t)(put_u64(text, number) - text));
}

static void add_flags(yajl_gen gen, const struct vsockhdr *hdr)
{
	uint32_t rest = hdr->flags;

	yajl_gen_array_open(gen);
	for (uint32_t flag = 1; flag != 0 && flag <= rest; flag <<= 1) {
		const char *name = NULL;
		char hex[16];

		if ((rest & flag) == 0)
			continue;
		rest &= ~flag;
		name = vsockhdr_flag_name(hdr->type, hdr->op, flag);
		if (name)
			add_string(gen, name, strlen(name));
		else
			add_string(gen, hex, (size_t)(put_hex(hex, flag) - hex));
	}
	yajl_gen_array_close(gen);
}

static void add_addresses(yajl_gen gen, const struct packet *pkt)
{
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	packet_addresses(pkt, &src, &dst);
	add_key(gen, "src");
	add_address(gen, &src);
	add_key(gen, "dst");
	add_address(gen, &dst);
	add_key(gen, "src_cid");
	add_u64(gen, src.cid);
	add_key(gen, "src_port");
	add_u64(gen, src.port);
	add_key(gen, "dst_cid");
	add_u64(gen, dst.cid);
	add_key(gen, "dst_port");
	add_u64(gen, dst.port);
}

static void add_virtio(yajl_gen gen, const struct vsockhdr *hdr)
{
	add_key(gen, "op");
	add_name(gen, vsockhdr_op_name(hdr->op), hdr->op);
	add_key(gen, "type");
	add_name(gen, vsockhdr_type_name(hdr->type), hdr->type);
	add_key(gen, "flags");
	add_flags(gen, hdr);
	add_key(gen, "len");
	add_u64(gen, hdr->len);
	add_key(gen, "buf_alloc");
	add_u64(gen, hdr->buf_alloc);
	add_key(gen, "fwd_cnt");
	add_u64(gen, hdr->fwd_cnt);
}

static const char *const address_keys[] = {
	"src", "dst", "src_cid", "src_port", "dst_cid", "dst_port", NULL,
};

static const char *const virtio_keys[] = {
	"op", "type", "flags", "len", "buf_alloc", "fwd_cnt", NULL,
};

/* The keys of a part that the record does not have */
static void add_nulls(yajl_gen gen, const char *const *keys)
{
	for (; *keys; keys++) {
		add_string(gen, *keys, strlen(*keys));
		yajl_gen_null(gen);
	}
}

void json_print(struct json *json, const struct packet *pkt)
{
	const struct vsockhdr_record *rec = &pkt->rec;
	yajl_gen gen = json->gen;

	yajl_gen_map_open(gen);
	add_key(gen, "frame");
	add_u64(gen, pkt->frame);
	add_key(gen, "time");
	add_time(gen, pkt);
	if (rec->has_mon)
		add_addresses(gen, pkt);
	else
		add_nulls(gen, address_keys);
	if (rec->has_hdr)
		add_virtio(gen, &rec->hdr);
	else
		add_nulls(gen, virtio_keys);
	if (rec->has_mon && !rec->has_hdr) {
		add_key(gen, "transport");
		add_name(gen, vsockhdr_transport_name(rec->mon.transport),
			 rec->mon.transport);
		add_key(gen, "mon_op");
		add_name(gen, vsockhdr_mon_op_name(rec->mon.op), rec->mon.op);
	}
	if (rec->payload_caplen < rec->payload_wirelen) {
		add_key(gen, "payload_captured");
		add_u64(gen, rec->payload_caplen);
	}
	if (pkt->err) {
		add_key(gen, "error");
		add_name(gen, vsockhdr_errname(pkt->err), 0);
	}
	yajl_gen_map_close(gen);
	yajl_gen_reset(gen, "\n");
	output_end_line(json->out);
}
