/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The codec alone, to be counted by callgrind: N times one operation. Run with 0 and
 * with N, the difference is the operation.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

/* Two records in turn, so that no result is the same as the one before */
static uint8_t records[2][VSOCKHDR_RECORD_HDRS_LEN];

static void make_records(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct vsockhdr_record rec;

		rec.hdr = (struct vsockhdr) {
			.src_cid = 3 + i,
			.dst_cid = 2,
			.src_port = 1024,
			.dst_port = 1234,
			.type = VSOCKHDR_TYPE_STREAM,
			.op = VSOCKHDR_OP_CREDIT_UPDATE,
			.buf_alloc = 262144,
		};
		vsockhdr_mon_from_hdr(&rec.mon, &rec.hdr);
		vsockhdr_record_encode(records[i], sizeof(records[i]), &rec);
	}
}

static uint64_t decode_record(uint32_t i)
{
	struct vsockhdr_record rec;

	vsockhdr_record_decode(&rec, records[i & 1], sizeof(records[0]),
			       sizeof(records[0]));
	return rec.hdr.src_cid;
}

static uint64_t encode_record(uint32_t i)
{
	struct vsockhdr_record rec;
	uint8_t wire[VSOCKHDR_RECORD_HDRS_LEN];

	vsockhdr_record_decode(&rec, records[i & 1], sizeof(records[0]),
			       sizeof(records[0]));
	vsockhdr_record_encode(wire, sizeof(wire), &rec);
	return wire[0];
}

static uint64_t parse_tx(uint32_t i)
{
	uint8_t *hdr = records[i & 1] + VSOCKHDR_MON_LEN;
	const struct iovec iov[] = { { hdr, 10 }, { hdr + 10, VSOCKHDR_HDR_LEN - 10 } };
	const struct vsockhdr_chain chain = { iov, 2, 0 };
	struct vsockhdr_packet pkt;

	if (vsockhdr_tx_parse(&pkt, &chain, VSOCKHDR_MAX_PAYLOAD))
		return 0;
	return pkt.hdr.src_cid;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t (*run)(uint32_t i);
	} operations[] = {
		{ "decode", decode_record },
		{ "decode+encode", encode_record },
		{ "tx", parse_tx },
	};
	uint64_t sum = 0;
	uint32_t count;

	if (argc != 3) {
		fputs("usage: codecbench decode|decode+encode|tx COUNT\n", stderr);
		return 2;
	}
	count = (uint32_t)strtoul(argv[2], NULL, 10);
	make_records();
	for (size_t k = 0; k < sizeof(operations) / sizeof(operations[0]); k++) {
		if (strcmp(argv[1], operations[k].name) != 0)
			continue;
		for (uint32_t i = 0; i < count; i++)
			sum += operations[k].run(i);
		printf("%llu\n", (unsigned long long)sum);
		return 0;
	}
	return 2;
}
