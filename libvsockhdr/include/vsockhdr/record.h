/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_RECORD_H
#define VSOCKHDR_RECORD_H

/*
 * A record of a vsockmon interface: what libpcap hands out for the link type
 * LINKTYPE_VSOCK (271). It is a 32-byte vsockmon header (struct af_vsockmon_hdr of
 * linux/vsockmon.h, little-endian), a transport header whose size the first one
 * tells, and the payload. Linux makes the first two for every virtio-shaped
 * transport: virtio, vhost and loopback.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <vsockhdr/hdr.h>

VSOCKHDR_BEGIN_DECLS

/** Bytes of a vsockmon header */
#define VSOCKHDR_MON_LEN 32

/** Bytes of both headers of a virtio record */
#define VSOCKHDR_RECORD_HDRS_LEN (VSOCKHDR_MON_LEN + VSOCKHDR_HDR_LEN)

/** libpcap's and pcapng's number of the link type */
#define VSOCKHDR_LINKTYPE 271

/** ARPHRD_VSOCKMON: the hardware type of a vsockmon network device */
#define VSOCKHDR_ARPHRD_VSOCKMON 826

/** enum vsockhdr_mon_op - The vsockmon header's op (enum af_vsockmon_op) */
enum vsockhdr_mon_op {
	VSOCKHDR_MON_OP_UNKNOWN = 0,
	VSOCKHDR_MON_OP_CONNECT = 1,
	VSOCKHDR_MON_OP_DISCONNECT = 2,
	VSOCKHDR_MON_OP_CONTROL = 3,
	VSOCKHDR_MON_OP_PAYLOAD = 4
};

/** enum vsockhdr_transport - What the transport header is (enum af_vsockmon_transport) */
enum vsockhdr_transport {
	VSOCKHDR_TRANSPORT_UNKNOWN = 0,
	VSOCKHDR_TRANSPORT_NO_INFO = 1,
	VSOCKHDR_TRANSPORT_VIRTIO = 2
};

/**
 * VSOCKHDR_MON_FIELDS() - Every field of a vsockmon header, in wire order
 * @F:		Macro that is given name, width in bits, offset in bytes
 */
#define VSOCKHDR_MON_FIELDS(F) \
	F(src_cid, 64, 0)      \
	F(dst_cid, 64, 8)      \
	F(src_port, 32, 16)    \
	F(dst_port, 32, 20)    \
	F(op, 16, 24)          \
	F(transport, 16, 26)   \
	F(len, 16, 28)         \
	F(reserved, 16, 30)

/**
 * struct vsockhdr_mon - A decoded vsockmon header, in the machine's byte order
 * @src_cid:	Sender
 * @dst_cid:	Receiver
 * @src_port:	Sender's port
 * @dst_port:	Receiver's port
 * @op:		enum vsockhdr_mon_op
 * @transport:	enum vsockhdr_transport
 * @len:	Bytes of the transport header that follows; to be skipped also where
 *		@transport says that there is nothing to know about it
 * @reserved:	Zero, as Linux writes it
 */
struct vsockhdr_mon {
#define VSOCKHDR_MEMBER(name, bits, offset) uint##bits##_t name;
	VSOCKHDR_MON_FIELDS(VSOCKHDR_MEMBER)
#undef VSOCKHDR_MEMBER
};

/*
 * vsockhdr_mon_get_FIELD(), vsockhdr_mon_set_FIELD() - One field of a vsockmon header
 * on the wire, as vsockhdr_get_FIELD() and vsockhdr_set_FIELD() do for the
 * virtio_vsock_hdr. @wire is 32 bytes at any alignment.
 */
#define VSOCKHDR_ACCESSORS(name, bits, offset)                                 \
	VSOCKHDR_API uint##bits##_t vsockhdr_mon_get_##name(const void *wire); \
	VSOCKHDR_API void vsockhdr_mon_set_##name(void *wire, uint##bits##_t value);
VSOCKHDR_MON_FIELDS(VSOCKHDR_ACCESSORS)
#undef VSOCKHDR_ACCESSORS

/**
 * vsockhdr_mon_decode() - Decode a vsockmon header
 * @mon:	Where the fields go; unchanged on error
 * @data:	The wire bytes, at any alignment; each is read once
 * @size:	Bytes readable at @data
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_MON_TRUNCATED where @size is below 32
 */
VSOCKHDR_API int vsockhdr_mon_decode(struct vsockhdr_mon *mon, const void *data,
				     size_t size);

/**
 * vsockhdr_mon_encode() - Encode a vsockmon header
 * @data:	Where the 32 bytes go
 * @size:	Bytes writable at @data
 * @mon:	The fields
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_NO_SPACE; nothing is written then
 */
VSOCKHDR_API int vsockhdr_mon_encode(void *data, size_t size,
				     const struct vsockhdr_mon *mon);

/**
 * vsockhdr_mon_from_hdr() - The vsockmon header that Linux puts before a packet
 * @mon:	Where it goes
 * @hdr:	The packet's header
 *
 * The addresses are copied, op is what Linux maps the packet's op to, the transport
 * is virtio.
 */
VSOCKHDR_API void vsockhdr_mon_from_hdr(struct vsockhdr_mon *mon,
					const struct vsockhdr *hdr);

/**
 * struct vsockhdr_record - A decoded record
 * @mon:	vsockmon header; valid if @has_mon
 * @hdr:	virtio_vsock_hdr; valid if @has_hdr
 * @payload_offset:	Where the payload begins, in bytes from the record's start
 * @payload_caplen:	Payload bytes that were captured, from @payload_offset on
 * @payload_wirelen:	Payload bytes that were on the wire; more than
 *			@payload_caplen where the snap length cut the record
 * @has_mon:	The vsockmon header was there in full
 * @has_hdr:	The transport is virtio, and its header was there in full
 *
 * A record of another transport is no error: it has no @hdr. The last three lengths
 * are zero unless the record was decoded without error.
 */
struct vsockhdr_record {
	struct vsockhdr_mon mon;
	struct vsockhdr hdr;
	size_t payload_offset;
	size_t payload_caplen;
	size_t payload_wirelen;
	bool has_mon;
	bool has_hdr;
};

/**
 * vsockhdr_record_decode() - Decode a record from one buffer
 * @rec:	Where the result goes; @has_mon and @has_hdr tell which parts of it are
 *		valid, also after an error
 * @data:	The captured bytes, at any alignment
 * @caplen:	How many were captured
 * @wirelen:	How many the record had on the wire (at least @caplen)
 *
 * Return: VSOCKHDR_OK, or
 * - VSOCKHDR_ERR_CAPLEN: @wirelen is below @caplen
 * - VSOCKHDR_ERR_MON_TRUNCATED, VSOCKHDR_ERR_MON_SNAPPED: the vsockmon header is not
 *   whole, on the wire or because of the snap length
 * - VSOCKHDR_ERR_TRANSPORT_LEN: the transport header is said to be virtio and to be
 *   shorter than 44 bytes
 * - VSOCKHDR_ERR_HDR_TRUNCATED, VSOCKHDR_ERR_HDR_SNAPPED: the transport header is not
 *   whole. @hdr is valid all the same if its 44 bytes are there
 */
VSOCKHDR_API int vsockhdr_record_decode(struct vsockhdr_record *rec, const void *data,
					size_t caplen, size_t wirelen);

/**
 * vsockhdr_record_decode_iov() - Decode a record that is split over fragments
 * @rec:	As for vsockhdr_record_decode()
 * @iov:	The captured bytes; empty fragments are allowed; each header byte is
 *		read once
 * @iovcnt:	How many fragments
 * @wirelen:	How many bytes the record had on the wire
 *
 * Return: as vsockhdr_record_decode()
 */
VSOCKHDR_API int vsockhdr_record_decode_iov(struct vsockhdr_record *rec,
					    const struct iovec *iov, size_t iovcnt,
					    size_t wirelen);

/**
 * vsockhdr_record_hdrs_len() - Bytes that vsockhdr_record_encode() writes
 * @rec:	The record
 *
 * Return: 76 where the transport is virtio, otherwise 32: what follows a transport
 * header of another kind is for the caller to copy
 */
VSOCKHDR_API size_t vsockhdr_record_hdrs_len(const struct vsockhdr_record *rec);

/**
 * vsockhdr_record_encode() - Encode a record's headers into one buffer
 * @data:	Where they go; the caller appends the payload, and before it the rest
 *		of a transport header that is longer than 44 bytes or not virtio
 * @size:	Bytes writable at @data
 * @rec:	@mon, and @hdr where the transport is virtio; the other members are not
 *		looked at
 *
 * Return: VSOCKHDR_OK, or VSOCKHDR_ERR_NO_SPACE, or VSOCKHDR_ERR_TRANSPORT_LEN where
 * the transport is virtio and mon.len below 44; nothing is written then
 */
VSOCKHDR_API int vsockhdr_record_encode(void *data, size_t size,
					const struct vsockhdr_record *rec);

/**
 * vsockhdr_record_encode_iov() - Encode a record's headers over fragments
 * @iov:	The fragments
 * @iovcnt:	How many
 * @rec:	As for vsockhdr_record_encode()
 *
 * Return: as vsockhdr_record_encode()
 */
VSOCKHDR_API int vsockhdr_record_encode_iov(const struct iovec *iov, size_t iovcnt,
					    const struct vsockhdr_record *rec);

VSOCKHDR_END_DECLS

#endif
