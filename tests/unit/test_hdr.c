/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The codec of virtio_vsock_hdr against bytes written by hand.
 */

#include <string.h>

#include "helper.h"

#define ROUNDS 300000

/* Every byte another value, so that no two fields can be confused */
static const uint8_t counting[44] = {
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
	0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
	0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21,
	0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c,
};

static const struct vsockhdr counting_hdr = {
	.src_cid = UINT64_C(0x0807060504030201),
	.dst_cid = UINT64_C(0x100f0e0d0c0b0a09),
	.src_port = UINT32_C(0x14131211),
	.dst_port = UINT32_C(0x18171615),
	.len = UINT32_C(0x1c1b1a19),
	.type = 0x1e1d,
	.op = 0x201f,
	.flags = UINT32_C(0x24232221),
	.buf_alloc = UINT32_C(0x28272625),
	.fwd_cnt = UINT32_C(0x2c2b2a29),
};

FIELD_CALLS(vsockhdr_, src_cid, 64)
FIELD_CALLS(vsockhdr_, dst_cid, 64)
FIELD_CALLS(vsockhdr_, src_port, 32)
FIELD_CALLS(vsockhdr_, dst_port, 32)
FIELD_CALLS(vsockhdr_, len, 32)
FIELD_CALLS(vsockhdr_, type, 16)
FIELD_CALLS(vsockhdr_, op, 16)
FIELD_CALLS(vsockhdr_, flags, 32)
FIELD_CALLS(vsockhdr_, buf_alloc, 32)
FIELD_CALLS(vsockhdr_, fwd_cnt, 32)

static void test_accessors(void **state)
{
	/* virtio 1.3, 5.10.6 */
	static const struct field fields[] = {
		{ "src_cid", 0, 8, get_src_cid, set_src_cid },
		{ "dst_cid", 8, 8, get_dst_cid, set_dst_cid },
		{ "src_port", 16, 4, get_src_port, set_src_port },
		{ "dst_port", 20, 4, get_dst_port, set_dst_port },
		{ "len", 24, 4, get_len, set_len },
		{ "type", 28, 2, get_type, set_type },
		{ "op", 30, 2, get_op, set_op },
		{ "flags", 32, 4, get_flags, set_flags },
		{ "buf_alloc", 36, 4, get_buf_alloc, set_buf_alloc },
		{ "fwd_cnt", 40, 4, get_fwd_cnt, set_fwd_cnt },
	};

	(void)state;
	check_fields(fields, COUNT(fields), 44);
}

static void test_getters_by_hand(void **state)
{
	(void)state;
	assert_int_equal(vsockhdr_get_src_cid(example_packet), 3);
	assert_int_equal(vsockhdr_get_dst_cid(example_packet), 2);
	assert_int_equal(vsockhdr_get_src_port(example_packet), 1024);
	assert_int_equal(vsockhdr_get_dst_port(example_packet), 1234);
	assert_int_equal(vsockhdr_get_len(example_packet), 6);
	assert_int_equal(vsockhdr_get_type(example_packet), 2);
	assert_int_equal(vsockhdr_get_op(example_packet), 5);
	assert_int_equal(vsockhdr_get_flags(example_packet), 1);
	assert_int_equal(vsockhdr_get_buf_alloc(example_packet), 262144);
	assert_int_equal(vsockhdr_get_fwd_cnt(example_packet), 7);
}

static void test_codec_by_hand(void **state)
{
	uint8_t *wire = guarded(0, 44);
	struct vsockhdr hdr;

	(void)state;
	assert_int_equal(VSOCKHDR_HDR_LEN, 44);

	memcpy(wire, example_packet, 44);
	assert_int_equal(vsockhdr_decode(&hdr, wire, 44), VSOCKHDR_OK);
	assert_hdr_equal(&hdr, &example_hdr);

	memcpy(wire, counting, 44);
	assert_int_equal(vsockhdr_decode(&hdr, wire, 44), VSOCKHDR_OK);
	assert_hdr_equal(&hdr, &counting_hdr);

	memset(wire, 0, 44);
	assert_int_equal(vsockhdr_encode(wire, 44, &counting_hdr), VSOCKHDR_OK);
	assert_memory_equal(wire, counting, 44);
	assert_int_equal(vsockhdr_encode(wire, 44, &example_hdr), VSOCKHDR_OK);
	assert_memory_equal(wire, example_packet, 44);
}

static void test_codec_at_every_alignment(void **state)
{
	uint8_t expected[64];
	uint8_t *memory = guarded(0, sizeof(expected));
	struct vsockhdr hdr;

	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		memset(memory, 0xa5, sizeof(expected));
		memset(expected, 0xa5, sizeof(expected));
		memcpy(expected + shift, counting, 44);
		assert_int_equal(vsockhdr_encode(memory + shift, 44, &counting_hdr),
				 VSOCKHDR_OK);
		assert_memory_equal(memory, expected, sizeof(expected));
		memset(&hdr, 0, sizeof(hdr));
		assert_int_equal(vsockhdr_decode(&hdr, memory + shift, 44), VSOCKHDR_OK);
		assert_hdr_equal(&hdr, &counting_hdr);
	}
}

static void test_every_size(void **state)
{
	uint8_t untouched[64];

	(void)state;
	memset(untouched, 0xa5, sizeof(untouched));
	for (size_t size = 0; size <= sizeof(untouched); size++) {
		uint8_t *wire = guarded(0, size);
		struct vsockhdr hdr = counting_hdr;

		memset(wire, 0xa5, size);
		if (size < 44) {
			assert_int_equal(vsockhdr_decode(&hdr, wire, size),
					 VSOCKHDR_ERR_HDR_TRUNCATED);
			assert_hdr_equal(&hdr, &counting_hdr);
			assert_int_equal(vsockhdr_encode(wire, size, &hdr),
					 VSOCKHDR_ERR_NO_SPACE);
			assert_memory_equal(wire, untouched, size);
		} else {
			assert_int_equal(vsockhdr_encode(wire, size, &hdr), VSOCKHDR_OK);
			assert_memory_equal(wire, counting, 44);
			assert_memory_equal(wire + 44, untouched, size - 44);
			memset(&hdr, 0, sizeof(hdr));
			assert_int_equal(vsockhdr_decode(&hdr, wire, size), VSOCKHDR_OK);
			assert_hdr_equal(&hdr, &counting_hdr);
		}
	}
}

/* Every field at the edges of its width, the others random */
static void test_boundary_values(void **state)
{
	static const uint64_t edges[] = {
		0,
		1,
		0x7f,
		0x80,
		0xff,
		0x100,
		0x7fff,
		0x8000,
		0xffff,
		0x10000,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		UINT64_C(0x100000000),
		UINT64_C(0x7fffffffffffffff),
		UINT64_C(0x8000000000000000),
		UINT64_MAX,
	};
	uint8_t *wire = guarded(0, 44);
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		for (size_t field = 0; field < 10; field++) {
			struct vsockhdr hdr;
			struct vsockhdr again;
			size_t number = 0;

			random_hdr(&seed, &hdr);
#define SET_ONE(name, bits, offset) \
	if (number++ == field)      \
		hdr.name = (uint##bits##_t)edges[i];
			VSOCKHDR_FIELDS(SET_ONE)
#undef SET_ONE
			assert_int_equal(number, 10);
			assert_int_equal(vsockhdr_encode(wire, 44, &hdr), VSOCKHDR_OK);
			assert_int_equal(vsockhdr_decode(&again, wire, 44), VSOCKHDR_OK);
			assert_hdr_equal(&again, &hdr);
		}
	}
}

static void test_random_values(void **state)
{
	uint8_t *wire = guarded(0, 44);
	uint64_t seed = 2;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct vsockhdr hdr;
		struct vsockhdr again;

		random_hdr(&seed, &hdr);
		assert_int_equal(vsockhdr_encode(wire, 44, &hdr), VSOCKHDR_OK);
		assert_int_equal(vsockhdr_decode(&again, wire, 44), VSOCKHDR_OK);
		assert_hdr_equal(&again, &hdr);
	}
}

static void test_random_bytes(void **state)
{
	uint8_t *wire = guarded(0, 44);
	uint8_t *again = guarded(1, 44);
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < ROUNDS / 10; i++) {
		struct vsockhdr hdr;

		fill_random(&seed, wire, 44);
		assert_int_equal(vsockhdr_decode(&hdr, wire, 44), VSOCKHDR_OK);
		assert_int_equal(vsockhdr_encode(again, 44, &hdr), VSOCKHDR_OK);
		assert_memory_equal(again, wire, 44);
	}
}

static void decode_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	struct vsockhdr hdr = { 0 };

	(void)context;
	assert_int_equal(vsockhdr_decode_iov(&hdr, iov, iovcnt), VSOCKHDR_OK);
	assert_hdr_equal(&hdr, &counting_hdr);
}

static void encode_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	uint8_t bytes[48];

	(void)context;
	assert_int_equal(vsockhdr_encode_iov(iov, iovcnt, &counting_hdr), VSOCKHDR_OK);
	assert_int_equal(join(bytes, iov, iovcnt), 48);
	assert_memory_equal(bytes, counting, 44);
	assert_memory_equal(bytes + 44, "\xa5\xa5\xa5\xa5", 4);
}

/* 4 bytes more than a header, so that cuts behind it are made, too */
static void test_every_split(void **state)
{
	uint8_t bytes[48];

	(void)state;
	memset(bytes, 0xa5, sizeof(bytes));
	each_split(bytes, sizeof(bytes), encode_split, NULL);
	memcpy(bytes, counting, sizeof(counting));
	each_split(bytes, sizeof(bytes), decode_split, NULL);
	each_split(counting, sizeof(counting), decode_split, NULL);
}

static void too_short_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	const uint8_t *bytes = context;
	struct vsockhdr hdr = example_hdr;
	uint8_t after[44];

	assert_int_equal(vsockhdr_decode_iov(&hdr, iov, iovcnt),
			 VSOCKHDR_ERR_HDR_TRUNCATED);
	assert_hdr_equal(&hdr, &example_hdr);
	assert_int_equal(vsockhdr_encode_iov(iov, iovcnt, &hdr), VSOCKHDR_ERR_NO_SPACE);
	assert_memory_equal(after, bytes, join(after, iov, iovcnt));
}

static void test_too_short_splits(void **state)
{
	uint8_t bytes[43];

	(void)state;
	memcpy(bytes, counting, sizeof(bytes));
	for (size_t size = 0; size <= sizeof(bytes); size++)
		each_split(bytes, size, too_short_split, bytes);
}

static void test_no_fragments(void **state)
{
	struct vsockhdr hdr = example_hdr;

	(void)state;
	assert_int_equal(vsockhdr_decode_iov(&hdr, NULL, 0), VSOCKHDR_ERR_HDR_TRUNCATED);
	assert_hdr_equal(&hdr, &example_hdr);
	assert_int_equal(vsockhdr_encode_iov(NULL, 0, &hdr), VSOCKHDR_ERR_NO_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accessors),
		cmocka_unit_test(test_getters_by_hand),
		cmocka_unit_test(test_codec_by_hand),
		cmocka_unit_test(test_codec_at_every_alignment),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_boundary_values),
		cmocka_unit_test(test_random_values),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_too_short_splits),
		cmocka_unit_test(test_no_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
