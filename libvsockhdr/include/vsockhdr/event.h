/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_EVENT_H
#define VSOCKHDR_EVENT_H

/*
 * An event of the event virtqueue, struct virtio_vsock_event: virtio specification
 * 1.3, 5.10.6.7 "Device Events". Events do not pass through vsockmon; this is for
 * whoever drives or emulates a device.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <vsockhdr/error.h>

VSOCKHDR_BEGIN_DECLS

/** Bytes of a virtio_vsock_event */
#define VSOCKHDR_EVENT_LEN 4

/** Communication was interrupted, as by live migration: existing connections are to
 * be shut down, and the guest's CID may have changed */
#define VSOCKHDR_EVENT_TRANSPORT_RESET UINT32_C(0)

/**
 * struct vsockhdr_event - A decoded virtio_vsock_event
 * @id:		VSOCKHDR_EVENT_TRANSPORT_RESET, or what the wire said
 */
struct vsockhdr_event {
	uint32_t id;
};

/**
 * vsockhdr_event_get_id() - Read the id of an event on the wire
 * @wire:	4 readable bytes at any alignment; each is read once
 *
 * Return: the id, in the machine's byte order
 */
VSOCKHDR_API uint32_t vsockhdr_event_get_id(const void *wire);

/**
 * vsockhdr_event_set_id() - Write the id of an event on the wire
 * @wire:	4 writable bytes at any alignment
 * @id:		The id
 */
VSOCKHDR_API void vsockhdr_event_set_id(void *wire, uint32_t id);

/**
 * vsockhdr_event_decode() - Decode an event from one buffer
 * @event:	Where it goes; unchanged on error
 * @data:	The wire bytes; each is read once
 * @size:	Bytes readable at @data
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_EVENT_TRUNCATED where @size is below 4
 */
VSOCKHDR_API int vsockhdr_event_decode(struct vsockhdr_event *event, const void *data,
				       size_t size);

/**
 * vsockhdr_event_decode_iov() - Decode an event that is split over fragments
 * @event:	Where it goes; unchanged on error
 * @iov:	The fragments; each byte is read once
 * @iovcnt:	How many
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_EVENT_TRUNCATED
 */
VSOCKHDR_API int vsockhdr_event_decode_iov(struct vsockhdr_event *event,
					   const struct iovec *iov, size_t iovcnt);

/**
 * vsockhdr_event_encode() - Encode an event into one buffer
 * @data:	Where the 4 bytes go
 * @size:	Bytes writable at @data
 * @event:	The event
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_NO_SPACE; nothing is written then
 */
VSOCKHDR_API int vsockhdr_event_encode(void *data, size_t size,
				       const struct vsockhdr_event *event);

/**
 * vsockhdr_event_encode_iov() - Encode an event over fragments
 * @iov:	The fragments; the first 4 bytes are written
 * @iovcnt:	How many
 * @event:	The event
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_NO_SPACE; nothing is written then
 */
VSOCKHDR_API int vsockhdr_event_encode_iov(const struct iovec *iov, size_t iovcnt,
					   const struct vsockhdr_event *event);

VSOCKHDR_END_DECLS

#endif
