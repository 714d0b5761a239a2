/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a caller must not do (vsockhdr/vsockhdr.h) ends the program where assertions are
 * compiled in: each mistake is made in a process of its own.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"

/* That a function ends its process with SIGABRT */
static void assert_aborts(void (*mistake)(void))
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* The message is not for who reads the test's. */
		(void)freopen("/dev/null", "w", stderr);
		signal(SIGABRT, SIG_DFL);
		mistake();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static struct vsockhdr hdr;
static struct vsockhdr_mon mon;
static struct vsockhdr_record rec;
static struct vsockhdr_event event;
static struct vsockhdr_addr addr;
static struct vsockhdr_packet pkt;
static struct sockaddr_vm *no_sockaddr;
static struct iovec iov[2];
static uint8_t wire[VSOCKHDR_RECORD_HDRS_LEN];
static char text[64];
static size_t count;

/* The compiler is not to see that it is none */
static void *volatile nothing;

/* clang-format off */
#define MISTAKE(name, call) static void name(void) { (void)(call); }
/* clang-format on */

MISTAKE(decode_no_bytes, vsockhdr_decode(&hdr, nothing, 44))
MISTAKE(decode_to_nowhere, vsockhdr_decode(nothing, wire, 44))
MISTAKE(decode_no_fragments, vsockhdr_decode_iov(&hdr, nothing, 1))
MISTAKE(encode_nothing, vsockhdr_encode(wire, 44, nothing))
MISTAKE(encode_nothing_iov, vsockhdr_encode_iov(iov, 1, nothing))
MISTAKE(encode_to_nowhere, vsockhdr_encode(nothing, 44, &hdr))
MISTAKE(event_no_bytes, vsockhdr_event_decode(&event, nothing, 4))
MISTAKE(event_nothing, vsockhdr_event_encode(wire, 4, nothing))
MISTAKE(event_nothing_iov, vsockhdr_event_encode_iov(iov, 1, nothing))
MISTAKE(mon_no_bytes, vsockhdr_mon_decode(&mon, nothing, 32))
MISTAKE(mon_nothing, vsockhdr_mon_encode(wire, 32, nothing))
MISTAKE(mon_from_nothing, (vsockhdr_mon_from_hdr(&mon, nothing), 0))
MISTAKE(record_no_bytes, vsockhdr_record_decode(&rec, nothing, 76, 76))
MISTAKE(record_to_nowhere, vsockhdr_record_decode_iov(nothing, iov, 1, 76))
MISTAKE(record_nothing, vsockhdr_record_encode(wire, 76, nothing))
MISTAKE(record_no_length, vsockhdr_record_hdrs_len(nothing))
MISTAKE(addr_nothing, vsockhdr_addr_format(text, sizeof(text), nothing))
MISTAKE(addr_nowhere, vsockhdr_addr_format(nothing, 10, &addr))
MISTAKE(addr_no_text, vsockhdr_addr_parse(&addr, nothing))
MISTAKE(addr_no_sockaddr, vsockhdr_addr_to_sockaddr(no_sockaddr, &addr))
MISTAKE(addr_from_nothing, vsockhdr_addr_from_sockaddr(&addr, nothing, 16))
MISTAKE(name_nothing, vsockhdr_op_parse(nothing, (uint16_t *)wire))
MISTAKE(finding_nothing, vsockhdr_finding_message(text, sizeof(text), nothing))
MISTAKE(chain_nothing, vsockhdr_tx_parse(&pkt, nothing, 10))
MISTAKE(chain_nowhere, vsockhdr_rx_parse(nothing, nothing, 10))
MISTAKE(packet_no_raw, vsockhdr_packet_set_raw(&pkt, nothing, 44))

/* A fragment that has bytes and no place */
static void fragment_nowhere(void)
{
	iov[0].iov_len = 44;
	vsockhdr_decode_iov(&hdr, iov, 1);
}

/* A packet that was not parsed, or whose parsing failed and nobody looked */
MISTAKE(packet_not_parsed, vsockhdr_packet_read(&pkt, 0, wire, 1))

static void make_packet(void)
{
	iov[0] = (struct iovec) { wire, sizeof(wire) };
	pkt = (struct vsockhdr_packet) {
		.iov = iov,
		.iovcnt = 1,
		.room = sizeof(wire) - VSOCKHDR_HDR_LEN,
		.writable = true,
	};
}

static void packet_with_more_room(void)
{
	make_packet();
	pkt.room++;
	vsockhdr_packet_write(&pkt, 0, text, sizeof(text));
}

static void packet_without_fragments(void)
{
	make_packet();
	pkt.iovcnt = 0;
	vsockhdr_rx_commit(&pkt, &count);
}

static void packet_read_to_nowhere(void)
{
	make_packet();
	vsockhdr_packet_read(&pkt, 0, nothing, 1);
}

static void packet_payload_to_nowhere(void)
{
	make_packet();
	count = 1;
	vsockhdr_packet_payload(&pkt, 0, 1, nothing, &count);
}

static void test_codec(void **state)
{
	static void (*const mistakes[])(void) = {
		decode_no_bytes,
		decode_to_nowhere,
		decode_no_fragments,
		encode_nothing,
		encode_nothing_iov,
		encode_to_nowhere,
		event_no_bytes,
		event_nothing,
		event_nothing_iov,
		mon_no_bytes,
		mon_nothing,
		mon_from_nothing,
		record_no_bytes,
		record_to_nowhere,
		record_nothing,
		record_no_length,
		addr_nothing,
		addr_nowhere,
		addr_no_text,
		addr_no_sockaddr,
		addr_from_nothing,
		name_nothing,
		finding_nothing,
		chain_nothing,
		chain_nowhere,
		packet_no_raw,
		fragment_nowhere,
		packet_not_parsed,
		packet_with_more_room,
		packet_without_fragments,
		packet_read_to_nowhere,
		packet_payload_to_nowhere,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		print_message("mistake %zu\n", i);
		assert_aborts(mistakes[i]);
	}
}

/* The tracker */

static struct vsockhdr_tracker *tracker;
static struct vsockhdr_tracker_stats stats;
static struct vsockhdr_told told;

static void make_tracker(const struct vsockhdr_tracker_options *options)
{
	tracker = vsockhdr_tracker_new(options);
	assert_non_null(tracker);
}

/* A REQUEST that nobody answers, and the end: a finding and a connection */
static void feed(uint64_t frame)
{
	struct vsockhdr_seen seen = { .frame = frame, .rec = &rec };

	vsockhdr_record_decode(&rec, example_record, EXAMPLE_RECORD_LEN,
			       EXAMPLE_RECORD_LEN);
	rec.hdr.op = VSOCKHDR_OP_REQUEST;
	vsockhdr_tracker_feed(tracker, &seen, &told);
}

static void stats_in_finding(void *context, const struct vsockhdr_finding *finding)
{
	(void)context;
	(void)finding;
	vsockhdr_tracker_stats(tracker, &stats);
}

static void feed_in_flow(void *context, const struct vsockhdr_flow *flow)
{
	(void)context;
	(void)flow;
	feed(2);
}

static void free_in_flow(void *context, const struct vsockhdr_flow *flow)
{
	(void)context;
	(void)flow;
	vsockhdr_tracker_free(tracker);
}

static void call_from_finding(void)
{
	make_tracker(
		&(struct vsockhdr_tracker_options) { .on_finding = stats_in_finding });
	feed(1);
	vsockhdr_tracker_finish(tracker);
}

static void call_from_flow(void)
{
	make_tracker(&(struct vsockhdr_tracker_options) { .on_flow = feed_in_flow });
	feed(1);
	vsockhdr_tracker_finish(tracker);
}

static void free_from_flow(void)
{
	make_tracker(&(struct vsockhdr_tracker_options) { .on_flow = free_in_flow });
	feed(1);
	vsockhdr_tracker_finish(tracker);
}

static void frame_again(void)
{
	make_tracker(&(struct vsockhdr_tracker_options) { 0 });
	feed(7);
	feed(7);
}

static void frame_zero(void)
{
	make_tracker(&(struct vsockhdr_tracker_options) { 0 });
	feed(0);
}

static void negative_limit(void)
{
	make_tracker(&(struct vsockhdr_tracker_options) { .stall_ns = -1 });
}

static void walk_with_nothing(void)
{
	make_tracker(&(struct vsockhdr_tracker_options) { 0 });
	vsockhdr_tracker_walk(tracker, NULL, NULL);
}

static void test_tracker(void **state)
{
	static void (*const mistakes[])(void) = { call_from_finding, call_from_flow,
						  free_from_flow,    frame_again,
						  frame_zero,        negative_limit,
						  walk_with_nothing };

	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		print_message("mistake %zu\n", i);
		assert_aborts(mistakes[i]);
	}
}

/* What is no mistake: nothing where nothing is to be read or written */
static void test_allowed(void **state)
{
	struct vsockhdr_tracker_options options = { 0 };

	(void)state;
	assert_int_equal(vsockhdr_decode(&hdr, NULL, 0), VSOCKHDR_ERR_HDR_TRUNCATED);
	assert_int_equal(vsockhdr_decode_iov(&hdr, NULL, 0), VSOCKHDR_ERR_HDR_TRUNCATED);
	assert_int_equal(vsockhdr_record_decode(&rec, NULL, 0, 76),
			 VSOCKHDR_ERR_MON_SNAPPED);
	assert_int_equal(vsockhdr_addr_format(NULL, 0, &addr), 3);
	vsockhdr_tracker_free(NULL);
	make_tracker(&options);
	feed(1);
	/* Numbers may be left out. */
	feed(1000);
	vsockhdr_tracker_finish(tracker);
	vsockhdr_tracker_free(tracker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codec),
		cmocka_unit_test(test_tracker),
		cmocka_unit_test(test_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
