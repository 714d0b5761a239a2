/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The codec of virtio_vsock_event.
 */

#include <vsockhdr/event.h>

#include <assert.h>

#include "iov.h"
#include "wire.h"

uint32_t vsockhdr_event_get_id(const void *wire)
{
	return load32(wire);
}

void vsockhdr_event_set_id(void *wire, uint32_t id)
{
	store32(wire, id);
}

int vsockhdr_event_decode(struct vsockhdr_event *event, const void *data, size_t size)
{
	assert(event && (data || size == 0));
	if (size < VSOCKHDR_EVENT_LEN)
		return VSOCKHDR_ERR_EVENT_TRUNCATED;
	event->id = load32(data);
	return VSOCKHDR_OK;
}

int vsockhdr_event_decode_iov(struct vsockhdr_event *event, const struct iovec *iov,
			      size_t iovcnt)
{
	uint8_t wire[VSOCKHDR_EVENT_LEN];

	return vsockhdr_event_decode(event, wire,
				     iov_gather_once(wire, sizeof(wire), iov, iovcnt));
}

int vsockhdr_event_encode(void *data, size_t size, const struct vsockhdr_event *event)
{
	assert(event && (data || size == 0));
	if (size < VSOCKHDR_EVENT_LEN)
		return VSOCKHDR_ERR_NO_SPACE;
	store32(data, event->id);
	return VSOCKHDR_OK;
}

int vsockhdr_event_encode_iov(const struct iovec *iov, size_t iovcnt,
			      const struct vsockhdr_event *event)
{
	uint8_t wire[VSOCKHDR_EVENT_LEN];

	assert(event);
	if (iov_size(iov, iovcnt) < sizeof(wire))
		return VSOCKHDR_ERR_NO_SPACE;
	store32(wire, event->id);
	iov_scatter(iov, iovcnt, 0, wire, sizeof(wire));
	return VSOCKHDR_OK;
}
