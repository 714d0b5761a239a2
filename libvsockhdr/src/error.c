/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What each error is called and what it means, in one table.
 */

#include <vsockhdr/error.h>

#include <stddef.h>

/* Indexed by the negated code */
static const struct {
	const char *name;
	const char *text;
} errors[] = {
	[-VSOCKHDR_OK] = { "ok", "success" },
	[-VSOCKHDR_ERR_HDR_TRUNCATED] = {
		"hdr_truncated",
		"the packet ends inside its transport header",
	},
	[-VSOCKHDR_ERR_HDR_SNAPPED] = {
		"hdr_snapped",
		"the snap length cut the record inside its transport header",
	},
	[-VSOCKHDR_ERR_HDR_SIZE] = {
		"hdr_size",
		"a virtio_vsock_hdr has 44 bytes",
	},
	[-VSOCKHDR_ERR_MON_TRUNCATED] = {
		"mon_truncated",
		"the record ends inside its 32-byte vsockmon header",
	},
	[-VSOCKHDR_ERR_MON_SNAPPED] = {
		"mon_snapped",
		"the snap length cut the record inside its vsockmon header",
	},
	[-VSOCKHDR_ERR_TRANSPORT_LEN] = {
		"transport_len",
		"the vsockmon header announces a virtio header of less than 44 bytes",
	},
	[-VSOCKHDR_ERR_CAPLEN] = {
		"caplen",
		"more bytes were captured than the record had on the wire",
	},
	[-VSOCKHDR_ERR_EVENT_TRUNCATED] = {
		"event_truncated",
		"a virtio_vsock_event has 4 bytes",
	},
	[-VSOCKHDR_ERR_NO_SPACE] = {
		"no_space",
		"the buffer is too small for the result",
	},
	[-VSOCKHDR_ERR_CHAIN_WRITABLE] = {
		"chain_writable",
		"a TX chain holds a device-writable descriptor",
	},
	[-VSOCKHDR_ERR_CHAIN_READABLE] = {
		"chain_readable",
		"an RX chain holds a device-readable descriptor",
	},
	[-VSOCKHDR_ERR_CHAIN_TRUNCATED] = {
		"chain_truncated",
		"the descriptor chain is shorter than the 44-byte header",
	},
	[-VSOCKHDR_ERR_PAYLOAD_OVERSIZE] = {
		"payload_oversize",
		"len is above the largest payload allowed",
	},
	[-VSOCKHDR_ERR_PAYLOAD_TRUNCATED] = {
		"payload_truncated",
		"the descriptor chain holds fewer payload bytes than len says",
	},
	[-VSOCKHDR_ERR_ADDR_SYNTAX] = {
		"addr_syntax",
		"an address is written CID:PORT",
	},
	[-VSOCKHDR_ERR_ADDR_CID] = {
		"addr_cid",
		"a CID is a number, hypervisor, local, host or any",
	},
	[-VSOCKHDR_ERR_ADDR_PORT] = {
		"addr_port",
		"a port is a number of at most 4294967295, or any",
	},
	[-VSOCKHDR_ERR_ADDR_WIDE_CID] = {
		"addr_wide_cid",
		"a socket address holds CIDs of at most 32 bits",
	},
	[-VSOCKHDR_ERR_SOCKADDR_SIZE] = {
		"sockaddr_size",
		"the socket address is shorter than a struct sockaddr_vm",
	},
	[-VSOCKHDR_ERR_SOCKADDR_FAMILY] = {
		"sockaddr_family",
		"the socket address is not of the family AF_VSOCK",
	},
	[-VSOCKHDR_ERR_NAME] = {
		"name",
		"no constant of the protocol has this name",
	},
};

#define ERROR_COUNT ((int)(sizeof(errors) / sizeof(errors[0])))

const char *vsockhdr_strerror(int err)
{
	if (err > 0 || err <= -ERROR_COUNT)
		return "not an error of libvsockhdr";
	return errors[-err].text;
}

const char *vsockhdr_errname(int err)
{
	if (err > 0 || err <= -ERROR_COUNT)
		return "unknown";
	return errors[-err].name;
}
