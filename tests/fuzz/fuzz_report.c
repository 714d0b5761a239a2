/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any packets through vsockdump: the tracker's alphabet, written as a capture that is
 * well formed. A byte for how they are shown, then steps of eight bytes each: ends, op
 * and type, flags and what is wrong, len, buf_alloc, fwd_cnt, time, bytes captured. The
 * bytes of a connection (--follow) must be those that were sent.
 */

#include <inttypes.h>
#include <stdbool.h>

#include "fuzz_dump.h"
#include "fuzz_packet.h"

#define STEP      8
#define MAX_STEPS 256

/* Payload that is there at the most; more may be claimed */
#define MAX_PAYLOAD 40

struct file_header {
	uint32_t magic;
	uint16_t version_major;
	uint16_t version_minor;
	uint32_t zero[2];
	uint32_t snaplen;
	uint32_t linktype;
};

struct record_header {
	uint32_t sec;
	uint32_t nsec;
	uint32_t caplen;
	uint32_t len;
};

/**
 * struct capture - What is shown
 * @bytes:	A pcap file
 * @size:	Of it
 * @frames:	How many
 * @payload:	Captured bytes of payload, by frame
 * @time_ns:	Of the last frame
 */
struct capture {
	uint8_t bytes[sizeof(struct file_header) +
		      MAX_STEPS * (sizeof(struct record_header) +
				   VSOCKHDR_RECORD_HDRS_LEN + MAX_PAYLOAD)];
	size_t size;
	uint64_t frames;
	size_t payload[MAX_STEPS + 1];
	uint64_t time_ns;
};

static const struct way {
	const char *words;
	bool json;
} ways[] = {
	{ "-n -vvv -X", false },
	{ "--json", true },
	{ "--json --where finding~*", true },
	{ "--json --where not(close=open)", true },
	{ "--flows", false },
	{ "--flows --json", true },
	{ "--findings", false },
	{ "--findings --json", true },
	{ "--stats", false },
	{ "--stats --json", true },
	{ "--follow 0 --json", true },
	{ "--follow 1,client --json", true },
	{ "--limit connect=0.001,close=0.001 --findings --json", true },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void append(struct capture *capture, const void *bytes, size_t size)
{
	CHECK(size <= sizeof(capture->bytes) - capture->size);
	memcpy(capture->bytes + capture->size, bytes, size);
	capture->size += size;
}

/* A byte of payload tells its frame and its place. */
static uint8_t pattern(uint64_t frame, size_t i)
{
	return (uint8_t)(frame * 31 + i);
}

static void spoil(uint8_t *mon, uint8_t wrong)
{
	if (wrong & 8)
		vsockhdr_mon_set_op(mon, vsockhdr_mon_get_op(mon) + 1);
	if (wrong & 16)
		vsockhdr_mon_set_len(mon, VSOCKHDR_HDR_LEN - 1);
	if (wrong & 32)
		vsockhdr_mon_set_transport(mon, VSOCKHDR_TRANSPORT_NO_INFO);
}

static void add_packet(struct capture *capture, struct input *in)
{
	uint8_t bytes[VSOCKHDR_RECORD_HDRS_LEN + MAX_PAYLOAD];
	struct record_header header = { 0 };
	uint64_t frame = ++capture->frames;
	struct vsockhdr_record rec;
	uint8_t wrong;
	size_t size;
	uint8_t time;

	wrong = take_headers(in, &rec);
	CHECK(vsockhdr_record_encode(bytes, sizeof(bytes), &rec) == VSOCKHDR_OK);
	spoil(bytes, wrong);
	time = take_byte(in);
	capture->time_ns += (uint64_t)time * (time < 200 ? 1000 : 100000000);
	size = take_byte(in) % (sizeof(bytes) + 1);
	if (size > VSOCKHDR_RECORD_HDRS_LEN + (size_t)rec.hdr.len)
		size = VSOCKHDR_RECORD_HDRS_LEN + (size_t)rec.hdr.len;
	if (size > VSOCKHDR_RECORD_HDRS_LEN)
		capture->payload[frame] = size - VSOCKHDR_RECORD_HDRS_LEN;
	for (size_t i = 0; i < MAX_PAYLOAD; i++)
		bytes[VSOCKHDR_RECORD_HDRS_LEN + i] = pattern(frame, i);
	header.sec = (uint32_t)(capture->time_ns / 1000000000);
	header.nsec = (uint32_t)(capture->time_ns % 1000000000);
	header.caplen = (uint32_t)size;
	header.len = VSOCKHDR_RECORD_HDRS_LEN + rec.hdr.len;
	append(capture, &header, sizeof(header));
	append(capture, bytes, size);
}

static void make_capture(struct capture *capture, struct input *in)
{
	static const struct file_header header = {
		.magic = 0xa1b23c4d,
		.version_major = 2,
		.version_minor = 4,
		.snaplen = 262144,
		.linktype = VSOCKHDR_LINKTYPE,
	};

	memset(capture, 0, sizeof(*capture));
	append(capture, &header, sizeof(header));
	while (in->size >= STEP && capture->frames < MAX_STEPS)
		add_packet(capture, in);
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Each line's bytes are those of its frame, and no frame comes twice. */
static void check_followed(const struct capture *capture, const struct shown *shown)
{
	uint64_t last = 0;

	for (const char *line = shown->text; *line; line = strchr(line, '\n') + 1) {
		const char *number = strstr(line, "\"frame\":");
		const char *hex = strstr(line, "\"bytes\":\"");
		uint64_t frame;
		size_t i = 0;

		CHECK(number && hex);
		frame = strtoull(number + strlen("\"frame\":"), NULL, 10);
		CHECK(frame > last && frame <= capture->frames);
		last = frame;
		for (hex += strlen("\"bytes\":\""); *hex != '"'; hex += 2, i++)
			CHECK(digit(hex[0]) * 16 + digit(hex[1]) == pattern(frame, i));
		CHECK(i <= capture->payload[frame]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct capture capture;
	struct input in = { data, size };
	const struct way *way = &ways[take_byte(&in) % WAYS];
	struct shown shown;

	make_capture(&capture, &in);
	shown = dump_show(way->words, capture.bytes, capture.size, false);
	if (way->json)
		dump_check_json(&shown);
	else
		dump_check_text(&shown);
	if (strncmp(way->words, "--follow", strlen("--follow")) == 0)
		check_followed(&capture, &shown);
	else
		CHECK(shown.ok);
	free(shown.text);
	return 0;
}
