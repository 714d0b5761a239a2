/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The codec of virtio_vsock_hdr. It holds no state and judges no value.
 */

#include <vsockhdr/hdr.h>

#include <assert.h>

#include "hdr_wire.h"
#include "iov.h"

#define ACCESSORS(name, bits, offset) DEFINE_ACCESSORS(vsockhdr, name, bits, offset)
VSOCKHDR_FIELDS(ACCESSORS)

int vsockhdr_decode(struct vsockhdr *hdr, const void *data, size_t size)
{
	assert(hdr && (data || size == 0));
	if (size < VSOCKHDR_HDR_LEN)
		return VSOCKHDR_ERR_HDR_TRUNCATED;
	hdr_load(hdr, data);
	return VSOCKHDR_OK;
}

int vsockhdr_decode_iov(struct vsockhdr *hdr, const struct iovec *iov, size_t iovcnt)
{
	uint8_t wire[VSOCKHDR_HDR_LEN];

	return vsockhdr_decode(hdr, wire,
			       iov_gather_once(wire, sizeof(wire), iov, iovcnt));
}

int vsockhdr_encode(void *data, size_t size, const struct vsockhdr *hdr)
{
	assert(hdr && (data || size == 0));
	if (size < VSOCKHDR_HDR_LEN)
		return VSOCKHDR_ERR_NO_SPACE;
	hdr_store(data, hdr);
	return VSOCKHDR_OK;
}

int vsockhdr_encode_iov(const struct iovec *iov, size_t iovcnt,
			const struct vsockhdr *hdr)
{
	uint8_t wire[VSOCKHDR_HDR_LEN];

	assert(hdr);
	if (iov_size(iov, iovcnt) < sizeof(wire))
		return VSOCKHDR_ERR_NO_SPACE;
	hdr_store(wire, hdr);
	iov_scatter(iov, iovcnt, 0, wire, sizeof(wire));
	return VSOCKHDR_OK;
}
