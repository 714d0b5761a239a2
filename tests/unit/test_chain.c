/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Packets in descriptor chains, cut at every place and every two places.
 */

#include <string.h>

#include "helper.h"

#define PACKET_LEN (VSOCKHDR_HDR_LEN + EXAMPLE_PAYLOAD_LEN)
/* A chain with 3 bytes behind its packet */
#define CHAIN_LEN (PACKET_LEN + 3)

static const struct iovec marker_iov;

/* A packet that no parse function makes, to see that it is left alone */
static const struct vsockhdr_packet marker = {
	.hdr = { .src_cid = 77, .len = 78, .fwd_cnt = 79 },
	.iov = &marker_iov,
	.iovcnt = 80,
	.room = 81,
	.writable = true,
};

static void assert_marker(const struct vsockhdr_packet *pkt)
{
	assert_hdr_equal(&pkt->hdr, &marker.hdr);
	assert_ptr_equal(pkt->iov, marker.iov);
	assert_int_equal(pkt->iovcnt, marker.iovcnt);
	assert_int_equal(pkt->room, marker.room);
	assert_true(pkt->writable);
}

static void check_tx(int err, const struct iovec *iov, size_t iovcnt, uint32_t max)
{
	const struct vsockhdr_chain chain = { .iov = iov, .out = iovcnt };
	struct vsockhdr_packet pkt = marker;

	assert_int_equal(vsockhdr_tx_parse(&pkt, &chain, max), err);
	if (err)
		assert_marker(&pkt);
}

static void check_rx(int err, const struct iovec *iov, size_t iovcnt, uint32_t max)
{
	const struct vsockhdr_chain chain = { .iov = iov, .in = iovcnt };
	struct vsockhdr_packet pkt = marker;

	assert_int_equal(vsockhdr_rx_parse(&pkt, &chain, max), err);
	if (err)
		assert_marker(&pkt);
}

/* How many of count payload bytes from offset on there are of room */
static size_t there(size_t room, size_t offset, size_t count)
{
	size_t rest = offset < room ? room - offset : 0;

	return count < rest ? count : rest;
}

/* Reads and slices the payload at every offset and length */
static void check_payload(const struct vsockhdr_packet *pkt, const uint8_t *payload)
{
	for (size_t offset = 0; offset <= pkt->room + 1; offset++) {
		for (size_t count = 0; count <= pkt->room + 1; count++) {
			struct iovec iov[MAX_FRAGMENTS(CHAIN_LEN)];
			size_t n = there(pkt->room, offset, count);
			uint8_t *to = guarded(GUARDED_SLOTS - 1, count);
			size_t iovcnt = COUNT(iov);
			uint8_t joined[CHAIN_LEN];

			memset(to, 0xa5, count);
			assert_int_equal(vsockhdr_packet_read(pkt, offset, to, count), n);
			if (n > 0)
				assert_memory_equal(to, payload + offset, n);
			for (size_t i = n; i < count; i++)
				assert_int_equal(to[i], 0xa5);

			assert_int_equal(
				vsockhdr_packet_payload(pkt, offset, count, iov, &iovcnt),
				n);
			assert_int_equal(join(joined, iov, iovcnt), n);
			if (n > 0)
				assert_memory_equal(joined, payload + offset, n);
		}
	}
}

static void tx_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	const struct vsockhdr_chain chain = { .iov = iov, .out = iovcnt };
	struct vsockhdr_packet pkt;

	(void)context;
	memset(&pkt, 0xff, sizeof(pkt));
	assert_int_equal(vsockhdr_tx_parse(&pkt, &chain, VSOCKHDR_MAX_PAYLOAD),
			 VSOCKHDR_OK);
	assert_hdr_equal(&pkt.hdr, &example_hdr);
	assert_ptr_equal(pkt.iov, iov);
	assert_int_equal(pkt.iovcnt, iovcnt);
	assert_int_equal(pkt.room, 6);
	assert_false(pkt.writable);
	check_payload(&pkt, (const uint8_t *)"hello\n");
}

static void test_tx_every_split(void **state)
{
	uint8_t bytes[CHAIN_LEN] = { 0 };

	(void)state;
	memcpy(bytes, example_packet, PACKET_LEN);
	each_split(bytes, PACKET_LEN, tx_split, NULL);
	each_split(bytes, CHAIN_LEN, tx_split, NULL);
}

static void rx_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	const struct vsockhdr_chain chain = { .iov = iov, .in = iovcnt };
	static const struct vsockhdr zero;
	struct vsockhdr_packet pkt;
	uint8_t after[CHAIN_LEN];
	size_t used = 0;

	(void)context;
	memset(&pkt, 0xff, sizeof(pkt));
	assert_int_equal(vsockhdr_rx_parse(&pkt, &chain, VSOCKHDR_MAX_PAYLOAD),
			 VSOCKHDR_OK);
	assert_hdr_equal(&pkt.hdr, &zero);
	assert_ptr_equal(pkt.iov, iov);
	assert_int_equal(pkt.iovcnt, iovcnt);
	assert_int_equal(pkt.room, CHAIN_LEN - 44);
	assert_true(pkt.writable);

	assert_int_equal(vsockhdr_packet_write(&pkt, 0, "hello\n", 6), 6);
	pkt.hdr = example_hdr;
	assert_int_equal(vsockhdr_rx_commit(&pkt, &used), VSOCKHDR_OK);
	assert_int_equal(used, PACKET_LEN);
	assert_int_equal(join(after, iov, iovcnt), CHAIN_LEN);
	assert_memory_equal(after, example_packet, PACKET_LEN);
	assert_memory_equal(after + PACKET_LEN, "\xa5\xa5\xa5", 3);
	check_payload(&pkt, after + 44);
}

static void test_rx_every_split(void **state)
{
	uint8_t bytes[CHAIN_LEN];

	(void)state;
	memset(bytes, 0xa5, sizeof(bytes));
	each_split(bytes, sizeof(bytes), rx_split, NULL);
}

static void write_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	const struct vsockhdr_chain chain = { .iov = iov, .in = iovcnt };
	struct vsockhdr_packet pkt;

	(void)context;
	/* Three bytes of the chain are beyond the maximum. */
	assert_int_equal(vsockhdr_rx_parse(&pkt, &chain, 6), VSOCKHDR_OK);
	assert_int_equal(pkt.room, 6);
	for (size_t offset = 0; offset <= 7; offset++) {
		for (size_t count = 0; count <= 7; count++) {
			size_t n = there(6, offset, count);
			uint8_t *from = guarded(GUARDED_SLOTS - 1, count);
			uint8_t expected[CHAIN_LEN];
			uint8_t after[CHAIN_LEN];

			for (size_t i = 0; i < iovcnt; i++)
				if (iov[i].iov_len > 0)
					memset(iov[i].iov_base, 0xa5, iov[i].iov_len);
			memset(expected, 0xa5, sizeof(expected));
			for (size_t i = 0; i < count; i++)
				from[i] = (uint8_t)(0x40 + i);
			if (n > 0)
				memcpy(expected + 44 + offset, from, n);

			assert_int_equal(vsockhdr_packet_write(&pkt, offset, from, count),
					 n);
			assert_int_equal(join(after, iov, iovcnt), CHAIN_LEN);
			assert_memory_equal(after, expected, CHAIN_LEN);
		}
	}
}

static void test_write_every_split(void **state)
{
	uint8_t bytes[CHAIN_LEN] = { 0 };

	(void)state;
	each_split(bytes, sizeof(bytes), write_split, NULL);
}

static void short_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	(void)context;
	check_tx(VSOCKHDR_ERR_CHAIN_TRUNCATED, iov, iovcnt, UINT32_MAX);
	check_rx(VSOCKHDR_ERR_CHAIN_TRUNCATED, iov, iovcnt, UINT32_MAX);
}

static void payload_short_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	(void)context;
	check_tx(VSOCKHDR_ERR_PAYLOAD_TRUNCATED, iov, iovcnt, 6);
}

static void test_truncated(void **state)
{
	(void)state;
	check_tx(VSOCKHDR_ERR_CHAIN_TRUNCATED, NULL, 0, UINT32_MAX);
	check_rx(VSOCKHDR_ERR_CHAIN_TRUNCATED, NULL, 0, UINT32_MAX);
	for (size_t size = 0; size < 44; size++)
		each_split(example_packet, size, short_split, NULL);
	for (size_t size = 44; size < PACKET_LEN; size++)
		each_split(example_packet, size, payload_short_split, NULL);
}

static void test_direction(void **state)
{
	const struct iovec iov[2] = { { guarded(0, 44), 44 }, { guarded(1, 8), 8 } };
	const struct vsockhdr_chain both = { .iov = iov, .out = 1, .in = 1 };
	const struct vsockhdr_chain in = { .iov = iov, .in = 2 };
	const struct vsockhdr_chain out = { .iov = iov, .out = 2 };
	struct vsockhdr_packet pkt = marker;

	(void)state;
	assert_int_equal(vsockhdr_tx_parse(&pkt, &both, 8), VSOCKHDR_ERR_CHAIN_WRITABLE);
	assert_int_equal(vsockhdr_tx_parse(&pkt, &in, 8), VSOCKHDR_ERR_CHAIN_WRITABLE);
	assert_int_equal(vsockhdr_rx_parse(&pkt, &both, 8), VSOCKHDR_ERR_CHAIN_READABLE);
	assert_int_equal(vsockhdr_rx_parse(&pkt, &out, 8), VSOCKHDR_ERR_CHAIN_READABLE);
	assert_marker(&pkt);
}

static void test_tx_maximum(void **state)
{
	uint8_t *wire = guarded(0, PACKET_LEN);
	const struct iovec whole = { wire, PACKET_LEN };
	/* Memory that is only claimed: parsing must not look at payload. */
	const struct iovec huge[] = { { wire, 44 },
				      { wire, UINT32_MAX },
				      { wire, SIZE_MAX - 100 } };
	const struct vsockhdr_chain chain = { .iov = huge, .out = 2 };
	struct vsockhdr_packet pkt;

	(void)state;
	memcpy(wire, example_packet, PACKET_LEN);
	check_tx(VSOCKHDR_OK, &whole, 1, 6);
	check_tx(VSOCKHDR_OK, &whole, 1, UINT32_MAX);
	check_tx(VSOCKHDR_ERR_PAYLOAD_OVERSIZE, &whole, 1, 5);
	check_tx(VSOCKHDR_ERR_PAYLOAD_OVERSIZE, &whole, 1, 0);

	vsockhdr_set_len(wire, 0);
	check_tx(VSOCKHDR_OK, &whole, 1, 0);
	vsockhdr_set_len(wire, 1);
	check_tx(VSOCKHDR_ERR_PAYLOAD_OVERSIZE, &whole, 1, 0);
	/* Too large comes before too short. */
	vsockhdr_set_len(wire, 7);
	check_tx(VSOCKHDR_ERR_PAYLOAD_OVERSIZE, &whole, 1, 6);
	check_tx(VSOCKHDR_ERR_PAYLOAD_TRUNCATED, &whole, 1, 7);

	vsockhdr_set_len(wire, UINT32_MAX);
	check_tx(VSOCKHDR_ERR_PAYLOAD_OVERSIZE, &whole, 1, UINT32_MAX - 1);
	check_tx(VSOCKHDR_ERR_PAYLOAD_TRUNCATED, &whole, 1, UINT32_MAX);
	check_tx(VSOCKHDR_OK, huge, 3, UINT32_MAX);
	assert_int_equal(vsockhdr_tx_parse(&pkt, &chain, UINT32_MAX), VSOCKHDR_OK);
	assert_int_equal(pkt.hdr.len, UINT32_MAX);
	assert_int_equal(pkt.room, UINT32_MAX);
}

static void check_room(const struct iovec *iov, size_t iovcnt, uint32_t max, size_t room)
{
	const struct vsockhdr_chain chain = { .iov = iov, .in = iovcnt };
	struct vsockhdr_packet pkt;

	assert_int_equal(vsockhdr_rx_parse(&pkt, &chain, max), VSOCKHDR_OK);
	assert_int_equal(pkt.room, room);
}

static void test_rx_room(void **state)
{
	uint8_t *wire = guarded(0, PACKET_LEN);
	const struct iovec bare = { wire, 44 };
	const struct iovec whole = { wire, PACKET_LEN };
	const struct iovec huge[] = { { wire, 44 }, { wire, SIZE_MAX } };

	(void)state;
	check_room(&bare, 1, 0, 0);
	check_room(&bare, 1, UINT32_MAX, 0);
	check_room(&whole, 1, 0, 0);
	check_room(&whole, 1, 5, 5);
	check_room(&whole, 1, 6, 6);
	check_room(&whole, 1, 7, 6);
	check_room(huge, 2, UINT32_MAX, UINT32_MAX);
}

static void test_outside_payload(void **state)
{
	uint8_t *wire = guarded(0, PACKET_LEN);
	const struct iovec whole = { wire, PACKET_LEN };
	const struct vsockhdr_chain chain = { .iov = &whole, .out = 1 };
	static const size_t offsets[] = { 6, 7, SIZE_MAX - 44, SIZE_MAX - 43, SIZE_MAX };
	struct vsockhdr_packet pkt;
	uint8_t to[6] = { 0 };
	struct iovec iov[2];

	(void)state;
	memcpy(wire, example_packet, PACKET_LEN);
	assert_int_equal(vsockhdr_tx_parse(&pkt, &chain, 6), VSOCKHDR_OK);
	for (size_t i = 0; i < COUNT(offsets); i++) {
		size_t iovcnt = COUNT(iov);

		assert_int_equal(vsockhdr_packet_read(&pkt, offsets[i], to, 6), 0);
		assert_int_equal(
			vsockhdr_packet_payload(&pkt, offsets[i], 6, iov, &iovcnt), 0);
		assert_int_equal(iovcnt, 0);
	}
	assert_int_equal(vsockhdr_packet_read(&pkt, 1, guarded(1, 5), SIZE_MAX), 5);
	assert_memory_equal(guarded(1, 5), "ello\n", 5);
}

static void test_payload_capacity(void **state)
{
	uint8_t *wire = guarded(0, PACKET_LEN);
	const struct iovec cut[] = { { wire, 46 }, { wire + 46, 1 }, { wire + 47, 3 } };
	const struct vsockhdr_chain chain = { .iov = cut, .out = COUNT(cut) };
	static const size_t described[] = { 0, 2, 3, 6, 6 };
	struct vsockhdr_packet pkt;

	(void)state;
	memcpy(wire, example_packet, PACKET_LEN);
	assert_int_equal(vsockhdr_tx_parse(&pkt, &chain, 6), VSOCKHDR_OK);
	for (size_t capacity = 0; capacity < COUNT(described); capacity++) {
		struct iovec iov[COUNT(described)];
		size_t iovcnt = capacity;

		assert_int_equal(vsockhdr_packet_payload(&pkt, 0, 6, iov, &iovcnt),
				 described[capacity]);
		assert_int_equal(iovcnt, capacity < 3 ? capacity : 3);
		if (iovcnt > 0)
			assert_ptr_equal(iov[0].iov_base, wire + 44);
	}
}

static void test_tx_is_read_only(void **state)
{
	uint8_t *wire = guarded(0, PACKET_LEN);
	const struct iovec whole = { wire, PACKET_LEN };
	const struct vsockhdr_chain chain = { .iov = &whole, .out = 1 };
	struct vsockhdr_packet pkt;
	size_t used = 99;

	(void)state;
	memcpy(wire, example_packet, PACKET_LEN);
	assert_int_equal(vsockhdr_tx_parse(&pkt, &chain, 6), VSOCKHDR_OK);
	assert_int_equal(vsockhdr_packet_write(&pkt, 0, "HELLO\n", 6), 0);
	pkt.hdr.src_cid = 9;
	assert_int_equal(vsockhdr_rx_commit(&pkt, &used), VSOCKHDR_ERR_CHAIN_READABLE);
	assert_int_equal(used, 99);
	assert_memory_equal(wire, example_packet, PACKET_LEN);
}

static void test_commit(void **state)
{
	uint8_t *wire = guarded(0, PACKET_LEN);
	const struct iovec whole = { wire, PACKET_LEN };
	const struct vsockhdr_chain chain = { .iov = &whole, .in = 1 };
	static const uint32_t too_many[] = { 7, 8, UINT32_MAX };
	uint8_t untouched[PACKET_LEN];
	struct vsockhdr_packet pkt;
	struct vsockhdr written;
	size_t used = 99;

	(void)state;
	memset(untouched, 0xa5, sizeof(untouched));
	memset(wire, 0xa5, PACKET_LEN);
	assert_int_equal(vsockhdr_rx_parse(&pkt, &chain, UINT32_MAX), VSOCKHDR_OK);
	pkt.hdr = example_hdr;
	for (size_t i = 0; i < COUNT(too_many); i++) {
		pkt.hdr.len = too_many[i];
		assert_int_equal(vsockhdr_rx_commit(&pkt, &used),
				 VSOCKHDR_ERR_PAYLOAD_OVERSIZE);
		assert_int_equal(used, 99);
		assert_memory_equal(wire, untouched, PACKET_LEN);
	}
	for (uint32_t len = 0; len <= 6; len++) {
		pkt.hdr.len = len;
		assert_int_equal(vsockhdr_rx_commit(&pkt, &used), VSOCKHDR_OK);
		assert_int_equal(used, 44 + len);
		assert_int_equal(vsockhdr_decode(&written, wire, 44), VSOCKHDR_OK);
		assert_hdr_equal(&written, &pkt.hdr);
		assert_memory_equal(wire + 44, untouched, 6);
	}
}

static void test_set_raw(void **state)
{
	static const size_t sizes[] = { 0, 1, 43, 45, 76, SIZE_MAX };
	struct vsockhdr_packet pkt = marker;
	uint8_t *wire = guarded(0, 44);

	(void)state;
	memcpy(wire, example_packet, 44);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(vsockhdr_packet_set_raw(&pkt, wire, sizes[i]),
				 VSOCKHDR_ERR_HDR_SIZE);
		assert_marker(&pkt);
	}
	assert_int_equal(vsockhdr_packet_set_raw(&pkt, wire, 44), VSOCKHDR_OK);
	assert_hdr_equal(&pkt.hdr, &example_hdr);
	pkt.hdr = marker.hdr;
	assert_marker(&pkt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tx_every_split),
		cmocka_unit_test(test_rx_every_split),
		cmocka_unit_test(test_write_every_split),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_tx_maximum),
		cmocka_unit_test(test_rx_room),
		cmocka_unit_test(test_outside_payload),
		cmocka_unit_test(test_payload_capacity),
		cmocka_unit_test(test_tx_is_read_only),
		cmocka_unit_test(test_commit),
		cmocka_unit_test(test_set_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
