/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_HDR_H
#define VSOCKHDR_HDR_H

/*
 * The header of every virtio-vsock packet, struct virtio_vsock_hdr: virtio
 * specification 1.3, 5.10.6 "Device Operation". On the wire it is 44 bytes,
 * little-endian, without padding.
 *
 * Decoding and encoding judge nothing: every value of every field is carried
 * faithfully, also those that the specification rules out.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <vsockhdr/error.h>

VSOCKHDR_BEGIN_DECLS

/** Bytes of a virtio_vsock_hdr on the wire (5.10.6) */
#define VSOCKHDR_HDR_LEN 44

/** Payload bytes that Linux puts into one packet at the most; the specification
 * sets no limit */
#define VSOCKHDR_MAX_PAYLOAD 65536

/** enum vsockhdr_op - Field op (5.10.6) */
enum vsockhdr_op {
	VSOCKHDR_OP_INVALID = 0,
	VSOCKHDR_OP_REQUEST = 1,
	VSOCKHDR_OP_RESPONSE = 2,
	VSOCKHDR_OP_RST = 3,
	VSOCKHDR_OP_SHUTDOWN = 4,
	VSOCKHDR_OP_RW = 5,
	VSOCKHDR_OP_CREDIT_UPDATE = 6,
	VSOCKHDR_OP_CREDIT_REQUEST = 7
};

/** enum vsockhdr_type - Field type (5.10.6) */
enum vsockhdr_type {
	VSOCKHDR_TYPE_STREAM = 1,
	VSOCKHDR_TYPE_SEQPACKET = 2,
	/** Only ever proposed; no specification defines it */
	VSOCKHDR_TYPE_DGRAM = 3
};

/** Flags of SHUTDOWN (5.10.6.5): the sender will receive no more, send no more */
#define VSOCKHDR_SHUTDOWN_RECEIVE UINT32_C(1)
#define VSOCKHDR_SHUTDOWN_SEND    UINT32_C(2)

/** Flags of RW on a seqpacket connection (5.10.6.6): end of message, of record */
#define VSOCKHDR_SEQ_EOM UINT32_C(1)
#define VSOCKHDR_SEQ_EOR UINT32_C(2)

/** Well-known CIDs (5.10.4) */
#define VSOCKHDR_CID_HYPERVISOR UINT64_C(0)
#define VSOCKHDR_CID_LOCAL      UINT64_C(1)
#define VSOCKHDR_CID_HOST       UINT64_C(2)
#define VSOCKHDR_CID_ANY        UINT64_C(0xffffffff)

/** The wildcard port */
#define VSOCKHDR_PORT_ANY UINT32_C(0xffffffff)

/**
 * VSOCKHDR_FIELDS() - Every field of a virtio_vsock_hdr, in wire order
 * @F:		Macro that is given name, width in bits, offset in bytes
 *
 * The one place that knows the layout: the structure, the accessors and the codec
 * are made from it.
 */
#define VSOCKHDR_FIELDS(F)   \
	F(src_cid, 64, 0)    \
	F(dst_cid, 64, 8)    \
	F(src_port, 32, 16)  \
	F(dst_port, 32, 20)  \
	F(len, 32, 24)       \
	F(type, 16, 28)      \
	F(op, 16, 30)        \
	F(flags, 32, 32)     \
	F(buf_alloc, 32, 36) \
	F(fwd_cnt, 32, 40)

/**
 * struct vsockhdr - A decoded virtio_vsock_hdr, in the machine's byte order
 * @src_cid:	Sender; the upper 32 bits are reserved and zero (5.10.6.2)
 * @dst_cid:	Receiver, likewise
 * @src_port:	Sender's port
 * @dst_port:	Receiver's port
 * @len:	Payload bytes that follow the header
 * @type:	enum vsockhdr_type, or what the wire said
 * @op:		enum vsockhdr_op, or what the wire said
 * @flags:	Bits whose meaning depends on op and type
 * @buf_alloc:	Bytes of the sender's receive buffer (5.10.6.3)
 * @fwd_cnt:	Payload bytes that the sender has consumed, free-running, modulo 2^32
 */
struct vsockhdr {
#define VSOCKHDR_MEMBER(name, bits, offset) uint##bits##_t name;
	VSOCKHDR_FIELDS(VSOCKHDR_MEMBER)
#undef VSOCKHDR_MEMBER
};

/*
 * vsockhdr_get_FIELD() - Read one field of a header on the wire
 * @wire:	44 readable bytes at any alignment
 *
 * Return: the field, in the machine's byte order. Its bytes are read once, in one
 * access where the machine allows it, so the memory may be shared with a guest.
 *
 * vsockhdr_set_FIELD() - Write one field of a header on the wire
 * @wire:	44 writable bytes at any alignment
 * @value:	The field, in the machine's byte order
 *
 * uint64_t vsockhdr_get_src_cid(const void *wire);
 * void vsockhdr_set_src_cid(void *wire, uint64_t value);
 * and so for dst_cid, src_port, dst_port, len, type, op, flags, buf_alloc, fwd_cnt.
 */
#define VSOCKHDR_ACCESSORS(name, bits, offset)                             \
	VSOCKHDR_API uint##bits##_t vsockhdr_get_##name(const void *wire); \
	VSOCKHDR_API void vsockhdr_set_##name(void *wire, uint##bits##_t value);
VSOCKHDR_FIELDS(VSOCKHDR_ACCESSORS)
#undef VSOCKHDR_ACCESSORS

/**
 * vsockhdr_decode() - Decode a header from one buffer
 * @hdr:	Where the fields go; unchanged on error
 * @data:	The wire bytes, at any alignment; may be shared with a guest: each
 *		byte is read once
 * @size:	Bytes readable at @data; those beyond 44 are left alone
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_HDR_TRUNCATED where @size is below 44
 */
VSOCKHDR_API int vsockhdr_decode(struct vsockhdr *hdr, const void *data, size_t size);

/**
 * vsockhdr_decode_iov() - Decode a header that is split over any number of fragments
 * @hdr:	Where the fields go; unchanged on error
 * @iov:	The fragments; empty ones are allowed; each byte is read once
 * @iovcnt:	How many
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_HDR_TRUNCATED where @iov holds below 44 bytes
 */
VSOCKHDR_API int vsockhdr_decode_iov(struct vsockhdr *hdr, const struct iovec *iov,
				     size_t iovcnt);

/**
 * vsockhdr_encode() - Encode a header into one buffer
 * @data:	Where the 44 bytes go, at any alignment
 * @size:	Bytes writable at @data
 * @hdr:	The fields
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_NO_SPACE where @size is below 44; nothing is
 * written then
 */
VSOCKHDR_API int vsockhdr_encode(void *data, size_t size, const struct vsockhdr *hdr);

/**
 * vsockhdr_encode_iov() - Encode a header over any number of fragments
 * @iov:	The fragments; the first 44 bytes are written
 * @iovcnt:	How many
 * @hdr:	The fields
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_NO_SPACE where @iov has room for less than 44
 * bytes; nothing is written then
 */
VSOCKHDR_API int vsockhdr_encode_iov(const struct iovec *iov, size_t iovcnt,
				     const struct vsockhdr *hdr);

VSOCKHDR_END_DECLS

#endif
