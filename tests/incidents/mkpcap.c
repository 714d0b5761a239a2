/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Makes a capture from a script that a person can read and write.
 * usage: mkpcap SCRIPT PCAP
 *
 * A line is a packet:
 *	+0.000061 3:1024 > 2:1234 REQUEST buf_alloc=65536 fwd_cnt=0
 * The first word is the time since the packet before. OP may be a number. Then, in any
 * order, and each with what it is where it is not given:
 *	type=stream	a name or a number
 *	len=0		also that many payload bytes
 *	flags=0		names with commas between, such as RECEIVE,SEND, or a number
 *	buf_alloc=262144
 *	fwd_cnt=0
 *	repeat=1	so many equal packets, each so long after the one before
 * and to break the packet, each as a correct one would have it:
 *	mon_src, mon_dst, mon_op, transport, mon_len
 *			of the vsockmon header
 *	wirelen		bytes on the wire, both headers included
 *	caplen		bytes captured
 * "snaplen N" alone on a line cuts all packets that follow. # begins a comment line.
 */

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

/* 2026-01-01 00:00:00 UTC */
#define FIRST_SECOND 1767225600
#define USEC_A_SEC   UINT64_C(1000000)
#define MAX_RECORD   262144
#define SEPARATORS   " \t\n"

enum key {
	KEY_TYPE,
	KEY_LEN,
	KEY_FLAGS,
	KEY_BUF_ALLOC,
	KEY_FWD_CNT,
	KEY_REPEAT,
	KEY_MON_SRC,
	KEY_MON_DST,
	KEY_MON_OP,
	KEY_TRANSPORT,
	KEY_MON_LEN,
	KEY_WIRELEN,
	KEY_CAPLEN,
	KEY_COUNT
};

static const char *const keys[KEY_COUNT] = {
	[KEY_TYPE] = "type",       [KEY_LEN] = "len",
	[KEY_FLAGS] = "flags",     [KEY_BUF_ALLOC] = "buf_alloc",
	[KEY_FWD_CNT] = "fwd_cnt", [KEY_REPEAT] = "repeat",
	[KEY_MON_SRC] = "mon_src", [KEY_MON_DST] = "mon_dst",
	[KEY_MON_OP] = "mon_op",   [KEY_TRANSPORT] = "transport",
	[KEY_MON_LEN] = "mon_len", [KEY_WIRELEN] = "wirelen",
	[KEY_CAPLEN] = "caplen",
};

/**
 * struct script - Where a script stands
 * @name:	Its file's name
 * @line:	Line, from 1
 * @usec:	Time of the last packet, since FIRST_SECOND
 * @snaplen:	Bytes of a record that are captured
 * @dumper:	Where packets go
 */
struct script {
	const char *name;
	unsigned int line;
	uint64_t usec;
	uint64_t snaplen;
	pcap_dumper_t *dumper;
};

static _Noreturn void fail(const struct script *script, const char *what,
			   const char *text)
{
	fprintf(stderr, "%s:%u: %s: %s\n", script->name, script->line, what, text);
	exit(2);
}

static uint64_t number(const struct script *script, const char *text, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > max)
		fail(script, "not a number, or too large", text);
	return value;
}

/* The number of a name, or of a number */
static uint16_t named(const struct script *script, const char *text,
		      int (*parse)(const char *name, uint16_t *number))
{
	uint16_t value;

	if (parse(text, &value) == VSOCKHDR_OK)
		return value;
	return (uint16_t)number(script, text, UINT16_MAX);
}

static uint32_t flags_of(const struct script *script, char *text)
{
	uint32_t flags = 0;
	char *rest;

	if (text[0] >= '0' && text[0] <= '9')
		return (uint32_t)number(script, text, UINT32_MAX);
	for (text = strtok_r(text, ",", &rest); text; text = strtok_r(NULL, ",", &rest)) {
		uint32_t flag;
		uint16_t op;

		if (vsockhdr_flag_parse(text, &op, &flag) != VSOCKHDR_OK)
			fail(script, "no such flag", text);
		flags |= flag;
	}
	return flags;
}

static struct vsockhdr_addr address(const struct script *script, const char *text)
{
	struct vsockhdr_addr addr;

	if (!text || vsockhdr_addr_parse(&addr, text) != VSOCKHDR_OK)
		fail(script, "not an address", text ? text : "nothing");
	return addr;
}

/* Microseconds of "+SECONDS" or "+SECONDS.MICROSECONDS" */
static uint64_t interval(const struct script *script, char *text)
{
	char *point = strchr(text, '.');
	uint64_t usec = 0;

	if (point) {
		if (strlen(point + 1) != 6)
			fail(script, "not six digits after the point", text);
		/* The zeros in front would make the number octal */
		for (*point++ = '\0'; point[0] == '0' && point[1] != '\0';)
			point++;
		usec = number(script, point, USEC_A_SEC - 1);
	}
	if (text[0] != '+')
		fail(script, "not a time that begins with +", text);
	return number(script, text + 1, UINT32_MAX) * USEC_A_SEC + usec;
}

static uint64_t number_of(const struct script *script, char *const *values, enum key key,
			  uint64_t max, uint64_t otherwise)
{
	return values[key] ? number(script, values[key], max) : otherwise;
}

static void fill_hdr(const struct script *script, struct vsockhdr *hdr,
		     char *const *values)
{
	if (values[KEY_TYPE])
		hdr->type = named(script, values[KEY_TYPE], vsockhdr_type_parse);
	if (values[KEY_FLAGS])
		hdr->flags = flags_of(script, values[KEY_FLAGS]);
	hdr->len = (uint32_t)number_of(script, values, KEY_LEN, UINT32_MAX, 0);
	hdr->buf_alloc =
		(uint32_t)number_of(script, values, KEY_BUF_ALLOC, UINT32_MAX, 262144);
	hdr->fwd_cnt = (uint32_t)number_of(script, values, KEY_FWD_CNT, UINT32_MAX, 0);
}

static void break_mon(const struct script *script, struct vsockhdr_mon *mon,
		      char *const *values)
{
	struct vsockhdr_addr addr;

	if (values[KEY_MON_SRC]) {
		addr = address(script, values[KEY_MON_SRC]);
		mon->src_cid = addr.cid;
		mon->src_port = addr.port;
	}
	if (values[KEY_MON_DST]) {
		addr = address(script, values[KEY_MON_DST]);
		mon->dst_cid = addr.cid;
		mon->dst_port = addr.port;
	}
	if (values[KEY_MON_OP])
		mon->op = named(script, values[KEY_MON_OP], vsockhdr_mon_op_parse);
	if (values[KEY_TRANSPORT])
		mon->transport =
			named(script, values[KEY_TRANSPORT], vsockhdr_transport_parse);
	mon->len = (uint16_t)number_of(script, values, KEY_MON_LEN, UINT16_MAX, mon->len);
}

static void write_packets(struct script *script, uint64_t after,
			  const struct vsockhdr *hdr, char *const *values)
{
	static uint8_t record[MAX_RECORD];
	uint64_t wirelen = number_of(script, values, KEY_WIRELEN, MAX_RECORD,
				     VSOCKHDR_RECORD_HDRS_LEN + (uint64_t)hdr->len);
	uint64_t caplen =
		number_of(script, values, KEY_CAPLEN, wirelen,
			  wirelen < script->snaplen ? wirelen : script->snaplen);
	uint64_t repeat = number_of(script, values, KEY_REPEAT, UINT32_MAX, 1);
	struct vsockhdr_mon mon;

	vsockhdr_mon_from_hdr(&mon, hdr);
	break_mon(script, &mon, values);
	vsockhdr_mon_encode(record, sizeof(record), &mon);
	vsockhdr_encode(record + VSOCKHDR_MON_LEN, VSOCKHDR_HDR_LEN, hdr);
	for (size_t i = VSOCKHDR_RECORD_HDRS_LEN; i < MAX_RECORD; i++)
		record[i] = (uint8_t)('a' + (i - VSOCKHDR_RECORD_HDRS_LEN) % 26);
	for (; repeat > 0; repeat--) {
		struct pcap_pkthdr header = { .caplen = (uint32_t)caplen,
					      .len = (uint32_t)wirelen };

		script->usec += after;
		header.ts.tv_sec = (time_t)(FIRST_SECOND + script->usec / USEC_A_SEC);
		header.ts.tv_usec = (suseconds_t)(script->usec % USEC_A_SEC);
		pcap_dump((u_char *)script->dumper, &header, record);
	}
}

static void read_values(const struct script *script, char **values, char **rest)
{
	char *word;

	while ((word = strtok_r(NULL, SEPARATORS, rest)) != NULL) {
		char *value = strchr(word, '=');
		size_t key = 0;

		if (!value)
			fail(script, "not KEY=VALUE", word);
		*value++ = '\0';
		while (key < KEY_COUNT && strcmp(keys[key], word) != 0)
			key++;
		if (key == KEY_COUNT)
			fail(script, "no such key", word);
		values[key] = value;
	}
}

static void run_line(struct script *script, char *line)
{
	struct vsockhdr hdr = { .type = VSOCKHDR_TYPE_STREAM };
	char *values[KEY_COUNT] = { NULL };
	struct vsockhdr_addr addr;
	char *rest;
	char *first = strtok_r(line, SEPARATORS, &rest);
	const char *word;
	uint64_t after;

	if (!first || first[0] == '#')
		return;
	if (strcmp(first, "snaplen") == 0) {
		word = strtok_r(NULL, SEPARATORS, &rest);
		script->snaplen = number(script, word ? word : "", MAX_RECORD);
		return;
	}
	after = interval(script, first);
	addr = address(script, strtok_r(NULL, SEPARATORS, &rest));
	hdr.src_cid = addr.cid;
	hdr.src_port = addr.port;
	word = strtok_r(NULL, SEPARATORS, &rest);
	if (!word || strcmp(word, ">") != 0)
		fail(script, "not >", word ? word : "nothing");
	addr = address(script, strtok_r(NULL, SEPARATORS, &rest));
	hdr.dst_cid = addr.cid;
	hdr.dst_port = addr.port;
	word = strtok_r(NULL, SEPARATORS, &rest);
	hdr.op = named(script, word ? word : "", vsockhdr_op_parse);
	read_values(script, values, &rest);
	fill_hdr(script, &hdr, values);
	write_packets(script, after, &hdr, values);
}

int main(int argc, char **argv)
{
	struct script script = { .snaplen = MAX_RECORD };
	char line[1024];
	pcap_t *pcap;
	FILE *file;

	if (argc != 3) {
		fputs("usage: mkpcap SCRIPT PCAP\n", stderr);
		return 2;
	}
	script.name = argv[1];
	pcap = pcap_open_dead(DLT_VSOCK, MAX_RECORD);
	script.dumper = pcap_dump_open(pcap, argv[2]);
	if (!script.dumper) {
		fprintf(stderr, "mkpcap: %s\n", pcap_geterr(pcap));
		return 1;
	}
	file = fopen(argv[1], "r");
	if (!file) {
		perror(argv[1]);
		return 1;
	}
	while (fgets(line, sizeof(line), file)) {
		script.line++;
		run_line(&script, line);
	}
	fclose(file);
	if (pcap_dump_flush(script.dumper) != 0) {
		perror(argv[2]);
		return 1;
	}
	pcap_dump_close(script.dumper);
	pcap_close(pcap);
	return 0;
}
