/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any text as a filter. The input is how many bytes of a packet are captured, how many
 * there were, how long the text is, the text, and the packet. A program that comes of it
 * must be valid, and give the answer that the evaluator gives.
 */

#include "filter.h"
#include "fuzz.h"

/* The names that the fuzzed build knows; those of the machine are not what is tested */
bool naming_find_cid(const struct naming *names, const char *name, uint64_t *cid)
{
	(void)names;
	*cid = 7;
	return strcmp(name, "my-vm") == 0;
}

bool naming_find_port(const struct naming *names, const char *name, uint32_t *port)
{
	(void)names;
	*port = 22;
	return strcmp(name, "ssh") == 0;
}

static bool ask_program(const struct filter *filter, const struct packet *pkt)
{
	const struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)pkt->caplen,
		.len = (bpf_u_int32)pkt->wirelen,
	};
	struct bpf_program program;
	bool verdict;

	CHECK(filter_compile(filter, &program));
	CHECK(bpf_validate(program.bf_insns, (int)program.bf_len));
	verdict = pcap_offline_filter(&program, &header, pkt->data) != 0;
	pcap_freecode(&program);
	return verdict;
}

static void fuzz_text(const char *text, enum filter_kind kind, const struct packet *pkt)
{
	struct story story = { .told.flow = VSOCKHDR_NO_FLOW };
	struct filter_subject subject = { .pkt = pkt, .story = &story };
	struct filter_error error;
	struct filter *filter =
		filter_parse(text, kind, (const struct naming *)&story, &error);

	if (!filter) {
		CHECK(error.text[0] != '\0' && error.length > 0);
		CHECK(error.offset <= strlen(text));
		return;
	}
	if (kind == FILTER_PACKET)
		CHECK(filter_matches(filter, &subject) == ask_program(filter, pkt));
	else
		filter_matches(filter, &subject);
	filter_keeps_connections(filter);
	filter_free(filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	size_t wirelen = take_byte(&in);
	size_t caplen = take_byte(&in);
	size_t length = take_byte(&in);
	struct packet pkt = { 0 };
	uint8_t *bytes;
	char *text;

	if (length > in.size)
		length = in.size;
	text = malloc(length + 1);
	CHECK(text);
	for (size_t i = 0; i < length; i++)
		text[i] = (char)take_byte(&in);
	text[length] = '\0';
	if (caplen > in.size)
		caplen = in.size;
	bytes = malloc(caplen + 1);
	CHECK(bytes);
	if (caplen > 0)
		memcpy(bytes, in.data, caplen);
	pkt.data = bytes;
	pkt.caplen = caplen;
	pkt.wirelen = wirelen > caplen ? wirelen : caplen;
	pkt.err = vsockhdr_record_decode(&pkt.rec, bytes, caplen, pkt.wirelen);
	fuzz_text(text, FILTER_PACKET, &pkt);
	fuzz_text(text, FILTER_WHERE, &pkt);
	free(bytes);
	free(text);
	return 0;
}
