/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as a descriptor chain of either queue, and as an event. Input: three bytes
 * that cut it, words for the largest payload, an offset and a count, then the chain.
 */

#include <vsockhdr/vsockhdr.h>

#include "fuzz.h"

/* How many of count payload bytes from offset on there are of room */
static size_t there(size_t room, size_t offset, size_t count)
{
	size_t rest = offset < room ? room - offset : 0;

	return count < rest ? count : rest;
}

/* Reading and slicing must give the bytes at their place in the input. */
static void check_payload(const struct vsockhdr_packet *pkt, const uint8_t *data,
			  uint32_t offset, uint32_t count)
{
	size_t n = there(pkt->room, offset, count);
	struct iovec slice[FRAGMENTS];
	size_t slices = FRAGMENTS;
	uint8_t *to = malloc(n + 1);
	size_t done = 0;

	CHECK(to);
	data += VSOCKHDR_HDR_LEN;
	CHECK(vsockhdr_packet_read(pkt, offset, to, count) == n);
	CHECK(n == 0 || memcmp(to, data + offset, n) == 0);
	free(to);

	CHECK(vsockhdr_packet_payload(pkt, offset, count, slice, &slices) == n);
	for (size_t i = 0; i < slices; i++) {
		CHECK(slice[i].iov_len > 0);
		CHECK(memcmp(slice[i].iov_base, data + offset + done, slice[i].iov_len) ==
		      0);
		done += slice[i].iov_len;
	}
	CHECK(done == n);
}

/* What vsockhdr_tx_parse() must answer, from the bytes in one piece */
static int expected_tx(const uint8_t *data, size_t size, uint32_t max)
{
	uint32_t len;

	if (size < VSOCKHDR_HDR_LEN)
		return VSOCKHDR_ERR_CHAIN_TRUNCATED;
	len = vsockhdr_get_len(data);
	if (len > max)
		return VSOCKHDR_ERR_PAYLOAD_OVERSIZE;
	return len > size - VSOCKHDR_HDR_LEN ? VSOCKHDR_ERR_PAYLOAD_TRUNCATED
					     : VSOCKHDR_OK;
}

static void fuzz_tx(const struct iovec *iov, const struct input *in, uint32_t max,
		    uint32_t offset, uint32_t count)
{
	const struct vsockhdr_chain chain = { .iov = iov, .out = FRAGMENTS };
	struct vsockhdr_packet pkt;
	uint8_t wire[VSOCKHDR_HDR_LEN];
	int err = vsockhdr_tx_parse(&pkt, &chain, max);

	CHECK(err == expected_tx(in->data, in->size, max));
	if (err)
		return;
	CHECK(pkt.room == pkt.hdr.len && pkt.room <= max);
	CHECK(vsockhdr_encode(wire, sizeof(wire), &pkt.hdr) == VSOCKHDR_OK);
	CHECK(memcmp(wire, in->data, sizeof(wire)) == 0);
	check_payload(&pkt, in->data, offset, count);
}

/* Fills the chain with itself, written as a packet: it must not change. */
static void fuzz_rx(const struct iovec *iov, const struct input *in, uint32_t max,
		    uint32_t offset, uint32_t count)
{
	const struct vsockhdr_chain chain = { .iov = iov, .in = FRAGMENTS };
	struct vsockhdr_packet pkt;
	size_t used;
	int err = vsockhdr_rx_parse(&pkt, &chain, max);

	CHECK(err ==
	      (in->size < VSOCKHDR_HDR_LEN ? VSOCKHDR_ERR_CHAIN_TRUNCATED : VSOCKHDR_OK));
	if (err)
		return;
	CHECK(pkt.room <= max && pkt.room <= in->size - VSOCKHDR_HDR_LEN);
	check_payload(&pkt, in->data, offset, count);
	CHECK(vsockhdr_packet_set_raw(&pkt, in->data, VSOCKHDR_HDR_LEN) == VSOCKHDR_OK);
	CHECK(vsockhdr_packet_write(&pkt, 0, in->data + VSOCKHDR_HDR_LEN, pkt.room) ==
	      pkt.room);
	err = vsockhdr_rx_commit(&pkt, &used);
	CHECK(err ==
	      (pkt.hdr.len > pkt.room ? VSOCKHDR_ERR_PAYLOAD_OVERSIZE : VSOCKHDR_OK));
	if (!err)
		CHECK(used == VSOCKHDR_HDR_LEN + pkt.hdr.len && used <= in->size);
	check_bytes(iov, in->data, in->size);
}

static void fuzz_event(const struct iovec *iov, const struct input *in)
{
	struct vsockhdr_event whole = { 0 };
	struct vsockhdr_event split = { 0 };
	int err = vsockhdr_event_decode(&whole, in->data, in->size);

	CHECK(err == (in->size < VSOCKHDR_EVENT_LEN ? VSOCKHDR_ERR_EVENT_TRUNCATED
						    : VSOCKHDR_OK));
	CHECK(vsockhdr_event_decode_iov(&split, iov, FRAGMENTS) == err);
	CHECK(split.id == whole.id);
	if (err)
		return;
	CHECK(vsockhdr_event_encode_iov(iov, FRAGMENTS, &whole) == VSOCKHDR_OK);
	check_bytes(iov, in->data, in->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const uint8_t cuts[] = { take_byte(&in), take_byte(&in), take_byte(&in) };
	uint32_t max = take_word(&in);
	uint32_t offset = take_word(&in);
	uint32_t count = take_word(&in);
	struct iovec iov[FRAGMENTS];

	cut(iov, in.data, in.size, cuts);
	fuzz_tx(iov, &in, max, offset, count);
	fuzz_rx(iov, &in, max, offset, count);
	fuzz_event(iov, &in);
	release(iov);
	return 0;
}
