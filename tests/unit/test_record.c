/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The codec of vsockmon records against bytes written by hand, at every length.
 */

#include <string.h>

#include "helper.h"

#define ROUNDS 200000

static void fill(uint8_t *wire, size_t size)
{
	memcpy(wire, example_record, size);
}

FIELD_CALLS(vsockhdr_mon_, src_cid, 64)
FIELD_CALLS(vsockhdr_mon_, dst_cid, 64)
FIELD_CALLS(vsockhdr_mon_, src_port, 32)
FIELD_CALLS(vsockhdr_mon_, dst_port, 32)
FIELD_CALLS(vsockhdr_mon_, op, 16)
FIELD_CALLS(vsockhdr_mon_, transport, 16)
FIELD_CALLS(vsockhdr_mon_, len, 16)
FIELD_CALLS(vsockhdr_mon_, reserved, 16)

static void test_mon_accessors(void **state)
{
	/* struct af_vsockmon_hdr of linux/vsockmon.h */
	static const struct field fields[] = {
		{ "src_cid", 0, 8, get_src_cid, set_src_cid },
		{ "dst_cid", 8, 8, get_dst_cid, set_dst_cid },
		{ "src_port", 16, 4, get_src_port, set_src_port },
		{ "dst_port", 20, 4, get_dst_port, set_dst_port },
		{ "op", 24, 2, get_op, set_op },
		{ "transport", 26, 2, get_transport, set_transport },
		{ "len", 28, 2, get_len, set_len },
		{ "reserved", 30, 2, get_reserved, set_reserved },
	};

	(void)state;
	check_fields(fields, COUNT(fields), 32);
	assert_int_equal(vsockhdr_mon_get_dst_port(example_record), 1234);
	assert_int_equal(vsockhdr_mon_get_op(example_record), 4);
	assert_int_equal(vsockhdr_mon_get_transport(example_record), 2);
	assert_int_equal(vsockhdr_mon_get_len(example_record), 44);
}

static void test_mon_every_size(void **state)
{
	uint8_t untouched[40];

	(void)state;
	assert_int_equal(VSOCKHDR_MON_LEN, 32);
	memset(untouched, 0xa5, sizeof(untouched));
	for (size_t size = 0; size <= sizeof(untouched); size++) {
		uint8_t *wire = guarded(0, size);
		struct vsockhdr_mon mon = example_mon;

		memset(wire, 0xa5, size);
		if (size < 32) {
			assert_int_equal(vsockhdr_mon_decode(&mon, wire, size),
					 VSOCKHDR_ERR_MON_TRUNCATED);
			assert_mon_equal(&mon, &example_mon);
			assert_int_equal(vsockhdr_mon_encode(wire, size, &mon),
					 VSOCKHDR_ERR_NO_SPACE);
			assert_memory_equal(wire, untouched, size);
		} else {
			assert_int_equal(vsockhdr_mon_encode(wire, size, &mon),
					 VSOCKHDR_OK);
			assert_memory_equal(wire, example_record, 32);
			assert_memory_equal(wire + 32, untouched, size - 32);
			memset(&mon, 0, sizeof(mon));
			assert_int_equal(vsockhdr_mon_decode(&mon, wire, size),
					 VSOCKHDR_OK);
			assert_mon_equal(&mon, &example_mon);
		}
	}
}

static void test_mon_random_values(void **state)
{
	uint8_t *wire = guarded(0, 32);
	uint8_t *again = guarded(1, 32);
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct vsockhdr_mon mon;
		struct vsockhdr_mon decoded;

		random_mon(&seed, &mon);
		assert_int_equal(vsockhdr_mon_encode(wire, 32, &mon), VSOCKHDR_OK);
		assert_int_equal(vsockhdr_mon_decode(&decoded, wire, 32), VSOCKHDR_OK);
		assert_mon_equal(&decoded, &mon);
		assert_int_equal(vsockhdr_mon_encode(again, 32, &decoded), VSOCKHDR_OK);
		assert_memory_equal(again, wire, 32);
	}
}

static void test_mon_from_hdr(void **state)
{
	/* virtio_transport_build_skb() of virtio_transport_common.c, ops 0 to 8 */
	static const uint16_t mon_ops[] = { 0, 1, 1, 2, 2, 4, 3, 3, 0 };
	struct vsockhdr_mon mon;

	(void)state;
	memset(&mon, 0xa5, sizeof(mon));
	vsockhdr_mon_from_hdr(&mon, &example_hdr);
	assert_mon_equal(&mon, &example_mon);
	for (size_t op = 0; op < COUNT(mon_ops); op++) {
		struct vsockhdr hdr = example_hdr;
		struct vsockhdr_mon expected = example_mon;

		hdr.op = (uint16_t)op;
		expected.op = mon_ops[op];
		vsockhdr_mon_from_hdr(&mon, &hdr);
		assert_mon_equal(&mon, &expected);
	}
}

static void test_record_by_hand(void **state)
{
	uint8_t *wire = guarded(0, EXAMPLE_RECORD_LEN);
	struct vsockhdr_record rec;

	(void)state;
	assert_int_equal(VSOCKHDR_RECORD_HDRS_LEN, 76);
	fill(wire, EXAMPLE_RECORD_LEN);
	assert_int_equal(vsockhdr_record_decode(&rec, wire, 82, 82), VSOCKHDR_OK);
	assert_true(rec.has_mon);
	assert_true(rec.has_hdr);
	assert_mon_equal(&rec.mon, &example_mon);
	assert_hdr_equal(&rec.hdr, &example_hdr);
	assert_int_equal(rec.payload_offset, 76);
	assert_int_equal(rec.payload_caplen, 6);
	assert_int_equal(rec.payload_wirelen, 6);

	assert_int_equal(vsockhdr_record_hdrs_len(&rec), 76);
	memset(wire, 0xa5, 82);
	assert_int_equal(vsockhdr_record_encode(wire, 82, &rec), VSOCKHDR_OK);
	assert_memory_equal(wire, example_record, 76);
	assert_memory_equal(wire + 76, "\xa5\xa5\xa5\xa5\xa5\xa5", 6);
}

/* What a record of these lengths must be decoded to */
struct expectation {
	uint16_t transport;
	uint16_t len;
	size_t caplen;
	size_t wirelen;
	int err;
	bool has_mon;
	bool has_hdr;
};

static void check_record(const struct vsockhdr_record *rec,
			 const struct expectation *expected)
{
	bool decoded = expected->err == VSOCKHDR_OK;
	size_t offset = decoded ? 32 + (size_t)expected->len : 0;

	assert_int_equal(rec->has_mon, expected->has_mon);
	assert_int_equal(rec->has_hdr, expected->has_hdr);
	assert_int_equal(rec->payload_offset, offset);
	assert_int_equal(rec->payload_caplen, decoded ? expected->caplen - offset : 0);
	assert_int_equal(rec->payload_wirelen, decoded ? expected->wirelen - offset : 0);
	if (expected->has_mon) {
		struct vsockhdr_mon mon = example_mon;

		mon.transport = expected->transport;
		mon.len = expected->len;
		assert_mon_equal(&rec->mon, &mon);
	}
	if (expected->has_hdr)
		assert_hdr_equal(&rec->hdr, &example_hdr);
}

/* Decodes a record of these lengths from one buffer and from two fragments */
static void check_decode(const struct expectation *expected)
{
	uint8_t bytes[256] = { 0 };
	uint8_t *wire = guarded(0, expected->caplen);
	struct vsockhdr_record rec;
	struct iovec iov[2];

	assert_true(expected->caplen <= sizeof(bytes));
	fill(bytes, EXAMPLE_RECORD_LEN);
	vsockhdr_mon_set_transport(bytes, expected->transport);
	vsockhdr_mon_set_len(bytes, expected->len);

	memcpy(wire, bytes, expected->caplen);
	memset(&rec, 0xff, sizeof(rec));
	assert_int_equal(
		vsockhdr_record_decode(&rec, wire, expected->caplen, expected->wirelen),
		expected->err);
	check_record(&rec, expected);

	for (size_t i = 0; i < 2; i++) {
		size_t first = expected->caplen / 2;

		iov[i].iov_len = i == 0 ? first : expected->caplen - first;
		iov[i].iov_base = guarded(1 + i, iov[i].iov_len);
		memcpy(iov[i].iov_base, bytes + i * first, iov[i].iov_len);
	}
	memset(&rec, 0xff, sizeof(rec));
	assert_int_equal(vsockhdr_record_decode_iov(&rec, iov, 2, expected->wirelen),
			 expected->err);
	check_record(&rec, expected);
}

static void test_lengths_by_hand(void **state)
{
	static const struct expectation rows[] = {
		/* transport, len, caplen, wirelen */
		{ 2, 44, 0, 0, VSOCKHDR_ERR_MON_TRUNCATED, false, false },
		{ 2, 44, 1, 0, VSOCKHDR_ERR_CAPLEN, false, false },
		{ 2, 44, 31, 31, VSOCKHDR_ERR_MON_TRUNCATED, false, false },
		{ 2, 44, 0, 31, VSOCKHDR_ERR_MON_TRUNCATED, false, false },
		{ 2, 44, 0, 32, VSOCKHDR_ERR_MON_SNAPPED, false, false },
		{ 2, 44, 31, SIZE_MAX, VSOCKHDR_ERR_MON_SNAPPED, false, false },
		{ 2, 44, 32, 32, VSOCKHDR_ERR_HDR_TRUNCATED, true, false },
		{ 2, 44, 32, 75, VSOCKHDR_ERR_HDR_TRUNCATED, true, false },
		{ 2, 44, 75, 75, VSOCKHDR_ERR_HDR_TRUNCATED, true, false },
		{ 2, 44, 32, 76, VSOCKHDR_ERR_HDR_SNAPPED, true, false },
		{ 2, 44, 75, 76, VSOCKHDR_ERR_HDR_SNAPPED, true, false },
		{ 2, 44, 76, 76, VSOCKHDR_OK, true, true },
		{ 2, 44, 76, 75, VSOCKHDR_ERR_CAPLEN, false, false },
		{ 2, 44, 76, SIZE_MAX, VSOCKHDR_OK, true, true },
		{ 2, 44, 82, 82, VSOCKHDR_OK, true, true },
		{ 2, 44, 82, 81, VSOCKHDR_ERR_CAPLEN, false, false },
		/* A transport header that is too short to be virtio's */
		{ 2, 0, 82, 82, VSOCKHDR_ERR_TRANSPORT_LEN, true, false },
		{ 2, 43, 82, 82, VSOCKHDR_ERR_TRANSPORT_LEN, true, false },
		{ 2, 43, 32, 32, VSOCKHDR_ERR_TRANSPORT_LEN, true, false },
		{ 2, 43, 31, 82, VSOCKHDR_ERR_MON_SNAPPED, false, false },
		/* One that is longer: its first 44 bytes are known all the same */
		{ 2, 45, 76, 76, VSOCKHDR_ERR_HDR_TRUNCATED, true, true },
		{ 2, 45, 76, 77, VSOCKHDR_ERR_HDR_SNAPPED, true, true },
		{ 2, 45, 77, 77, VSOCKHDR_OK, true, true },
		{ 2, 45, 75, 77, VSOCKHDR_ERR_HDR_SNAPPED, true, false },
		{ 2, 65535, 200, 200, VSOCKHDR_ERR_HDR_TRUNCATED, true, true },
		{ 2, 65535, 200, 65566, VSOCKHDR_ERR_HDR_TRUNCATED, true, true },
		{ 2, 65535, 200, 65567, VSOCKHDR_ERR_HDR_SNAPPED, true, true },
		/* Other transports: their header is skipped */
		{ 0, 0, 31, 31, VSOCKHDR_ERR_MON_TRUNCATED, false, false },
		{ 0, 0, 32, 32, VSOCKHDR_OK, true, false },
		{ 0, 0, 82, 90, VSOCKHDR_OK, true, false },
		{ 1, 10, 41, 41, VSOCKHDR_ERR_HDR_TRUNCATED, true, false },
		{ 1, 10, 41, 42, VSOCKHDR_ERR_HDR_SNAPPED, true, false },
		{ 1, 10, 42, 42, VSOCKHDR_OK, true, false },
		{ 1, 44, 82, 82, VSOCKHDR_OK, true, false },
		{ 3, 44, 82, 82, VSOCKHDR_OK, true, false },
		{ 65535, 65535, 82, 65567, VSOCKHDR_ERR_HDR_SNAPPED, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_decode(&rows[i]);
}

/* The error of each pair of lengths, told in the order of the headers */
static int expected_error(const struct expectation *e)
{
	if (e->caplen > e->wirelen)
		return VSOCKHDR_ERR_CAPLEN;
	if (e->caplen < 32)
		return e->wirelen < 32 ? VSOCKHDR_ERR_MON_TRUNCATED
				       : VSOCKHDR_ERR_MON_SNAPPED;
	if (e->transport == 2 && e->len < 44)
		return VSOCKHDR_ERR_TRANSPORT_LEN;
	if (e->caplen < 32 + (size_t)e->len)
		return e->wirelen < 32 + (size_t)e->len ? VSOCKHDR_ERR_HDR_TRUNCATED
							: VSOCKHDR_ERR_HDR_SNAPPED;
	return VSOCKHDR_OK;
}

static void test_every_length(void **state)
{
	static const uint16_t transports[] = { 0, 1, 2, 3, 0x200 };
	static const uint16_t lens[] = { 0, 1, 43, 44, 45, 60 };
	struct expectation e;

	(void)state;
	for (size_t t = 0; t < COUNT(transports); t++) {
		for (size_t l = 0; l < COUNT(lens); l++) {
			for (e.caplen = 0; e.caplen <= 96; e.caplen++) {
				for (e.wirelen = 0; e.wirelen <= 100; e.wirelen++) {
					e.transport = transports[t];
					e.len = lens[l];
					e.err = expected_error(&e);
					e.has_mon = e.caplen >= 32 &&
						    e.err != VSOCKHDR_ERR_CAPLEN;
					e.has_hdr = e.has_mon && e.transport == 2 &&
						    e.len >= 44 && e.caplen >= 76;
					check_decode(&e);
				}
			}
		}
	}
}

static void decode_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	const size_t *wirelen = context;
	struct vsockhdr_record rec;

	memset(&rec, 0xff, sizeof(rec));
	assert_int_equal(vsockhdr_record_decode_iov(&rec, iov, iovcnt, *wirelen),
			 VSOCKHDR_OK);
	assert_true(rec.has_mon);
	assert_true(rec.has_hdr);
	assert_mon_equal(&rec.mon, &example_mon);
	assert_hdr_equal(&rec.hdr, &example_hdr);
	assert_int_equal(rec.payload_offset, 76);
	assert_int_equal(rec.payload_caplen, 6);
	assert_int_equal(rec.payload_wirelen, *wirelen - 76);
}

static void encode_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	const struct vsockhdr_record *rec = context;
	uint8_t bytes[EXAMPLE_RECORD_LEN];
	size_t size = rec->mon.transport == 2 ? 76 : 32;

	assert_int_equal(vsockhdr_record_encode_iov(iov, iovcnt, rec), VSOCKHDR_OK);
	assert_int_equal(join(bytes, iov, iovcnt), sizeof(bytes));
	assert_int_equal(vsockhdr_mon_get_transport(bytes), rec->mon.transport);
	vsockhdr_mon_set_transport(bytes, 2);
	assert_memory_equal(bytes, example_record, size);
	for (size_t i = size; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0xa5);
}

static void test_every_split(void **state)
{
	struct vsockhdr_record rec = { .mon = example_mon, .hdr = example_hdr };
	uint8_t blank[EXAMPLE_RECORD_LEN];
	size_t wirelen;

	(void)state;
	wirelen = EXAMPLE_RECORD_LEN;
	each_split(example_record, sizeof(example_record), decode_split, &wirelen);
	wirelen = 1000;
	each_split(example_record, sizeof(example_record), decode_split, &wirelen);

	memset(blank, 0xa5, sizeof(blank));
	each_split(blank, sizeof(blank), encode_split, &rec);
	rec.mon.transport = 1;
	each_split(blank, sizeof(blank), encode_split, &rec);
}

static void no_space_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	const struct vsockhdr_record *rec = context;
	uint8_t bytes[EXAMPLE_RECORD_LEN];
	size_t size;

	assert_int_equal(vsockhdr_record_encode_iov(iov, iovcnt, rec),
			 VSOCKHDR_ERR_NO_SPACE);
	size = join(bytes, iov, iovcnt);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[i], 0xa5);
}

static void test_encode_errors(void **state)
{
	static const uint16_t transports[] = { 0, 1, 2, 3 };
	uint8_t blank[96];

	(void)state;
	memset(blank, 0xa5, sizeof(blank));
	for (size_t t = 0; t < COUNT(transports); t++) {
		struct vsockhdr_record rec = { .mon = example_mon, .hdr = example_hdr };
		size_t needed = transports[t] == 2 ? 76 : 32;

		rec.mon.transport = transports[t];
		assert_int_equal(vsockhdr_record_hdrs_len(&rec), needed);
		for (size_t size = 0; size < needed; size++) {
			uint8_t *wire = guarded(0, size);

			memcpy(wire, blank, size);
			assert_int_equal(vsockhdr_record_encode(wire, size, &rec),
					 VSOCKHDR_ERR_NO_SPACE);
			assert_memory_equal(wire, blank, size);
		}
		each_split(blank, needed - 1, no_space_split, &rec);
	}
	for (uint16_t len = 0; len < 44; len++) {
		struct vsockhdr_record rec = { .mon = example_mon, .hdr = example_hdr };
		uint8_t *wire = guarded(0, sizeof(blank));
		struct iovec iov = { wire, sizeof(blank) };

		rec.mon.len = len;
		memcpy(wire, blank, sizeof(blank));
		assert_int_equal(vsockhdr_record_encode(wire, sizeof(blank), &rec),
				 VSOCKHDR_ERR_TRANSPORT_LEN);
		assert_int_equal(vsockhdr_record_encode_iov(&iov, 1, &rec),
				 VSOCKHDR_ERR_TRANSPORT_LEN);
		assert_int_equal(vsockhdr_record_encode(wire, 0, &rec),
				 VSOCKHDR_ERR_TRANSPORT_LEN);
		assert_memory_equal(wire, blank, sizeof(blank));
	}
}

/* Random records of every transport, made the way a writer makes them: headers by the
 * library, what follows copied. The same bytes must come out. */
static void test_random_records(void **state)
{
	uint8_t bytes[200];
	uint8_t again[200];
	uint64_t seed = 2;
	int decoded = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t size = (size_t)(next_random(&seed) % (sizeof(bytes) + 1));
		struct vsockhdr_record rec;
		size_t hdrs_len;

		fill_random(&seed, bytes, size);
		if (size >= 32) {
			vsockhdr_mon_set_transport(bytes, next_random(&seed) & 3);
			vsockhdr_mon_set_len(bytes, next_random(&seed) & 127);
		}
		if (vsockhdr_record_decode(&rec, bytes, size, size) != VSOCKHDR_OK)
			continue;
		decoded++;
		hdrs_len = vsockhdr_record_hdrs_len(&rec);
		assert_int_equal(rec.payload_offset, 32 + (size_t)rec.mon.len);
		assert_true(hdrs_len <= size);
		assert_int_equal(vsockhdr_record_encode(again, sizeof(again), &rec),
				 VSOCKHDR_OK);
		memcpy(again + hdrs_len, bytes + hdrs_len, size - hdrs_len);
		assert_memory_equal(again, bytes, size);
	}
	/* The seed is fixed, so this is a fact, not a chance. */
	assert_true(decoded > ROUNDS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mon_accessors),
		cmocka_unit_test(test_mon_every_size),
		cmocka_unit_test(test_mon_random_values),
		cmocka_unit_test(test_mon_from_hdr),
		cmocka_unit_test(test_record_by_hand),
		cmocka_unit_test(test_lengths_by_hand),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_encode_errors),
		cmocka_unit_test(test_random_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
