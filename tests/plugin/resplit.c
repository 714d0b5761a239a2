/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Cuts the payload of a capture anew: "resplit IN OUT FIRST REST" makes of each RW packet
 * a first piece of FIRST bytes and others of REST bytes, with EOM and EOR on the last;
 * 0 stands for all that there is. What is said stays the same, and so must what a
 * dissector makes of it.
 *
 * Packets of one end that follow each other are one, so that the old cuts are gone.
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#define MAX_HEADERS 256
#define MAX_PAYLOAD (1 << 20)

/**
 * struct pending - Bytes of one end that are not written yet
 * @header:	The last packet's record header
 * @rec:	The last packet
 * @headers:	The last packet's headers
 * @data:	Bytes
 * @len:	How many; 0: nothing is pending
 */
struct pending {
	struct pcap_pkthdr header;
	struct vsockhdr_record rec;
	uint8_t headers[MAX_HEADERS];
	uint8_t data[MAX_PAYLOAD];
	size_t len;
};

static struct pending pending;

static void die(const char *what)
{
	fprintf(stderr, "resplit: %s\n", what);
	exit(1);
}

static void write_piece(pcap_dumper_t *out, size_t offset, size_t len)
{
	static uint8_t data[MAX_HEADERS + MAX_PAYLOAD];
	struct vsockhdr_record rec = pending.rec;
	struct pcap_pkthdr header = pending.header;
	size_t headers = rec.payload_offset;

	rec.hdr.len = (uint32_t)len;
	if (offset + len < pending.len)
		rec.hdr.flags = 0;
	memcpy(data, pending.headers, headers);
	if (vsockhdr_record_encode(data, headers, &rec) < 0)
		die("a record that cannot be encoded");
	memcpy(data + headers, pending.data + offset, len);
	header.caplen = header.len = (uint32_t)(headers + len);
	pcap_dump((u_char *)out, &header, data);
}

static void flush(pcap_dumper_t *out, size_t first, size_t rest)
{
	size_t offset = 0;

	while (offset < pending.len) {
		size_t size = offset == 0 ? first : rest;
		size_t left = pending.len - offset;

		if (size == 0 || size > left)
			size = left;
		write_piece(out, offset, size);
		offset += size;
	}
	pending.len = 0;
}

static bool continues(const struct vsockhdr *hdr)
{
	const struct vsockhdr *last = &pending.rec.hdr;

	return pending.len > 0 && hdr->op == VSOCKHDR_OP_RW && last->flags == 0 &&
	       hdr->src_cid == last->src_cid && hdr->src_port == last->src_port &&
	       hdr->dst_cid == last->dst_cid && hdr->dst_port == last->dst_port;
}

static void append(const struct pcap_pkthdr *header, const struct vsockhdr_record *rec,
		   const u_char *data)
{
	if (rec->payload_offset > MAX_HEADERS ||
	    rec->payload_caplen > MAX_PAYLOAD - pending.len)
		die("a packet that is too large");
	pending.header = *header;
	pending.rec = *rec;
	memcpy(pending.headers, data, rec->payload_offset);
	memcpy(pending.data + pending.len, data + rec->payload_offset,
	       rec->payload_caplen);
	pending.len += rec->payload_caplen;
}

static void resplit(pcap_t *in, pcap_dumper_t *out, size_t first, size_t rest)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	while (pcap_next_ex(in, &header, &data) == 1) {
		struct vsockhdr_record rec;

		if (vsockhdr_record_decode(&rec, data, header->caplen, header->len) != 0)
			die("a record that cannot be decoded");
		if (!continues(&rec.hdr))
			flush(out, first, rest);
		if (rec.hdr.op == VSOCKHDR_OP_RW)
			append(header, &rec, data);
		else
			pcap_dump((u_char *)out, header, data);
	}
	flush(out, first, rest);
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_dumper_t *out;
	pcap_t *in;

	if (argc != 5)
		die("usage: resplit IN OUT FIRST REST");
	in = pcap_open_offline(argv[1], error);
	if (!in)
		die(error);
	out = pcap_dump_open(in, argv[2]);
	if (!out)
		die(pcap_geterr(in));
	resplit(in, out, strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
	pcap_dump_close(out);
	pcap_close(in);
	return 0;
}
