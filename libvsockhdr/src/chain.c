/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Packets in descriptor chains.
 *
 * Theory of operation: the header is gathered once into pkt->hdr and the guest's copy
 * is never looked at again, so what was checked is what is used. The payload begins 44
 * bytes into the chain, wherever that falls among the fragments; its length is fixed
 * when the chain is parsed (pkt->room), and every later access is bounded by it.
 */

#include <vsockhdr/chain.h>

#include <assert.h>

#include "iov.h"

int vsockhdr_tx_parse(struct vsockhdr_packet *pkt, const struct vsockhdr_chain *chain,
		      uint32_t max_payload)
{
	struct vsockhdr hdr;

	assert(pkt && chain);
	if (chain->in > 0)
		return VSOCKHDR_ERR_CHAIN_WRITABLE;
	if (vsockhdr_decode_iov(&hdr, chain->iov, chain->out))
		return VSOCKHDR_ERR_CHAIN_TRUNCATED;
	if (hdr.len > max_payload)
		return VSOCKHDR_ERR_PAYLOAD_OVERSIZE;
	if (hdr.len > iov_size(chain->iov, chain->out) - VSOCKHDR_HDR_LEN)
		return VSOCKHDR_ERR_PAYLOAD_TRUNCATED;

	*pkt = (struct vsockhdr_packet) {
		.hdr = hdr,
		.iov = chain->iov,
		.iovcnt = chain->out,
		.room = hdr.len,
		.writable = false,
	};
	return VSOCKHDR_OK;
}

int vsockhdr_rx_parse(struct vsockhdr_packet *pkt, const struct vsockhdr_chain *chain,
		      uint32_t max_payload)
{
	size_t size;
	size_t room;

	assert(pkt && chain);
	if (chain->out > 0)
		return VSOCKHDR_ERR_CHAIN_READABLE;
	size = iov_size(chain->iov, chain->in);
	if (size < VSOCKHDR_HDR_LEN)
		return VSOCKHDR_ERR_CHAIN_TRUNCATED;

	room = size - VSOCKHDR_HDR_LEN;
	*pkt = (struct vsockhdr_packet) {
		.iov = chain->iov,
		.iovcnt = chain->in,
		.room = room < max_payload ? room : max_payload,
		.writable = true,
	};
	return VSOCKHDR_OK;
}

int vsockhdr_packet_set_raw(struct vsockhdr_packet *pkt, const void *data, size_t size)
{
	assert(pkt && (data || size == 0));
	if (size != VSOCKHDR_HDR_LEN)
		return VSOCKHDR_ERR_HDR_SIZE;
	return vsockhdr_decode(&pkt->hdr, data, size);
}

/* A packet is what one of the two parsers has made, and nobody has changed but its hdr.
 * Only assertions ask. */
__attribute__((unused)) static bool is_parsed(const struct vsockhdr_packet *pkt)
{
	size_t size = pkt && pkt->iov ? iov_size(pkt->iov, pkt->iovcnt) : 0;

	return size >= VSOCKHDR_HDR_LEN && pkt->room <= size - VSOCKHDR_HDR_LEN;
}

/* How many of count payload bytes from offset on there are */
static size_t clamp(const struct vsockhdr_packet *pkt, size_t offset, size_t count)
{
	if (offset >= pkt->room)
		return 0;
	return count < pkt->room - offset ? count : pkt->room - offset;
}

size_t vsockhdr_packet_read(const struct vsockhdr_packet *pkt, size_t offset, void *dst,
			    size_t count)
{
	assert(is_parsed(pkt) && (dst || count == 0));
	return iov_gather(dst, clamp(pkt, offset, count), pkt->iov, pkt->iovcnt,
			  VSOCKHDR_HDR_LEN + offset);
}

size_t vsockhdr_packet_write(const struct vsockhdr_packet *pkt, size_t offset,
			     const void *src, size_t count)
{
	assert(is_parsed(pkt) && (src || count == 0));
	if (!pkt->writable)
		return 0;
	return iov_scatter(pkt->iov, pkt->iovcnt, VSOCKHDR_HDR_LEN + offset, src,
			   clamp(pkt, offset, count));
}

size_t vsockhdr_packet_payload(const struct vsockhdr_packet *pkt, size_t offset,
			       size_t count, struct iovec *iov, size_t *iovcnt)
{
	assert(is_parsed(pkt) && iovcnt && (iov || *iovcnt == 0));
	return iov_slice(iov, iovcnt, pkt->iov, pkt->iovcnt, VSOCKHDR_HDR_LEN + offset,
			 clamp(pkt, offset, count));
}

int vsockhdr_rx_commit(const struct vsockhdr_packet *pkt, size_t *used)
{
	assert(is_parsed(pkt) && used);
	if (!pkt->writable)
		return VSOCKHDR_ERR_CHAIN_READABLE;
	if (pkt->hdr.len > pkt->room)
		return VSOCKHDR_ERR_PAYLOAD_OVERSIZE;
	*used = VSOCKHDR_HDR_LEN + (size_t)pkt->hdr.len;
	return vsockhdr_encode_iov(pkt->iov, pkt->iovcnt, &pkt->hdr);
}
