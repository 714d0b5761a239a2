/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The filter language: what is wrong and where, what each primitive means, precedence,
 * and the form of programs and reports.
 */

#include "test_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *text;
	size_t offset;
	size_t length;
	const char *message;
} errors[] = {
	{ "op requst and cid 3", 3, 6, "unknown op \"requst\": did you mean REQUEST?" },
	{ "op == requst", 6, 6, "unknown op \"requst\": did you mean REQUEST?" },
	{ "type datagram", 5, 8, "unknown type \"datagram\": did you mean dgram?" },
	{ "type 0.5", 5, 3, "unknown type \"0.5\": there are stream, seqpacket, dgram" },
	{ "3", 0, 1, "3 what: cid 3 or port 3?" },
	{ "cid 3 and not 0x7 == 7 or 5", 26, 1, "5 what: cid 5 or port 5?" },
	{ "len", 0, 3, "compare this with something, such as len > 100" },
	{ "cid", 0, 3, "compare this with something, such as cid > 100" },
	{ "cid 3 and", 9, 1, "a condition is missing at the end" },
	{ "and cid 3", 0, 3, "a condition is missing before this" },
	{ "cid 3 cid 4", 6, 3, "\"and\" or \"or\" is missing before this" },
	{ "(cid 3", 0, 1, "this parenthesis is never closed" },
	{ "cid 3)", 5, 1, "this parenthesis was never opened" },
	{ "(cid 3 cid 4)", 7, 3, "\"and\", \"or\" or ) is missing before this" },
	{ "cid {1, 2", 9, 1, "a comma or } is missing here" },
	{ "cid {}", 5, 1, "a CID is missing here" },
	{ "cid \"x", 4, 1, "the quotation mark is never closed" },
	{ "cid nobody", 4, 6, "no CID is called \"nobody\"" },
	{ "cid hots", 4, 4, "unknown CID \"hots\": did you mean host?" },
	{ "port http", 5, 4, "no port is called \"http\"" },
	{ "port 4294967296", 5, 10, "port goes up to 4294967295 only" },
	{ "cid 18446744073709551616", 4, 20, "cid goes up to 18446744073709551615 only" },
	{ "op 65536", 3, 5, "op goes up to 65535 only" },
	{ "port 022", 5, 3,
	  "numbers are decimal, or hexadecimal with 0x: they do not begin with 0" },
	{ "port 9-5", 5, 3, "the range begins behind its end" },
	{ "port == 5x", 8, 2, "\"5x\" is neither a number nor a name" },
	{ "cid == 5-9", 7, 3,
	  "a comparison takes one value; a range is written cid 5-9, or == { ... }" },
	{ "cid + 1 == 3", 0, 3,
	  "cid has 64 bits: it can be compared with values, not calculated with" },
	{ "len > 1 + cid", 10, 3,
	  "cid has 64 bits: it can be compared with values, not calculated with" },
	{ "len == 4294967296", 7, 10,
	  "this does not fit in 32 bits, as all calculations do" },
	{ "len / 0 == 1", 6, 1, "this divides by zero" },
	{ "len % (1 - 1) == 1", 6, 7, "this divides by zero" },
	{ "5 < len < 9", 8, 1, "comparisons are joined by \"and\"" },
	{ "(cid 3) > 5", 8, 1,
	  "what is before this is a condition: it cannot be compared" },
	{ "len > {1, 2}", 6, 1, "a set can be compared with == and != only" },
	{ "len + 1 == {1, 2}", 11, 1, "only a field can be compared with a set" },
	{ "link[0:3] == 1", 7, 1, "the size is 1, 2 or 4 bytes" },
	{ "link[0 == 1", 7, 2, "] is missing here: link[offset:size]" },
	{ "link == 1", 5, 2, "[ is missing here: link[offset:size]" },
	{ "link[0x80000000] == 1", 5, 10, "no record is so long" },
	{ "addr 3", 5, 1, "an address is CID:PORT, such as 3:1024 or host:*" },
	{ "src len > 3", 4, 3,
	  "cid, port, portrange, addr, a CID or an address is missing here" },
	{ "flags 3", 6, 1,
	  "flags have names here; for numbers, say flags == 3, or flags & 3 != 0" },
	{ "flags sned", 6, 4, "unknown flag \"sned\": did you mean SEND?" },
	{ "rst", 0, 3, "rst is the name of a CID, too: say \"op rst\" or \"cid rst\"" },
	{ "cdi 3", 0, 3, "unknown word \"cdi\": did you mean cid?" },
	{ "blubber", 0, 7, "unknown word \"blubber\"" },
	{ "flow == 3", 0, 4,
	  "flow is nothing that a packet has in it: use --where 'flow ...'" },
	{ "cid 3 ; cid 4", 6, 1, "this sign means nothing here" },
	{ "cid 3\nand op\nblah", 13, 4,
	  "unknown op \"blah\": there are INVALID, REQUEST, "
	  "RESPONSE, RST, SHUTDOWN, RW, CREDIT_UPDATE, "
	  "CREDIT_REQUEST" },
	{ "port (len > 5)", 5, 9, "values are missing here, such as (22 or 23)" },
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++)
		check_error(errors[i].text, FILTER_PACKET, errors[i].offset,
			    errors[i].length, errors[i].message);
}

static bool matches(const char *text, const struct test_packet *packet)
{
	struct filter *filter = must_parse(text, FILTER_PACKET);
	struct filter *where = must_parse(text, FILTER_WHERE);
	struct story story = { .told.flow = VSOCKHDR_NO_FLOW };
	struct filter_subject subject = { .pkt = &packet->pkt, .story = &story };
	bool verdict = filter_matches(filter, &subject);
	struct bpf_program program;

	assert_true(filter_compile(filter, &program));
	assert_true(bpf_validate(program.bf_insns, (int)program.bf_len));
	if (test_program_matches(&program, &packet->pkt) != verdict ||
	    filter_matches(where, &subject) != verdict)
		fail_msg("answers differ: %s", text);
	pcap_freecode(&program);
	filter_free(filter);
	filter_free(where);
	return verdict;
}

static const struct {
	const char *text;
	bool verdict;
} semantics[] = {
	{ "", true },
	{ " # a comment alone", true },
	{ "cid 3", true },
	{ "cid 2", true },
	{ "cid 4", false },
	{ "src cid 3", true },
	{ "dst cid 3", false },
	{ "src or dst cid 3", true },
	{ "src and dst cid 3", false },
	{ "src and dst cid 2-3", true },
	{ "CID HOST", true },
	{ "host", true },
	{ "src host", false },
	{ "dst host", true },
	{ "my-vm or web.lan", false },
	{ "cid \"my-vm\"", false },
	{ "cid any", false },
	{ "port 22", true },
	{ "port ssh", true },
	{ "port 23 or 22", true },
	{ "port (23 or 24)", false },
	{ "port (23 or ssh)", true },
	{ "port {1, 5-9, 20 - 30}", true },
	{ "portrange 1000-1100", true },
	{ "dst portrange 1000-1100", false },
	{ "src 3 and dst 2", true },
	{ "src 3:1024", true },
	{ "src 3:1025", false },
	{ "dst 3:1024", false },
	{ "3:1024", true },
	{ "3:22", false },
	{ "addr host:*", true },
	{ "addr *:ssh", true },
	{ "src addr *:ssh", false },
	{ "addr {3:1, host:22}", true },
	{ "addr 3:1000-2000", true },
	{ "op rw", true },
	{ "op {rst, rw}", true },
	{ "op request or rw", true },
	{ "op = 5", true },
	{ "op != rw", false },
	{ "rw", true },
	{ "credit-update or CREDIT_REQUEST", false },
	{ "seqpacket and rw", true },
	{ "stream", false },
	{ "type 2", true },
	{ "eom", true },
	{ "eor", false },
	{ "flags eom,eor", false },
	{ "flags {eom, eor}", true },
	{ "send", false },
	{ "flags & 1 != 0", true },
	{ "flags & 3 == 1", true },
	{ "flags & eom == eom", true },
	{ "transport virtio", true },
	{ "mon_op payload", true },
	{ "len 100", true },
	{ "greater 100", true },
	{ "greater 101", false },
	{ "less 100", true },
	{ "len > 99 and len < 101", true },
	{ "len-1 == 99", true },
	{ "99 < len", true },
	{ "len + 1 * 2 == 102", true },
	{ "(len + 1) * 2 == 202", true },
	{ "fwd_cnt + 32 == 16", true },
	{ "-1 == 0xffffffff", true },
	{ "len << 40 == 0", true },
	{ "buf_alloc >= 262144", true },
	{ "wirelen 76", true },
	{ "src port > dst port", true },
	{ "port > 1000", true },
	{ "port < 1000", true },
	{ "port != 22", false },
	{ "port != 23", true },
	{ "src and dst port > 100", false },
	{ "src port == dst port + 1002", true },
	{ "port == len - 78", true },
	{ "cid > 2", true },
	{ "2 < cid", true },
	{ "cid > 0x100000000", false },
	{ "cid != {3, 4}", false },
	{ "link[0] == 3", true },
	{ "link[16:2] = 0x0004", true },
	{ "rw or link[1000] == 1", true },
	{ "link[link[28] + 30:2] == 0", false },
	/* "and" and "or" bind equally tightly, from left to right. */
	{ "rw or op rst and op rst", false },
	{ "rw or (op rst and op rst)", true },
	{ "not stream and rw", true },
	{ "not not rw", true },
	{ "! (rw && seqpacket)", false },
};

static void test_semantics(void **state)
{
	struct test_packet packet;

	(void)state;
	test_packet_make(&packet, &example);
	for (size_t i = 0; i < COUNT(semantics); i++) {
		const char *text = semantics[i].text;

		if (matches(text, &packet) != semantics[i].verdict)
			fail_msg("wrong answer: %s", text);
	}
}

/* What is not there: a program ends, --where knows nothing of it. */
static void test_missing_bytes(void **state)
{
	static const char *const texts[] = { "link[1000] == 1 or op rw",
					     "len / (len - 100) == 0 or op rw" };
	struct story story = { .told.flow = VSOCKHDR_NO_FLOW };
	struct test_packet packet;
	struct filter_subject subject = { .pkt = &packet.pkt, .story = &story };

	(void)state;
	test_packet_make(&packet, &example);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct filter *filter = must_parse(texts[i], FILTER_PACKET);
		struct filter *where = must_parse(texts[i], FILTER_WHERE);

		assert_false(filter_matches(filter, &subject));
		assert_true(filter_matches(where, &subject));
		filter_free(filter);
		filter_free(where);
	}
}

static void test_without_virtio_header(void **state)
{
	struct test_packet packet;

	(void)state;
	test_packet_make(&packet, &example);
	vsockhdr_mon_set_transport(packet.bytes, VSOCKHDR_TRANSPORT_NO_INFO);
	vsockhdr_mon_set_src_cid(packet.bytes, 77);
	test_packet_decode(&packet);
	assert_true(matches("src cid 77", &packet));
	assert_false(matches("src cid 3", &packet));
	assert_false(matches("op rw", &packet));
	assert_false(matches("op != rw", &packet));
	assert_true(matches("not (op rw)", &packet));
	assert_false(matches("len >= 0", &packet));
	assert_false(matches("len == len", &packet));
	assert_true(matches("transport no_info and mon_op payload", &packet));
}

/* Headers that the snap length has cut */
static void test_snapped(void **state)
{
	struct test_packet packet;
	struct filter *filter = must_parse("cid 3 or wirelen > 0", FILTER_PACKET);
	struct filter *where = must_parse("cid 3", FILTER_WHERE);
	struct story story = { .told.flow = VSOCKHDR_NO_FLOW };
	struct filter_subject subject = { .pkt = &packet.pkt, .story = &story };

	(void)state;
	test_packet_make(&packet, &example);
	packet.pkt.caplen = 75;
	test_packet_decode(&packet);
	assert_false(filter_matches(filter, &subject));
	assert_true(filter_matches(where, &subject));
	assert_true(matches("wirelen 76", &packet));
	filter_free(filter);
	filter_free(where);
}

static void test_does_with_headers(void **state)
{
	static const struct {
		const char *text;
		bool does;
	} cases[] = {
		{ "", true },
		{ "src cid 3 and op rw and len > 60", true },
		{ "flags eom or wirelen > 3 or not port 22", true },
		{ "link[0] == 3", false },
		{ "cid 3 and not (op rw or link[80] != 0)", false },
		{ "link[link[2]:4] & 3 == len", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct filter *filter = must_parse(cases[i].text, FILTER_PACKET);

		assert_int_equal(filter_does_with_headers(filter), cases[i].does);
		filter_free(filter);
	}
}

static void test_keeps_connections(void **state)
{
	static const struct {
		const char *text;
		bool keeps;
	} cases[] = {
		{ "", true },
		{ "cid 3", true },
		{ "src cid 3", false },
		{ "src and dst cid 3", true },
		{ "src or dst cid 3", true },
		{ "addr 3:1024 and not port 22", true },
		{ "3:1024 or stream", true },
		{ "port > 5 and port != 7", true },
		{ "src port > 5", false },
		{ "port == len", false },
		{ "cid 3 and op rw", false },
		{ "host and type == seqpacket", true },
		{ "link[0] == 3", false },
		{ "wirelen > 3", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct filter *filter = must_parse(cases[i].text, FILTER_PACKET);

		if (filter_keeps_connections(filter) != cases[i].keeps)
			fail_msg("wrong: %s", cases[i].text);
		filter_free(filter);
	}
}

static void check_program(const char *text, unsigned int length)
{
	struct filter *filter = must_parse(text, FILTER_PACKET);
	struct bpf_program program;

	assert_true(filter_compile(filter, &program));
	if (program.bf_len != length)
		fail_msg("%u instructions: %s", program.bf_len, text);
	pcap_freecode(&program);
	filter_free(filter);
}

static void test_short_programs(void **state)
{
	(void)state;
	check_program("", 1);
	check_program("wirelen > 5", 4);
	check_program("op rw", 10);
	check_program("stream and op rst", 10);
	check_program("src cid 1 and op request", 14);
	check_program("len > 100", 14);
	check_program("flags & 3 != 0", 10);
}

/* Repeats a text, for free() */
static char *repeat(const char *before, const char *text, size_t count, const char *after)
{
	char *all = malloc(strlen(before) + strlen(text) * count + strlen(after) + 1);
	char *end;

	assert_non_null(all);
	end = stpcpy(all, before);
	for (size_t i = 0; i < count; i++)
		end = stpcpy(end, text);
	memcpy(end, after, strlen(after) + 1);
	return all;
}

static void check_refused(char *text, const char *message)
{
	struct filter_error error;

	assert_null(filter_parse(text, FILTER_PACKET, TEST_NAMES, &error));
	assert_string_equal(error.text, message);
	free(text);
}

static void test_bounds(void **state)
{
	char *text;

	(void)state;
	check_refused(repeat("", "(", 100000, ""), "this is nested too deep");
	check_refused(repeat("", "link[", 100000, ""), "this is nested too deep");
	check_refused(repeat("len > ", "-", 100000, "1"), "this is nested too deep");
	check_refused(repeat("len", "+len", 100000, "> 1"),
		      "this is too long: use sets, {1, 2}, or parentheses");
	check_refused(repeat("op rw", " and op rw or op rst", 100000, ""),
		      "an expression has at most 1048576 bytes");
	check_refused(repeat("op rw", " and op rw or op 3", 10000, ""),
		      "this is too long: use sets, {1, 2}, or parentheses");
	check_refused(repeat("", "len-(", 17, "link[len]))))))))))))))))) > link[len]"),
		      "this calculation has too many parentheses");
	text = repeat("", "not ", 100000, "wirelen > 5");
	check_program(text, 4);
	free(text);
	text = repeat("port 1", " or 7", 100000, "");
	filter_free(must_parse(text, FILTER_PACKET));
	free(text);
}

/* More jumps than a jump reaches over */
static void test_large_set(void **state)
{
	char *text = malloc(200000);
	struct test_packet packet;
	struct vsockhdr hdr = example;
	size_t length = 0;

	(void)state;
	assert_non_null(text);
	length += (size_t)sprintf(text, "port {1");
	for (unsigned int i = 0; i < 5000; i++)
		length += (size_t)sprintf(text + length, ",%u,%u-%u", i * 100 + 7,
					  i * 100 + 20, i * 100 + 29);
	(void)sprintf(text + length, "} or src cid 99");
	hdr.src_port = 0;
	for (unsigned int i = 0; i < 3; i++) {
		static const uint32_t ports[] = { 250007, 499925, 499930 };

		hdr.dst_port = ports[i];
		test_packet_make(&packet, &hdr);
		assert_int_equal(matches(text, &packet), i < 2);
	}
	free(text);
}

/* What filter_report() writes */
static void check_report(const char *text, size_t offset, size_t length,
			 const char *expected)
{
	struct filter_error error = { offset, length, "wrong" };
	char got[1024] = "";
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t count;

	assert_non_null(file);
	assert_true(saved >= 0);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	filter_report("filter", text, &error);
	(void)fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	rewind(file);
	count = fread(got, 1, sizeof(got) - 1, file);
	got[count] = '\0';
	fclose(file);
	assert_string_equal(got, expected);
}

static void test_report(void **state)
{
	char *text;

	(void)state;
	check_report("op requst and cid 3", 3, 6,
		     "vsockdump: filter: wrong\n"
		     "    op requst and cid 3\n"
		     "       ^~~~~~\n");
	check_report("cid 3 and", 9, 1,
		     "vsockdump: filter: wrong\n"
		     "    cid 3 and\n"
		     "             ^\n");
	check_report("cid 3\nand\top x\nor", 13, 1,
		     "vsockdump: filter: line 2: wrong\n"
		     "    and op x\n"
		     "           ^\n");
	check_report("\x1b[1m \xff \xc3\xa4 x", 10, 1,
		     "vsockdump: filter: wrong\n"
		     "    ?[1m ? \xc3\xa4 x\n"
		     "             ^\n");
	text = repeat("", "op rw or ", 50, "op x");
	check_report(text, 453, 1,
		     "vsockdump: filter: wrong\n"
		     "    ...op rw or op rw or op rw or op x\n"
		     "                                     ^\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_semantics),
		cmocka_unit_test(test_missing_bytes),
		cmocka_unit_test(test_without_virtio_header),
		cmocka_unit_test(test_snapped),
		cmocka_unit_test(test_does_with_headers),
		cmocka_unit_test(test_keeps_connections),
		cmocka_unit_test(test_short_programs),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_large_set),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
