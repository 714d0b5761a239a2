/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as a vsockmon record, whole and in fragments. Input: three bytes that cut
 * it, one byte and a word that choose wirelen, then the captured bytes.
 */

#include <vsockhdr/vsockhdr.h>

#include "fuzz.h"

#define SAME(name, bits, offset) CHECK(a->name == b->name);

static void check_same_hdr(const struct vsockhdr *a, const struct vsockhdr *b)
{
	VSOCKHDR_FIELDS(SAME)
}

static void check_same_mon(const struct vsockhdr_mon *a, const struct vsockhdr_mon *b)
{
	VSOCKHDR_MON_FIELDS(SAME)
}

static size_t choose_wirelen(struct input *in)
{
	uint8_t how = take_byte(in);
	uint32_t word = take_word(in);

	switch (how & 3) {
	case 0:
		return in->size;
	case 1:
		return in->size + (word & 0xff);
	case 2:
		return word;
	default:
		return SIZE_MAX - word;
	}
}

static void check_same(const struct vsockhdr_record *a, const struct vsockhdr_record *b)
{
	CHECK(a->has_mon == b->has_mon);
	CHECK(a->has_hdr == b->has_hdr);
	CHECK(a->payload_offset == b->payload_offset);
	CHECK(a->payload_caplen == b->payload_caplen);
	CHECK(a->payload_wirelen == b->payload_wirelen);
	if (a->has_mon)
		check_same_mon(&a->mon, &b->mon);
	if (a->has_hdr)
		check_same_hdr(&a->hdr, &b->hdr);
}

/* Headers encoded, what follows copied: the input again, in both ways of encoding */
static void check_encode(const struct vsockhdr_record *rec, const uint8_t *data,
			 size_t size, const uint8_t *cuts)
{
	size_t hdrs_len = vsockhdr_record_hdrs_len(rec);
	uint8_t *bytes = malloc(hdrs_len);
	struct iovec iov[FRAGMENTS];

	CHECK(bytes);
	CHECK(hdrs_len <= size);
	CHECK(vsockhdr_record_encode(bytes, hdrs_len - 1, rec) == VSOCKHDR_ERR_NO_SPACE);
	CHECK(vsockhdr_record_encode(bytes, hdrs_len, rec) == VSOCKHDR_OK);
	CHECK(memcmp(bytes, data, hdrs_len) == 0);

	memset(bytes, 0, hdrs_len);
	cut(iov, bytes, hdrs_len, cuts);
	CHECK(vsockhdr_record_encode_iov(iov, FRAGMENTS, rec) == VSOCKHDR_OK);
	check_bytes(iov, data, hdrs_len);
	release(iov);
	free(bytes);
}

static void check_bounds(const struct vsockhdr_record *rec, int err, size_t caplen,
			 size_t wirelen)
{
	if (err) {
		CHECK(rec->payload_offset == 0);
		CHECK(rec->payload_caplen == 0);
		CHECK(rec->payload_wirelen == 0);
		return;
	}
	CHECK(rec->has_mon);
	CHECK(rec->has_hdr == (rec->mon.transport == VSOCKHDR_TRANSPORT_VIRTIO));
	CHECK(rec->payload_offset >= vsockhdr_record_hdrs_len(rec));
	CHECK(rec->payload_offset + rec->payload_caplen == caplen);
	CHECK(rec->payload_wirelen - rec->payload_caplen == wirelen - caplen);
}

/* A header of its own must be decoded as the same bytes in a record are */
static void check_hdr(const struct vsockhdr_record *rec, const uint8_t *data, size_t size)
{
	struct vsockhdr_mon mon;
	struct vsockhdr hdr;
	uint8_t wire[VSOCKHDR_HDR_LEN];

	if (rec->has_mon) {
		CHECK(vsockhdr_mon_decode(&mon, data, size) == VSOCKHDR_OK);
		check_same_mon(&mon, &rec->mon);
	}
	if (!rec->has_hdr)
		return;
	data += VSOCKHDR_MON_LEN;
	CHECK(vsockhdr_decode(&hdr, data, size - VSOCKHDR_MON_LEN) == VSOCKHDR_OK);
	check_same_hdr(&hdr, &rec->hdr);
	CHECK(vsockhdr_encode(wire, sizeof(wire), &hdr) == VSOCKHDR_OK);
	CHECK(memcmp(wire, data, sizeof(wire)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const uint8_t cuts[] = { take_byte(&in), take_byte(&in), take_byte(&in) };
	size_t wirelen = choose_wirelen(&in);
	struct vsockhdr_record split;
	struct vsockhdr_record rec;
	struct iovec iov[FRAGMENTS];
	/* One byte before, so that it is never empty; it still ends with its block. */
	uint8_t *block = malloc(in.size + 1);
	uint8_t *bytes = block + 1;
	int err;

	CHECK(block);
	if (in.size > 0)
		memcpy(bytes, in.data, in.size);
	err = vsockhdr_record_decode(&rec, bytes, in.size, wirelen);
	CHECK(strcmp(vsockhdr_errname(err), "unknown") != 0);
	check_bounds(&rec, err, in.size, wirelen);
	check_hdr(&rec, bytes, in.size);

	cut(iov, bytes, in.size, cuts);
	CHECK(vsockhdr_record_decode_iov(&split, iov, FRAGMENTS, wirelen) == err);
	check_same(&rec, &split);
	release(iov);

	if (!err)
		check_encode(&rec, bytes, in.size, cuts);
	free(block);
	return 0;
}
