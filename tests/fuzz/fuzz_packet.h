/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_FUZZ_PACKET_H
#define VSOCKHDR_FUZZ_PACKET_H

/*
 * The small alphabet of packets: few addresses, and sizes and counters near the edges
 * that matter, so that packets have to do with each other.
 */

#include <vsockhdr/vsockhdr.h>

#include "fuzz.h"

static inline uint32_t choose_size(uint8_t byte)
{
	static const uint32_t edges[] = { 0,      1,          65536,      65537,
					  262144, 0x7fffffff, 0x80000000, UINT32_MAX };

	return byte < 128 ? byte : edges[byte & 7] + (uint32_t)(byte >> 3 & 3);
}

/*
 * A header of six bytes: ends, op and type, flags, len, buf_alloc, fwd_cnt; and the
 * vsockmon header that goes with it.
 * Return: the byte of the flags, whose five upper bits are the target's to use
 */
static inline uint8_t take_headers(struct input *in, struct vsockhdr_record *rec)
{
	uint8_t ends = take_byte(in);
	uint8_t kind = take_byte(in);
	uint8_t more = take_byte(in);

	memset(rec, 0, sizeof(*rec));
	rec->has_mon = true;
	rec->has_hdr = true;
	rec->hdr.src_cid = 1 + (ends & 1);
	rec->hdr.dst_cid = 1 + (ends >> 1 & 1);
	rec->hdr.src_port = ends >> 2 & 3;
	rec->hdr.dst_port = ends >> 4 & 3;
	if (ends >= 0xc0)
		rec->hdr.src_cid = UINT64_MAX;
	rec->hdr.op = kind & 15;
	rec->hdr.type = kind >> 4 & 3;
	rec->hdr.flags = more & 7;
	rec->hdr.len = choose_size(take_byte(in));
	rec->hdr.buf_alloc = choose_size(take_byte(in));
	rec->hdr.fwd_cnt = choose_size(take_byte(in));
	vsockhdr_mon_from_hdr(&rec->mon, &rec->hdr);
	return more;
}

#endif
