// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's device: /dev/vhost-vsock with two virtqueues in memory of ours.
 * What goes wrong with the device itself ends the process.
 */
#ifndef VSOCKGUEST_DEVICE_H
#define VSOCKGUEST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** device_open() - Become the guest with this CID; its packets come from now on */
void device_open(uint64_t cid);

/**
 * device_close() - Be no guest any more
 *
 * The kernel then ends the sockets of its connections without a packet. Were they
 * closed first, as they may be when a process ends, it would still send.
 */
void device_close(void);

/** device_send() - Put a packet on the tx queue, however wrong it is, and wait for vhost
 * @header:	The header's bytes, the first descriptor
 * @header_size: How many; may be 0 only where @payload_size is not
 * @payload:	Bytes behind it, a descriptor of its own where there are any
 * @payload_size: How many, at most PAYLOAD_MAX
 *
 * Return: false where vhost refuses it: it reports a fault of the queue, and takes the
 * packet no further
 */
bool device_send(const void *header, size_t header_size, const void *payload,
		 size_t payload_size);

/** device_settle() - Wait until vhost has done all that it was given to do
 *
 * What the host has sent so far can then be received, and vsockmon has shown it.
 */
void device_settle(void);

/** device_receive() - Take the next packet from the rx queue
 * @packet:	Where its bytes are: valid until the next call
 * @deadline:	Of now_ms()
 *
 * Return: its size, or 0 where none came in time
 */
size_t device_receive(const uint8_t **packet, int64_t deadline);

#endif
