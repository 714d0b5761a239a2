/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Writes a capture that no honest source would: mkhostile KIND [COUNT], on standard
 * output, so that it can be larger than any disk.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#define MAX_RECORD 262144
#define BUF_ALLOC  262144
#define PORTS      UINT64_C(0xffffff00)

/* 2023-11-14 */
#define BEGIN_SEC 1700000000

/* Block types of pcapng (draft-ietf-opsawg-pcapng, section 4) */
#define BLOCK_SECTION   0x0a0d0d0aU
#define BLOCK_INTERFACE 1U
#define BLOCK_PACKET    6U

static uint8_t bytes[MAX_RECORD];
static uint64_t usec;

static void put(const void *data, size_t size)
{
	/* Who reads has gone, as vsockdump does when it has enough. */
	if (fwrite(data, 1, size, stdout) != size)
		exit(1);
}

static void put32(uint32_t value)
{
	put(&value, sizeof(value));
}

static void put16(uint16_t value)
{
	put(&value, sizeof(value));
}

/* pcap: pcap-savefile(5) */

static void put_file_header(void)
{
	put32(0xa1b2c3d4);
	put16(2);
	put16(4);
	put32(0);
	put32(0);
	put32(MAX_RECORD);
	put32(VSOCKHDR_LINKTYPE);
}

static void put_record(uint32_t sec, uint32_t fraction, uint32_t caplen, uint32_t len)
{
	put32(sec);
	put32(fraction);
	put32(caplen);
	put32(len);
	put(bytes, caplen);
}

static void set_packet(const struct vsockhdr *hdr)
{
	struct vsockhdr_record rec = { .hdr = *hdr };

	vsockhdr_mon_from_hdr(&rec.mon, hdr);
	if (vsockhdr_record_encode(bytes, sizeof(bytes), &rec) != VSOCKHDR_OK)
		abort();
}

/* A packet, seven microseconds after the one before it */
static void put_packet(const struct vsockhdr *hdr, uint32_t payload)
{
	uint32_t size = VSOCKHDR_RECORD_HDRS_LEN + payload;

	set_packet(hdr);
	put_record((uint32_t)(BEGIN_SEC + usec / 1000000), (uint32_t)(usec % 1000000),
		   size, size);
	usec += 7;
}

static struct vsockhdr make_packet(uint64_t flow, uint16_t op)
{
	return (struct vsockhdr) {
		.src_cid = 3 + flow / PORTS,
		.dst_cid = VSOCKHDR_CID_HOST,
		.src_port = (uint32_t)(flow % PORTS),
		.dst_port = 1234,
		.type = VSOCKHDR_TYPE_STREAM,
		.op = op,
		.buf_alloc = BUF_ALLOC,
	};
}

/* So many connections of one REQUEST each */
static void write_requests(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct vsockhdr hdr = make_packet(i, VSOCKHDR_OP_REQUEST);

		put_packet(&hdr, 0);
	}
}

/* So many connections of one packet each, from their middle, of every op */
static void write_fragments(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct vsockhdr hdr = make_packet(i, (uint16_t)(2 + i % 6));

		put_packet(&hdr, 0);
	}
}

/* The same REQUEST again and again */
static void write_flood(uint64_t count)
{
	const struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_REQUEST);

	for (uint64_t i = 0; i < count; i++)
		put_packet(&hdr, 0);
}

/* A thousand connections that are opened, and then send and send */
static void write_endless(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t flow = i % 1000;
		bool first = i < 1000;
		struct vsockhdr hdr =
			make_packet(flow, first ? VSOCKHDR_OP_REQUEST : VSOCKHDR_OP_RW);

		hdr.len = first ? 0 : 8;
		put_packet(&hdr, hdr.len);
	}
}

/* Every field at its extremes, in packets that are good otherwise */
static void write_extremes(uint64_t count)
{
	static const uint64_t values[] = { 0,
					   1,
					   0x7f,
					   0x80,
					   0xff,
					   0x7fff,
					   0x8000,
					   0xffff,
					   0x7fffffff,
					   0x80000000,
					   0xffffffff,
					   INT64_MAX,
					   (uint64_t)INT64_MAX + 1,
					   UINT64_MAX };

	(void)count;
	for (uint16_t op = 0; op <= 8; op++) {
		for (size_t offset = 0; offset < VSOCKHDR_RECORD_HDRS_LEN; offset += 2) {
			for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
				struct vsockhdr hdr = make_packet(op, op);
				size_t room = VSOCKHDR_RECORD_HDRS_LEN - offset;

				set_packet(&hdr);
				/* Any field that begins here, and what is behind it */
				memcpy(bytes + offset, &values[i],
				       room < sizeof(values[i]) ? room
								: sizeof(values[i]));
				put_record(BEGIN_SEC, (uint32_t)(usec++ % 1000000),
					   VSOCKHDR_RECORD_HDRS_LEN,
					   VSOCKHDR_RECORD_HDRS_LEN);
			}
		}
	}
}

/* Records of no byte and of 256 KiB in turn */
static void write_sizes(uint64_t count)
{
	struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_RW);

	hdr.len = MAX_RECORD - VSOCKHDR_RECORD_HDRS_LEN;
	set_packet(&hdr);
	for (uint64_t i = 0; i < count; i++) {
		put_record(BEGIN_SEC, 1, 0, 0);
		put_record(BEGIN_SEC, 2, MAX_RECORD, MAX_RECORD);
	}
}

/* Time stamps at their extremes, back and forth */
static void write_times(uint64_t count)
{
	static const uint32_t values[] = { 0,          UINT32_MAX, BEGIN_SEC, 0x7fffffff,
					   0x80000000, 1,          999999,    1000000 };
	const struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_RW);
	size_t n = sizeof(values) / sizeof(values[0]);

	set_packet(&hdr);
	for (uint64_t i = 0; i < count; i++)
		put_record(values[i % n], values[i / n % n], VSOCKHDR_RECORD_HDRS_LEN,
			   VSOCKHDR_RECORD_HDRS_LEN);
}

/* More captured than there was */
static void write_caplen(uint64_t count)
{
	const struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_REQUEST);

	set_packet(&hdr);
	for (uint64_t i = 0; i < count; i++)
		put_record(BEGIN_SEC, (uint32_t)i % 1000000, VSOCKHDR_RECORD_HDRS_LEN,
			   (uint32_t)i % VSOCKHDR_RECORD_HDRS_LEN);
}

/* pcapng */

static void put_section(void)
{
	put32(BLOCK_SECTION);
	put32(28);
	put32(0x1a2b3c4d);
	put16(1);
	put16(0);
	put32(UINT32_MAX);
	put32(UINT32_MAX);
	put32(28);
}

static void put_interface(uint16_t linktype, uint8_t resolution)
{
	const uint8_t option[8] = { 9, 0, 1, 0, resolution };

	put32(BLOCK_INTERFACE);
	put32(32);
	put16(linktype);
	put16(0);
	put32(0);
	put(option, sizeof(option));
	put32(0);
	put32(32);
}

static void put_interface_packet(uint32_t interface, uint64_t time)
{
	put32(BLOCK_PACKET);
	put32(32 + VSOCKHDR_RECORD_HDRS_LEN);
	put32(interface);
	put32((uint32_t)(time >> 32));
	put32((uint32_t)time);
	put32(VSOCKHDR_RECORD_HDRS_LEN);
	put32(VSOCKHDR_RECORD_HDRS_LEN);
	put(bytes, VSOCKHDR_RECORD_HDRS_LEN);
	put32(32 + VSOCKHDR_RECORD_HDRS_LEN);
}

/* Interfaces whose clocks tick from once a second to 10^19 times, and in powers of two
 * up to 2^63, and a packet of each that says that ten ticks have passed */
static void write_interfaces(uint64_t count)
{
	const struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_REQUEST);

	put_section();
	for (uint64_t i = 0; i < count; i++)
		put_interface(VSOCKHDR_LINKTYPE,
			      (uint8_t)(i % 2 ? 0x80 | i % 64 : i / 2 % 20));
	set_packet(&hdr);
	for (uint64_t i = 0; i < count; i++)
		put_interface_packet((uint32_t)i, 10);
}

/* Interfaces of every link type, one of them vsockmon's, and a packet of that one */
static void write_mixed(uint64_t count)
{
	const struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_REQUEST);

	put_section();
	for (uint64_t i = 0; i < count; i++)
		put_interface((uint16_t)(VSOCKHDR_LINKTYPE + i), 6);
	set_packet(&hdr);
	put_interface_packet(0, BEGIN_SEC * UINT64_C(1000000));
}

/* A good section, and then a block that claims to have so many bytes */
static void write_block(uint64_t count)
{
	const struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_REQUEST);

	put_section();
	put_interface(VSOCKHDR_LINKTYPE, 6);
	set_packet(&hdr);
	put_interface_packet(0, BEGIN_SEC * UINT64_C(1000000));
	put32(BLOCK_PACKET);
	put32((uint32_t)count);
	put(bytes, 64);
}

/* A good packet, and then so many small ones that no interface sent */
static void write_blocks(uint64_t count)
{
	const struct vsockhdr hdr = make_packet(0, VSOCKHDR_OP_REQUEST);

	put_section();
	put_interface(VSOCKHDR_LINKTYPE, 6);
	set_packet(&hdr);
	put_interface_packet(0, BEGIN_SEC * UINT64_C(1000000));
	for (uint64_t i = 0; i < count; i++) {
		put32(0x0bad);
		put32(12);
		put32(12);
	}
}

static const struct kind {
	const char *name;
	bool pcapng;
	void (*write)(uint64_t count);
} kinds[] = {
	{ "requests", false, write_requests },    { "fragments", false, write_fragments },
	{ "flood", false, write_flood },          { "endless", false, write_endless },
	{ "extremes", false, write_extremes },    { "sizes", false, write_sizes },
	{ "times", false, write_times },          { "caplen", false, write_caplen },
	{ "interfaces", true, write_interfaces }, { "mixed", true, write_mixed },
	{ "block", true, write_block },           { "blocks", true, write_blocks },
};

int main(int argc, char **argv)
{
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 100;

	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		if (!kinds[i].pcapng)
			put_file_header();
		kinds[i].write(count);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	fputs("usage: mkhostile KIND [COUNT]\n", stderr);
	return 2;
}
