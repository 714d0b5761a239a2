/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any packets to the tracker, as a small alphabet: a byte for the largest number of
 * flows, then steps of eight bytes each: ends, op, type, flags, len, buf_alloc, fwd_cnt,
 * time. What it says must make sense, whatever it is told.
 */

#include <vsockhdr/tracker.h>

#include "fuzz_packet.h"

#define STEP 8

/* Flows that an input can have: each step begins one at the most. */
#define MAX_STEPS 512

struct said {
	uint64_t frame;
	uint64_t findings;
	uint64_t flows;
	bool let_go[MAX_STEPS];
};

static void on_finding(void *context, const struct vsockhdr_finding *finding)
{
	struct said *said = context;
	char message[VSOCKHDR_MESSAGE_LEN];

	CHECK(finding->id < VSOCKHDR_FINDING_COUNT);
	CHECK(finding->severity <= vsockhdr_finding_info(finding->id)->severity);
	CHECK(finding->frame >= 1 && finding->frame <= said->frame);
	CHECK(finding->flow == VSOCKHDR_NO_FLOW || finding->flow < said->frame);
	CHECK(finding->figures <= VSOCKHDR_MAX_FIGURES);
	CHECK(!finding->capture_loss || finding->severity == VSOCKHDR_NOTE);
	CHECK(vsockhdr_finding_message(message, sizeof(message), finding) <
	      sizeof(message));
	said->findings++;
}

static void on_flow(void *context, const struct vsockhdr_flow *flow)
{
	struct said *said = context;

	CHECK(flow->number < MAX_STEPS && !said->let_go[flow->number]);
	CHECK(flow->first_frame <= flow->last_frame && flow->last_frame <= said->frame);
	CHECK(vsockhdr_setup_name(flow->setup) && vsockhdr_close_name(flow->close));
	CHECK(flow->end[0].packets + flow->end[1].packets > 0);
	CHECK(flow->end[0].stall_ns >= 0 && flow->end[1].stall_ns >= 0);
	said->let_go[flow->number] = true;
	said->flows++;
}

static void count_flow(void *context, const struct vsockhdr_flow *flow)
{
	uint64_t *next = context;

	CHECK(*next == 0 || flow->number >= *next);
	*next = flow->number + 1;
}

static int take_record(struct input *in, struct vsockhdr_record *rec, int64_t *time_ns,
		       uint64_t *lost)
{
	static const int errors[] = { VSOCKHDR_OK, VSOCKHDR_ERR_HDR_TRUNCATED,
				      VSOCKHDR_ERR_HDR_SNAPPED,
				      VSOCKHDR_ERR_MON_TRUNCATED };
	uint8_t more = take_headers(in, rec);
	int err = errors[more >> 4 & 3];
	uint8_t time;

	if (more & 8)
		rec->mon.op++;
	rec->has_mon = err != VSOCKHDR_ERR_MON_TRUNCATED;
	rec->has_hdr = rec->has_mon && !(more & 64 && err);
	rec->payload_wirelen = err ? 0 : rec->hdr.len + (more >> 7);
	time = take_byte(in);
	*time_ns += ((int64_t)time - 16) * (time < 200 ? 1000 : 100000000);
	*lost += take_byte(in) == 255;
	return err;
}

static void check_told(const struct vsockhdr_told *told,
		       const struct vsockhdr_tracker_stats *stats, uint64_t max_flows)
{
	CHECK(stats->live <= max_flows);
	CHECK(told->flow == VSOCKHDR_NO_FLOW || told->flow < stats->flows);
	if (told->flow == VSOCKHDR_NO_FLOW)
		CHECK(!told->credit_known && !told->ended);
	if (told->credit_known)
		CHECK(told->peer_free <= UINT64_C(1) << 32);
	CHECK(told->stall_ns == VSOCKHDR_NO_TIME || told->stall_ns >= 0);
}

static void check_end(const struct vsockhdr_tracker_stats *stats, const struct said *said)
{
	uint64_t setups = 0;
	uint64_t closes = 0;
	uint64_t findings = 0;

	for (size_t i = 0; i <= VSOCKHDR_SETUP_MIDSTREAM; i++)
		setups += stats->setups[i];
	for (size_t i = 0; i <= VSOCKHDR_CLOSE_REFUSED; i++)
		closes += stats->closes[i];
	for (size_t i = 0; i < VSOCKHDR_FINDING_COUNT; i++)
		findings += stats->findings[i];
	CHECK(stats->live == 0);
	CHECK(stats->records == said->frame);
	CHECK(said->flows == stats->flows);
	CHECK(setups == stats->flows && closes == stats->flows);
	CHECK(findings == said->findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct said said = { 0 };
	struct vsockhdr_tracker_options options = {
		.max_flows = 1 + take_byte(&in) % 8,
		.on_finding = on_finding,
		.on_flow = on_flow,
		.context = &said,
	};
	struct vsockhdr_tracker *tracker = vsockhdr_tracker_new(&options);
	struct vsockhdr_tracker_stats stats;
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = { .rec = &rec };
	struct vsockhdr_told told;
	uint64_t next = 0;

	CHECK(tracker);
	while (in.size >= STEP && seen.frame < MAX_STEPS) {
		seen.err = take_record(&in, &rec, &seen.time_ns, &seen.lost);
		said.frame = ++seen.frame;
		vsockhdr_tracker_feed(tracker, &seen, &told);
		vsockhdr_tracker_stats(tracker, &stats);
		check_told(&told, &stats, options.max_flows);
		if (rec.hdr.op == 15)
			vsockhdr_tracker_expire(tracker, seen.time_ns);
	}
	vsockhdr_tracker_walk(tracker, count_flow, &next);
	vsockhdr_tracker_finish(tracker);
	vsockhdr_tracker_stats(tracker, &stats);
	check_end(&stats, &said);
	vsockhdr_tracker_free(tracker);
	return 0;
}
