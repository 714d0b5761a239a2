/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Random expressions against random packets: the compiled program, the evaluator, and a
 * third evaluator that knows neither of them must agree. The third one works on the
 * expression as it was thought up, before it became text, so that the parser is tested,
 * too. The kernel runs the programs as well, and calculations on link[...] are also given
 * to libpcap's own compiler.
 *
 * FILTER_ROUNDS and FILTER_SEED in the environment: how many expressions, from where on.
 */

#include "test_filter_truth.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_ROUNDS 20000
#define DEFAULT_SEED   1
/* Packets that each expression is asked about */
#define PACKETS 8

static void make_packet(struct test_packet *to)
{
	struct vsockhdr hdr = {
		.src_cid = value_of(CID),
		.dst_cid = value_of(CID),
		.src_port = (uint32_t)value_of(PORT),
		.dst_port = (uint32_t)value_of(PORT),
		.len = (uint32_t)value_of(LEN),
		.type = (uint16_t)value_of(TYPE),
		.op = (uint16_t)value_of(OP),
		.flags = (uint32_t)value_of(FLAGS),
		.buf_alloc = (uint32_t)value_of(BUF),
		.fwd_cnt = (uint32_t)value_of(FWD),
	};
	static const uint16_t lengths[] = { 0, 43, 44, 45, 0xff, 0x100, 0x12b, 0xffff };

	test_packet_make(to, &hdr);
	for (size_t i = 76; i < RECORD_MAX; i++)
		to->bytes[i] = (uint8_t)rnd();
	to->pkt.caplen = to->pkt.wirelen = one_in(2) ? 76 : 76 + below(RECORD_MAX - 76);
	if (one_in(4))
		vsockhdr_mon_set_src_cid(to->bytes, value_of(CID));
	if (one_in(4))
		vsockhdr_mon_set_dst_port(to->bytes, (uint32_t)value_of(PORT));
	if (one_in(4))
		vsockhdr_mon_set_transport(to->bytes, (uint16_t)value_of(OP));
	if (one_in(8))
		vsockhdr_mon_set_transport(to->bytes, (uint16_t)(2 + 256 * below(2)));
	if (one_in(4))
		vsockhdr_mon_set_len(to->bytes, lengths[below(COUNT(lengths))]);
	if (one_in(4))
		vsockhdr_mon_set_op(to->bytes, (uint16_t)value_of(OP));
	if (one_in(5))
		to->pkt.caplen = to->pkt.wirelen = below(RECORD_MAX + 1);
	if (one_in(5))
		to->pkt.caplen = below((unsigned int)to->pkt.wirelen + 1);
	test_packet_decode(to);
}

static void make_text(const struct node *node)
{
	text_length = 0;
	put_condition(node, false);
}

static void disagree(uint64_t seed, const struct test_packet *packet, bool program,
		     bool evaluator, bool third)
{
	(void)fprintf(stderr, "FILTER_SEED=%" PRIu64 " FILTER_ROUNDS=1\n%s\n", seed,
		      text);
	(void)fprintf(stderr, "program %d, evaluator %d, expected %d; caplen %zu of %zu:",
		      program, evaluator, third, packet->pkt.caplen, packet->pkt.wirelen);
	for (size_t i = 0; i < packet->pkt.caplen; i++)
		(void)fprintf(stderr, " %02x", packet->bytes[i]);
	(void)fprintf(stderr, "\n");
	fail();
}

static struct filter *parse(uint64_t seed)
{
	struct filter_error error;
	struct filter *filter = filter_parse(text, FILTER_PACKET, TEST_NAMES, &error);

	if (!filter) {
		(void)fprintf(stderr, "FILTER_SEED=%" PRIu64 " FILTER_ROUNDS=1\n", seed);
		filter_report("filter", text, &error);
		fail();
	}
	return filter;
}

/* Constant calculations that divide by zero are wrong to begin with. */
static bool divides_by_zero(const struct node *node)
{
	static const struct facts nothing;
	uint32_t value;

	if (!node)
		return false;
	if (node->kind == LINK && !asks(node->a, VIRTIO) && !asks(node->a, ADDRESS) &&
	    !asks(node->a, MON) && !asks(node->a, NEITHER) &&
	    number_of(&nothing, node->a, &value) == 1 && value > 0x7ffffff0)
		return true;
	if (node->kind == CALCULATE && node->sign >= 8 && !asks(node->b, VIRTIO) &&
	    !asks(node->b, ADDRESS) && !asks(node->b, MON) && !asks(node->b, NEITHER) &&
	    number_of(&nothing, node->b, &value) == 1 && value == 0)
		return true;
	return divides_by_zero(node->a) || divides_by_zero(node->b);
}

static const struct node *make_expression(int depth)
{
	const struct node *node;

	do {
		used = 0;
		node = make_condition(depth);
	} while (divides_by_zero(node));
	return node;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

/* A state that is never zero, different for neighbouring seeds */
static void seed_with(uint64_t seed)
{
	state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	for (int i = 0; i < 4; i++)
		rnd();
}

static size_t one_round(uint64_t seed)
{
	const struct node *node;
	struct bpf_program program;
	struct filter *filter;
	size_t matched = 0;

	seed_with(seed);
	links_only = false;
	node = make_expression(4);
	make_text(node);
	filter = parse(seed);
	assert_true(filter_compile(filter, &program));
	assert_true(bpf_validate(program.bf_insns, (int)program.bf_len));
	for (int i = 0; i < PACKETS; i++) {
		struct test_packet packet;
		struct filter_subject subject = { .pkt = &packet.pkt };
		bool verdict[3];

		make_packet(&packet);
		verdict[0] = test_program_matches(&program, &packet.pkt);
		verdict[1] = filter_matches(filter, &subject);
		verdict[2] = expected(&packet.pkt, node);
		if (verdict[0] != verdict[1] || verdict[1] != verdict[2])
			disagree(seed, &packet, verdict[0], verdict[1], verdict[2]);
		matched += verdict[0];
	}
	pcap_freecode(&program);
	filter_free(filter);
	return matched;
}

static void test_three_evaluators_agree(void **unused)
{
	uint64_t rounds = setting("FILTER_ROUNDS", DEFAULT_ROUNDS);
	uint64_t first = setting("FILTER_SEED", DEFAULT_SEED);
	size_t matched = 0;

	(void)unused;
	for (uint64_t seed = first; seed < first + rounds; seed++)
		matched += one_round(seed);
	/* Answers that are always the same would prove little. */
	if (rounds >= 1000) {
		assert_true(matched > rounds * PACKETS / 5);
		assert_true(matched < rounds * PACKETS * 4 / 5);
	}
}

/* What the kernel makes of a program: it runs before a datagram is queued. */
static bool kernel_matches(const int *pair, const struct packet *pkt)
{
	uint8_t byte;

	/* A datagram that is filtered out has been sent, all the same. */
	assert_int_equal(send(pair[0], pkt->data, pkt->caplen, 0), pkt->caplen);
	return recv(pair[1], &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0;
}

static void ask_kernel(uint64_t seed, const int *pair)
{
	struct bpf_program program;
	struct sock_fprog kernels;
	struct filter *filter;

	seed_with(seed);
	links_only = false;
	make_text(make_expression(4));
	filter = parse(seed);
	assert_true(filter_compile(filter, &program));
	kernels.len = (unsigned short)program.bf_len;
	kernels.filter = (struct sock_filter *)program.bf_insns;
	assert_in_range(program.bf_len, 1, 4096);
	if (setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &kernels, sizeof(kernels)))
		fail_msg("FILTER_SEED=%" PRIu64 " %s: %u instructions: %s", seed, text,
			 program.bf_len, strerror(errno));
	for (int i = 0; i < PACKETS; i++) {
		struct test_packet packet;
		bool verdict;

		make_packet(&packet);
		packet.pkt.wirelen = packet.pkt.caplen;
		verdict = kernel_matches(pair, &packet.pkt);
		if (verdict != test_program_matches(&program, &packet.pkt))
			disagree(seed, &packet, !verdict, !verdict, verdict);
	}
	pcap_freecode(&program);
	filter_free(filter);
}

static void test_kernel_agrees(void **unused)
{
	uint64_t rounds = setting("FILTER_ROUNDS", DEFAULT_ROUNDS) / 4;
	uint64_t first = setting("FILTER_SEED", DEFAULT_SEED);
	int pair[2];

	(void)unused;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	for (uint64_t seed = first; seed < first + rounds; seed++)
		ask_kernel(seed, pair);
	close(pair[0]);
	close(pair[1]);
}

static void test_libpcap_agrees(void **unused)
{
	uint64_t rounds = setting("FILTER_ROUNDS", DEFAULT_ROUNDS) / 4;
	uint64_t first = setting("FILTER_SEED", DEFAULT_SEED);
	pcap_t *pcap = pcap_open_dead(DLT_VSOCK, 65535);
	size_t compared = 0;

	(void)unused;
	assert_non_null(pcap);
	for (uint64_t seed = first; seed < first + rounds; seed++) {
		struct bpf_program ours;
		struct bpf_program theirs;
		struct filter *filter;

		seed_with(seed);
		links_only = true;
		make_text(make_expression(2));
		/* It refuses some that are not wrong, such as those that its optimiser
		 * finds to be always false. */
		if (pcap_compile(pcap, &theirs, text, 0, PCAP_NETMASK_UNKNOWN) != 0)
			continue;
		compared++;
		filter = parse(seed);
		assert_true(filter_compile(filter, &ours));
		for (int i = 0; i < PACKETS; i++) {
			struct test_packet packet;
			const struct pcap_pkthdr *header = &(struct pcap_pkthdr) { 0 };
			struct pcap_pkthdr lengths = *header;
			bool verdict;

			make_packet(&packet);
			lengths.caplen = (bpf_u_int32)packet.pkt.caplen;
			lengths.len = (bpf_u_int32)packet.pkt.wirelen;
			verdict = pcap_offline_filter(&theirs, &lengths, packet.bytes);
			if (verdict != test_program_matches(&ours, &packet.pkt))
				disagree(seed, &packet, !verdict, !verdict, verdict);
		}
		pcap_freecode(&ours);
		pcap_freecode(&theirs);
		filter_free(filter);
	}
	pcap_close(pcap);
	print_message("libpcap compiled %zu of %" PRIu64 "\n", compared, rounds);
	assert_true(rounds < 1000 || compared > rounds / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_evaluators_agree),
		cmocka_unit_test(test_kernel_agrees),
		cmocka_unit_test(test_libpcap_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
