/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The public headers as C++: they compile, and their functions link as C.
 */

#include <vsockhdr/vsockhdr.h>

#include <cstdio>
#include <cstring>

static int failures;

static void check(bool holds, const char *what)
{
	if (!holds) {
		(void)std::fprintf(stderr, "FAILED: %s\n", what);
		failures++;
	}
}

int main()
{
	unsigned char wire[VSOCKHDR_HDR_LEN];
	struct vsockhdr hdr = vsockhdr();
	struct vsockhdr again = vsockhdr();
	struct vsockhdr_addr addr = vsockhdr_addr();

	hdr.src_cid = VSOCKHDR_CID_HOST;
	hdr.dst_port = 1234;
	hdr.op = VSOCKHDR_OP_RST;
	check(vsockhdr_encode(wire, sizeof(wire), &hdr) == VSOCKHDR_OK, "encode");
	check(vsockhdr_decode(&again, wire, sizeof(wire)) == VSOCKHDR_OK, "decode");
	check(again.src_cid == 2 && again.dst_port == 1234 && again.op == 3, "fields");
	check(vsockhdr_get_dst_port(wire) == 1234, "getter");
	check(std::strcmp(vsockhdr_op_name(again.op), "RST") == 0, "name");
	check(vsockhdr_addr_parse(&addr, "host:22") == VSOCKHDR_OK, "address");
	check(addr.cid == 2 && addr.port == 22, "address parts");
	check(vsockhdr_decode(&again, wire, 43) == VSOCKHDR_ERR_HDR_TRUNCATED, "error");
	return failures == 0 ? 0 : 1;
}
