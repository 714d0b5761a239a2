/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_ERROR_H
#define VSOCKHDR_ERROR_H

#include <vsockhdr/api.h>

VSOCKHDR_BEGIN_DECLS

/**
 * enum vsockhdr_error - What a function of this library can answer
 *
 * Functions that can fail return int: VSOCKHDR_OK, or one of the negative codes.
 * Each way in which input can be malformed has a code of its own. The numbers are
 * part of the ABI: they are only ever added to.
 */
enum vsockhdr_error {
	/** Success */
	VSOCKHDR_OK = 0,

	/** Fewer than the 44 bytes of a virtio_vsock_hdr on the wire */
	VSOCKHDR_ERR_HDR_TRUNCATED = -1,
	/** The capture's snap length cut the record inside the transport header */
	VSOCKHDR_ERR_HDR_SNAPPED = -2,
	/** A raw virtio_vsock_hdr was expected, and these are not 44 bytes */
	VSOCKHDR_ERR_HDR_SIZE = -3,
	/** The record ends inside its 32-byte vsockmon header on the wire */
	VSOCKHDR_ERR_MON_TRUNCATED = -4,
	/** The capture's snap length cut the record inside the vsockmon header */
	VSOCKHDR_ERR_MON_SNAPPED = -5,
	/** vsockmon says "virtio", and a transport header too short to be one */
	VSOCKHDR_ERR_TRANSPORT_LEN = -6,
	/** More bytes captured than were on the wire: the capture file is broken */
	VSOCKHDR_ERR_CAPLEN = -7,
	/** Fewer than the 4 bytes of a virtio_vsock_event */
	VSOCKHDR_ERR_EVENT_TRUNCATED = -8,
	/** The buffer or iovec given for the result is too small for it */
	VSOCKHDR_ERR_NO_SPACE = -9,

	/** A TX chain holds a device-writable descriptor */
	VSOCKHDR_ERR_CHAIN_WRITABLE = -10,
	/** An RX chain holds a device-readable descriptor */
	VSOCKHDR_ERR_CHAIN_READABLE = -11,
	/** A descriptor chain is shorter than the 44-byte header */
	VSOCKHDR_ERR_CHAIN_TRUNCATED = -12,
	/** The header's len is above the maximum that the caller allows */
	VSOCKHDR_ERR_PAYLOAD_OVERSIZE = -13,
	/** A TX chain holds fewer payload bytes than the header's len says */
	VSOCKHDR_ERR_PAYLOAD_TRUNCATED = -14,

	/** Not of the form CID:PORT */
	VSOCKHDR_ERR_ADDR_SYNTAX = -15,
	/** The CID is neither a number of at most 64 bits nor a known name */
	VSOCKHDR_ERR_ADDR_CID = -16,
	/** The port is neither a number of at most 32 bits nor "any" */
	VSOCKHDR_ERR_ADDR_PORT = -17,
	/** The CID has more than the 32 bits that a struct sockaddr_vm can hold */
	VSOCKHDR_ERR_ADDR_WIDE_CID = -18,
	/** The socket address is too short to be a struct sockaddr_vm */
	VSOCKHDR_ERR_SOCKADDR_SIZE = -19,
	/** The socket address is not of the family AF_VSOCK */
	VSOCKHDR_ERR_SOCKADDR_FAMILY = -20,

	/** No constant of the protocol has this name */
	VSOCKHDR_ERR_NAME = -21
};

/**
 * vsockhdr_strerror() - What an error means, for a person
 * @err:	What a function of this library returned
 *
 * Return: a static string without a final full stop; never NULL, also for numbers
 * that are no error of this library
 */
VSOCKHDR_API const char *vsockhdr_strerror(int err);

/**
 * vsockhdr_errname() - An error's identifier, for a program
 * @err:	What a function of this library returned
 *
 * Return: a static string such as "hdr_truncated" that will not change, "ok" for
 * VSOCKHDR_OK, "unknown" for numbers that are no error of this library
 */
VSOCKHDR_API const char *vsockhdr_errname(int err);

VSOCKHDR_END_DECLS

#endif
