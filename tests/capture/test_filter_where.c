/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The words of --where: of packets, connections and findings.
 */

#include "test_filter.h"

static void test_where_errors(void **state)
{
	(void)state;
	check_error("finding == credit.stal", FILTER_WHERE, 11, 11,
		    "unknown finding \"credit.stal\": did you mean credit.stall?");
	check_error("finding ~ nothing.*", FILTER_WHERE, 10, 9,
		    "no finding is called \"nothing.*\": --explain all lists them");
	check_error("setup == blocked", FILTER_WHERE, 9, 7,
		    "unknown setup \"blocked\": there are unanswered, accepted, refused, "
		    "aborted, midstream");
	check_error("stall > 10", FILTER_WHERE, 8, 2, "10 what: ns, us, ms or s?");
	check_error("stall > 10min", FILTER_WHERE, 8, 5,
		    "\"10min\" is not a duration, such as 10ms or 1.5s");
	check_error("flow + 1 == 3", FILTER_WHERE, 0, 4,
		    "flow has 64 bits: it can be compared with values, not calculated "
		    "with");
	check_error("flow", FILTER_WHERE, 0, 4,
		    "compare this with something, such as flow > 100");
	check_error("finding > credit.stall", FILTER_WHERE, 8, 1,
		    "findings can be compared with ==, != and ~");
	check_error("flow ~ 3", FILTER_WHERE, 5, 1, "only findings are compared by ~");
}

static bool asked(const char *text, const struct filter_subject *subject)
{
	struct filter *filter = must_parse(text, FILTER_WHERE);
	bool verdict = filter_matches(filter, subject);

	filter_free(filter);
	return verdict;
}

static void test_where_packet(void **state)
{
	struct story story = {
		.told = { .flow = 3,
			  .from = VSOCKHDR_SERVER,
			  .credit_known = true,
			  .peer_free = 100,
			  .in_flight = 7,
			  .peer_buf_alloc = 4096,
			  .setup_ns = 10500000,
			  .stall_ns = VSOCKHDR_NO_TIME,
			  .ended = true,
			  .close = VSOCKHDR_CLOSE_RESET_STATE,
			  .closed_by = { 3, 1024 } },
		.findings = { UINT64_C(1) << VSOCKHDR_CREDIT_STALL,
			      UINT64_C(1) << VSOCKHDR_CREDIT_STALL },
	};
	struct test_packet packet;
	struct filter_subject subject = { .pkt = &packet.pkt, .story = &story };

	(void)state;
	test_packet_make(&packet, &example);
	packet.pkt.frame = 12;
	assert_true(asked("flow 3 and frame == 12", &subject));
	assert_true(asked("flow {1, 2-4} and from server", &subject));
	assert_false(asked("flow != 3", &subject));
	assert_true(asked("op rw and peer_free < 4096 and in_flight 7", &subject));
	assert_true(asked("peer_buf_alloc == 4096", &subject));
	assert_true(asked("setup_time > 10ms and setup_time < 10.6ms", &subject));
	assert_true(asked("setup_time == 10500us", &subject));
	assert_false(asked("stall >= 0", &subject));
	assert_false(asked("stall < 1s", &subject));
	assert_true(asked("finding", &subject));
	assert_true(asked("finding ~ CREDIT.*", &subject));
	assert_true(asked("finding credit.stall or credit.overrun", &subject));
	assert_false(asked("finding credit.overrun", &subject));
	assert_true(asked("finding != credit.overrun", &subject));
	assert_true(asked("severity >= warning", &subject));
	assert_false(asked("severity violation", &subject));
	assert_false(asked("setup == refused", &subject));
	assert_true(asked("close == reset and closed_by server", &subject));
	assert_false(asked("client_bytes >= 0", &subject));
	subject.outcome_known = true;
	subject.setup = VSOCKHDR_SETUP_REFUSED;
	subject.close = VSOCKHDR_CLOSE_REFUSED;
	assert_true(asked("setup refused and close refused", &subject));
	story.told.flow = VSOCKHDR_NO_FLOW;
	assert_false(asked("flow >= 0", &subject));
	assert_false(asked("from {client, server}", &subject));
}

static void test_where_flow(void **state)
{
	struct vsockhdr_flow flow = {
		.number = 5,
		.address = { { 3, 1024 }, { 2, 22 } },
		.type = VSOCKHDR_TYPE_STREAM,
		.setup = VSOCKHDR_SETUP_ACCEPTED,
		.setup_ns = VSOCKHDR_NO_TIME,
		.close = VSOCKHDR_CLOSE_OPEN,
		.first_frame = 10,
		.last_frame = 20,
		.first_ns = 1000,
		.last_ns = 3000,
		.end = { { 4, 500, VSOCKHDR_UNKNOWN_NUMBER, 0 },
			 { 6, 70, 8, 2000000000 } },
	};
	struct filter_subject subject = { .flow = &flow };

	(void)state;
	flow.findings[VSOCKHDR_CREDIT_STALL] = 2;
	assert_true(asked("flow 5 and src cid 3 and dst host:22 and stream", &subject));
	assert_false(asked("dst cid 3", &subject));
	assert_true(
		asked("packets 10 and client_packets 4 and server_packets 6", &subject));
	assert_true(
		asked("bytes 570 and client_bytes 500 and server_bytes 70", &subject));
	assert_true(asked("min_free 8 and server_min_free 8", &subject));
	assert_false(asked("client_min_free >= 0", &subject));
	assert_true(asked("stall > 1s and server_stall 2s and client_stall 0", &subject));
	assert_true(asked("duration 2us", &subject));
	assert_true(asked("first_frame 10 and last_frame 20 and findings 2", &subject));
	assert_true(asked("finding ~ *stall", &subject));
	assert_false(asked("setup_time >= 0", &subject));
	assert_false(asked("closed_by client or server", &subject));
	assert_true(asked("setup accepted and close open", &subject));
	assert_false(asked("op rw or len >= 0 or wirelen >= 0", &subject));
	assert_false(asked("link[0] >= 0", &subject));
	assert_false(asked("frame >= 0", &subject));
}

static void test_where_finding(void **state)
{
	struct vsockhdr_finding finding = {
		.id = VSOCKHDR_CREDIT_OVERRUN,
		.severity = VSOCKHDR_NOTE,
		.frame = 9,
		.flow = VSOCKHDR_NO_FLOW,
		.src = { 3, 1024 },
		.dst = { 2, 22 },
		.has_addresses = true,
		.fault = { 3, 1024 },
		.has_fault = true,
	};
	struct filter_subject subject = { .finding = &finding };

	(void)state;
	assert_true(asked("finding credit.overrun and frame 9", &subject));
	assert_true(asked("severity note and src 3:1024", &subject));
	assert_true(asked("fault_cid 3 and fault_port 1024", &subject));
	assert_false(asked("flow >= 0", &subject));
	assert_false(asked("type >= 0", &subject));
	finding.has_addresses = false;
	assert_false(asked("cid >= 0", &subject));
	assert_false(asked("cid != 3", &subject));
}

static void test_where_has_no_program(void **state)
{
	struct filter *filter = must_parse("op rw and flow 3", FILTER_WHERE);
	struct bpf_program program;

	(void)state;
	assert_false(filter_compile(filter, &program));
	filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_errors),
		cmocka_unit_test(test_where_packet),
		cmocka_unit_test(test_where_flow),
		cmocka_unit_test(test_where_finding),
		cmocka_unit_test(test_where_has_no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
