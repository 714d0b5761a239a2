/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A device that looks at a packet from its guest: the smallest program that embeds the
 * library. It is C and C++. The test of the installed library builds and runs it.
 */

#include <stdio.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

/* Plays the guest: puts a connection request into the three fragments */
static int send_request(const struct iovec *iov)
{
	struct vsockhdr hdr;

	memset(&hdr, 0, sizeof(hdr));
	hdr.src_cid = 3;
	hdr.src_port = 1024;
	hdr.dst_cid = VSOCKHDR_CID_HOST;
	hdr.dst_port = 1234;
	hdr.type = VSOCKHDR_TYPE_STREAM;
	hdr.op = VSOCKHDR_OP_REQUEST;
	return vsockhdr_encode_iov(iov, 3, &hdr);
}

int main(void)
{
	/* A descriptor chain of the TX queue; its driver cut the header as it liked. */
	unsigned char memory[VSOCKHDR_HDR_LEN];
	const struct iovec iov[3] = {
		{ memory, 5 },
		{ memory + 5, 24 },
		{ memory + 29, sizeof(memory) - 29 },
	};
	const struct vsockhdr_chain chain = { iov, 3, 0 };
	struct vsockhdr_packet pkt;
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;
	char from[VSOCKHDR_ADDR_STRLEN];
	char to[VSOCKHDR_ADDR_STRLEN];
	const char *op;
	int err = send_request(iov);

	if (!err)
		err = vsockhdr_tx_parse(&pkt, &chain, VSOCKHDR_MAX_PAYLOAD);
	if (err) {
		(void)fprintf(stderr, "bad packet: %s\n", vsockhdr_strerror(err));
		return 1;
	}
	src.cid = pkt.hdr.src_cid;
	src.port = pkt.hdr.src_port;
	dst.cid = pkt.hdr.dst_cid;
	dst.port = pkt.hdr.dst_port;
	vsockhdr_addr_format(from, sizeof(from), &src);
	vsockhdr_addr_format(to, sizeof(to), &dst);
	op = vsockhdr_op_name(pkt.hdr.op);
	printf("%s > %s: %s\n", from, to, op ? op : "unknown op");
	return 0;
}
