/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Writes a capture of made-up but correct traffic, the same for the same arguments.
 *
 * Theory of operation: every connection is set up, sends payload one way within its
 * credit, gets CREDIT_UPDATEs as the receiver takes the payload, is shut down and
 * reset. A limited number is alive at a time; which of them is next is drawn from a
 * seeded generator, so that flows interleave as on a busy host. Each connection has
 * the same share of the records.
 */

#include <getopt.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#define BUF_ALLOC   262144
#define SERVER_PORT 1234
#define FIRST_PORT  1024
#define FIRST_CID   3
#define PORTS_A_CID 60000
#define LIVE        1000
#define MAX_LIVE    (1 << 24)
/* REQUEST, RESPONSE, one RW, SHUTDOWN, RST */
#define MIN_A_FLOW   5
#define USEC_BETWEEN 7

/** struct flow - A live connection: @step packets of it have been written */
struct flow {
	uint64_t number;
	uint64_t step;
	uint32_t tx_cnt;
	uint32_t fwd_cnt;
};

/**
 * struct generator - What is being written
 * @records:	How many records, about: whole connections
 * @flows:	Of how many connections
 * @max_live:	How many of them are alive at a time
 * @payload:	Bytes of an RW packet
 * @random:	State of the random numbers
 * @written:	Records so far
 * @dumper:	Where to
 */
struct generator {
	uint64_t records;
	uint64_t flows;
	size_t max_live;
	uint32_t payload;
	uint64_t random;
	uint64_t written;
	pcap_dumper_t *dumper;
	uint8_t record[VSOCKHDR_RECORD_HDRS_LEN + VSOCKHDR_MAX_PAYLOAD];
};

/* xorshift64*: small, good enough to pick flows with */
static uint64_t draw(struct generator *gen)
{
	gen->random ^= gen->random >> 12;
	gen->random ^= gen->random << 25;
	gen->random ^= gen->random >> 27;
	return gen->random * UINT64_C(2685821657736338717);
}

static void write_packet(struct generator *gen, const struct flow *flow, uint16_t op,
			 bool from_client, uint32_t flags)
{
	uint64_t cid = FIRST_CID + flow->number / PORTS_A_CID;
	uint32_t port = (uint32_t)(FIRST_PORT + flow->number % PORTS_A_CID);
	uint64_t usec = gen->written * USEC_BETWEEN;
	struct vsockhdr_record rec;
	struct pcap_pkthdr header;

	rec.hdr = (struct vsockhdr) {
		.src_cid = from_client ? cid : VSOCKHDR_CID_HOST,
		.dst_cid = from_client ? VSOCKHDR_CID_HOST : cid,
		.src_port = from_client ? port : SERVER_PORT,
		.dst_port = from_client ? SERVER_PORT : port,
		.len = op == VSOCKHDR_OP_RW ? gen->payload : 0,
		.type = VSOCKHDR_TYPE_STREAM,
		.op = op,
		.flags = flags,
		.buf_alloc = BUF_ALLOC,
		.fwd_cnt = from_client ? 0 : flow->fwd_cnt,
	};
	vsockhdr_mon_from_hdr(&rec.mon, &rec.hdr);
	vsockhdr_record_encode(gen->record, sizeof(gen->record), &rec);
	header = (struct pcap_pkthdr) {
		.ts = { .tv_sec = (time_t)(1700000000 + usec / 1000000),
			.tv_usec = (suseconds_t)(usec % 1000000) },
		.caplen = VSOCKHDR_RECORD_HDRS_LEN + rec.hdr.len,
		.len = VSOCKHDR_RECORD_HDRS_LEN + rec.hdr.len,
	};
	pcap_dump((u_char *)gen->dumper, &header, gen->record);
	gen->written++;
}

/* Write the next packet of a connection that has share of them. Return: it goes on */
static bool advance(struct generator *gen, struct flow *flow, uint64_t share)
{
	uint32_t in_flight = flow->tx_cnt - flow->fwd_cnt;
	uint64_t left = share - flow->step;

	flow->step++;
	if (flow->step == 1) {
		write_packet(gen, flow, VSOCKHDR_OP_REQUEST, true, 0);
	} else if (flow->step == 2) {
		write_packet(gen, flow, VSOCKHDR_OP_RESPONSE, false, 0);
	} else if (left == 2) {
		write_packet(gen, flow, VSOCKHDR_OP_SHUTDOWN, true,
			     VSOCKHDR_SHUTDOWN_RECEIVE | VSOCKHDR_SHUTDOWN_SEND);
	} else if (left == 1) {
		flow->fwd_cnt = flow->tx_cnt;
		write_packet(gen, flow, VSOCKHDR_OP_RST, false, 0);
	} else if (in_flight > BUF_ALLOC - gen->payload) {
		flow->fwd_cnt = flow->tx_cnt;
		write_packet(gen, flow, VSOCKHDR_OP_CREDIT_UPDATE, false, 0);
	} else {
		flow->tx_cnt += gen->payload;
		write_packet(gen, flow, VSOCKHDR_OP_RW, true, 0);
	}
	return flow->step < share;
}

static void generate(struct generator *gen)
{
	struct flow *live = calloc(gen->max_live, sizeof(*live));
	uint64_t share = gen->records / gen->flows;
	uint64_t begun = 0;
	size_t count = 0;

	if (!live) {
		perror("vsockgen");
		exit(1);
	}
	if (share < MIN_A_FLOW)
		share = MIN_A_FLOW;
	for (;;) {
		size_t i;

		while (count < gen->max_live && begun < gen->flows)
			live[count++] = (struct flow) { .number = begun++ };
		if (count == 0)
			break;
		i = (size_t)(draw(gen) % count);
		if (!advance(gen, &live[i], share))
			live[i] = live[--count];
	}
	free(live);
}

static uint64_t number(const char *text, uint64_t max)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value == 0 || value > max) {
		fprintf(stderr, "vsockgen: not a number from 1 to %" PRIu64 ": %s\n", max,
			text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static struct generator gen;
	pcap_t *pcap;
	int letter;

	gen.records = 1000;
	gen.flows = 1;
	gen.max_live = LIVE;
	gen.payload = 64;
	gen.random = 1;
	while ((letter = getopt(argc, argv, "n:f:l:p:s:")) != -1) {
		if (letter == 'n')
			gen.records = number(optarg, UINT32_MAX);
		else if (letter == 'f')
			gen.flows = number(optarg, UINT32_MAX);
		else if (letter == 'l')
			gen.max_live = (size_t)number(optarg, MAX_LIVE);
		else if (letter == 'p')
			gen.payload = (uint32_t)number(optarg, VSOCKHDR_MAX_PAYLOAD);
		else if (letter == 's')
			gen.random = number(optarg, UINT64_MAX);
		else
			return 2;
	}
	if (optind != argc - 1) {
		fputs("usage: vsockgen [-n records] [-f flows] [-l live flows] [-p payload] "
		      "[-s seed] FILE\n",
		      stderr);
		return 2;
	}
	for (size_t i = 0; i < VSOCKHDR_MAX_PAYLOAD; i++)
		gen.record[VSOCKHDR_RECORD_HDRS_LEN + i] = (uint8_t)('a' + i % 26);
	pcap = pcap_open_dead(DLT_VSOCK, 262144);
	gen.dumper = pcap_dump_open(pcap, argv[optind]);
	if (!gen.dumper) {
		fprintf(stderr, "vsockgen: %s\n", pcap_geterr(pcap));
		return 1;
	}
	generate(&gen);
	if (pcap_dump_flush(gen.dumper) != 0) {
		perror("vsockgen");
		return 1;
	}
	pcap_dump_close(gen.dumper);
	pcap_close(pcap);
	return 0;
}
