/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_CHAIN_H
#define VSOCKHDR_CHAIN_H

/*
 * Packets in virtqueue descriptor chains, for devices (a VMM, a vhost-user back end):
 * virtio specification 1.3, 2.7.4 "Message Framing" and 5.10.6.
 *
 * "Message framing" means that the driver may cut a packet into descriptors as it
 * likes: here header and payload may be spread over any number of fragments, at any
 * byte. The memory belongs to the guest, which may change it at any time: a header is
 * copied out once, each byte read once, and everything afterwards uses the copy.
 *
 *	struct vsockhdr_packet pkt;
 *	int err = vsockhdr_tx_parse(&pkt, &chain, VSOCKHDR_MAX_PAYLOAD);
 *	if (!err && pkt.hdr.op == VSOCKHDR_OP_RW)
 *		vsockhdr_packet_read(&pkt, 0, buf, pkt.hdr.len);
 *
 *	err = vsockhdr_rx_parse(&pkt, &chain, VSOCKHDR_MAX_PAYLOAD);
 *	pkt.hdr = (struct vsockhdr) { .op = VSOCKHDR_OP_RW, ... };
 *	pkt.hdr.len = vsockhdr_packet_write(&pkt, 0, data, size);
 *	err = vsockhdr_rx_commit(&pkt, &used);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <vsockhdr/hdr.h>

VSOCKHDR_BEGIN_DECLS

/**
 * struct vsockhdr_chain - A descriptor chain, mapped into this process
 * @iov:	@out fragments that the device may read, then @in that it may write.
 *		The specification demands this order of the driver (2.7.4.2), and a
 *		virtqueue implementation checks it when it builds the chain. The array
 *		and the memory stay the caller's and must outlive the packet
 * @out:	Device-readable fragments
 * @in:		Device-writable fragments
 */
struct vsockhdr_chain {
	const struct iovec *iov;
	size_t out;
	size_t in;
};

/**
 * struct vsockhdr_packet - A packet in a descriptor chain
 * @hdr:	The header: after vsockhdr_tx_parse() a private copy of the guest's,
 *		after vsockhdr_rx_parse() all zero, for the caller to fill
 * @iov:	Fragments of the chain
 * @iovcnt:	How many
 * @room:	Payload bytes: those of a TX packet (equal to hdr.len), or those that an
 *		RX chain can take, at most the maximum given
 * @writable:	It is an RX packet
 *
 * Only @hdr is for the caller to change.
 */
struct vsockhdr_packet {
	struct vsockhdr hdr;
	const struct iovec *iov;
	size_t iovcnt;
	size_t room;
	bool writable;
};

/**
 * vsockhdr_tx_parse() - Parse a chain of the TX queue: a packet from the driver
 * @pkt:	Where the packet goes; unchanged on error
 * @chain:	The chain
 * @max_payload:	Largest hdr.len to accept, in bytes
 *
 * Bytes of the chain behind the payload are ignored.
 *
 * Return: VSOCKHDR_OK, or
 * - VSOCKHDR_ERR_CHAIN_WRITABLE: a fragment is device-writable
 * - VSOCKHDR_ERR_CHAIN_TRUNCATED: the chain ends inside the header
 * - VSOCKHDR_ERR_PAYLOAD_OVERSIZE: hdr.len is above @max_payload
 * - VSOCKHDR_ERR_PAYLOAD_TRUNCATED: the chain ends inside the payload
 */
VSOCKHDR_API int vsockhdr_tx_parse(struct vsockhdr_packet *pkt,
				   const struct vsockhdr_chain *chain,
				   uint32_t max_payload);

/**
 * vsockhdr_rx_parse() - Parse a chain of the RX queue: room for a packet to the driver
 * @pkt:	Where the packet goes; unchanged on error
 * @chain:	The chain
 * @max_payload:	Most payload bytes to use, however large the chain is
 *
 * Return: VSOCKHDR_OK, or
 * - VSOCKHDR_ERR_CHAIN_READABLE: a fragment is device-readable
 * - VSOCKHDR_ERR_CHAIN_TRUNCATED: there is no room for a header
 */
VSOCKHDR_API int vsockhdr_rx_parse(struct vsockhdr_packet *pkt,
				   const struct vsockhdr_chain *chain,
				   uint32_t max_payload);

/**
 * vsockhdr_packet_set_raw() - Set a packet's header from its wire form
 * @pkt:	The packet; unchanged on error
 * @data:	Wire bytes
 * @size:	How many: exactly 44
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_HDR_SIZE
 */
VSOCKHDR_API int vsockhdr_packet_set_raw(struct vsockhdr_packet *pkt, const void *data,
					 size_t size);

/**
 * vsockhdr_packet_read() - Copy payload bytes out of a packet
 * @pkt:	The packet, of either queue
 * @offset:	First payload byte
 * @dst:	Where they go
 * @count:	How many
 *
 * Return: bytes copied: fewer than @count where the payload (@room) ends before
 */
VSOCKHDR_API size_t vsockhdr_packet_read(const struct vsockhdr_packet *pkt, size_t offset,
					 void *dst, size_t count);

/**
 * vsockhdr_packet_write() - Copy payload bytes into a packet of the RX queue
 * @pkt:	The packet
 * @offset:	First payload byte
 * @src:	The bytes
 * @count:	How many
 *
 * Return: bytes copied: fewer than @count where @room ends before, none into a packet
 * of the TX queue. hdr.len is for the caller to set
 */
VSOCKHDR_API size_t vsockhdr_packet_write(const struct vsockhdr_packet *pkt,
					  size_t offset, const void *src, size_t count);

/**
 * vsockhdr_packet_payload() - Where a packet's payload lies, for readv() and writev()
 * @pkt:	The packet, of either queue
 * @offset:	First payload byte
 * @count:	How many bytes
 * @iov:	Where the fragments go
 * @iovcnt:	On entry how many @iov has room for, on return how many were set
 *
 * Return: bytes that the fragments hold: fewer than @count where the payload (@room)
 * or @iovcnt ends before
 */
VSOCKHDR_API size_t vsockhdr_packet_payload(const struct vsockhdr_packet *pkt,
					    size_t offset, size_t count,
					    struct iovec *iov, size_t *iovcnt);

/**
 * vsockhdr_rx_commit() - Write a packet's header into its chain of the RX queue
 * @pkt:	The packet, its header filled and its payload written
 * @used:	Bytes of the chain in use, for the used ring (2.7.8)
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_PAYLOAD_OVERSIZE where hdr.len is above @room,
 * or VSOCKHDR_ERR_CHAIN_READABLE for a packet of the TX queue; nothing is written then
 */
VSOCKHDR_API int vsockhdr_rx_commit(const struct vsockhdr_packet *pkt, size_t *used);

VSOCKHDR_END_DECLS

#endif
