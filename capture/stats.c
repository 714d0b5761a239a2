/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Figures of the whole (--stats), or of what is wanted of it.
 */

#include <stdlib.h>

#include "duration.h"
#include "report.h"
#include "selection.h"

/* Numbers of ops and types that are counted one by one; others are "other" */
#define OPS   (VSOCKHDR_OP_CREDIT_REQUEST + 1)
#define TYPES (VSOCKHDR_TYPE_DGRAM + 1)

/* A line: one name and one figure, or two times */
#define LINE_RESERVE 256

/**
 * struct flow_counts - Connections
 * @flows:	How many
 * @setups:	By enum vsockhdr_setup
 * @closes:	By enum vsockhdr_close
 */
struct flow_counts {
	uint64_t flows;
	uint64_t setups[VSOCKHDR_SETUP_MIDSTREAM + 1];
	uint64_t closes[VSOCKHDR_CLOSE_REFUSED + 1];
};

/**
 * struct stats - The report
 * @report:	What others see of it
 * @view:	How it looks
 * @packets:	Packets
 * @bytes:	Payload bytes, as their headers say
 * @undecoded:	Packets without a virtio header
 * @ops:	Packets by op; the last for numbers that are no op
 * @types:	Packets by type; the last for numbers that are no type
 * @first_ns:	Earliest time stamp
 * @last_ns:	Latest
 * @gone:	Connections that the tracker has let go of
 * @all:	With those that are still there, while a report is made
 * @findings:	Findings, by enum vsockhdr_finding_id
 * @evicted:	Connections that the tracker forgot early
 */
struct stats {
	struct report report;
	struct view view;
	uint64_t packets;
	uint64_t bytes;
	uint64_t undecoded;
	uint64_t ops[OPS + 1];
	uint64_t types[TYPES + 1];
	int64_t first_ns;
	int64_t last_ns;
	struct flow_counts gone;
	struct flow_counts all;
	uint64_t findings[VSOCKHDR_FINDING_COUNT];
	uint64_t evicted;
};

static void on_packet(struct report *report, const struct packet *pkt,
		      const struct vsockhdr_told *told)
{
	struct stats *stats = (struct stats *)report;
	const struct vsockhdr *hdr = &pkt->rec.hdr;
	int64_t ns = packet_time_ns(pkt);

	(void)told;
	if (stats->packets == 0 || ns < stats->first_ns)
		stats->first_ns = ns;
	if (stats->packets == 0 || ns > stats->last_ns)
		stats->last_ns = ns;
	stats->packets++;
	if (!pkt->rec.has_hdr) {
		stats->undecoded++;
		return;
	}
	stats->ops[hdr->op < OPS ? hdr->op : OPS]++;
	stats->types[vsockhdr_type_name(hdr->type) ? hdr->type : TYPES]++;
	if (hdr->op == VSOCKHDR_OP_RW)
		stats->bytes += hdr->len;
}

static void count_flow(const struct stats *stats, struct flow_counts *counts,
		       const struct vsockhdr_flow *flow)
{
	if (!selection_wants_flow(stats->view.selection, flow))
		return;
	counts->flows++;
	counts->setups[flow->setup]++;
	counts->closes[flow->close]++;
}

static void on_flow(struct report *report, const struct vsockhdr_flow *flow)
{
	struct stats *stats = (struct stats *)report;

	count_flow(stats, &stats->gone, flow);
}

static void on_live_flow(void *context, const struct vsockhdr_flow *flow)
{
	struct stats *stats = context;

	count_flow(stats, &stats->all, flow);
}

static void on_finding(struct report *report, const struct vsockhdr_finding *finding)
{
	((struct stats *)report)->findings[finding->id]++;
}

/* So many a second; 0 where no time has passed */
static uint64_t rate(uint64_t count, int64_t ns)
{
	return ns > 0 ? (uint64_t)((double)count * NSEC_PER_SEC / (double)ns) : 0;
}

/* A line: a figure, and up to two words that say of what */
static void put_line(struct output *out, uint64_t value, const char *what,
		     const char *which)
{
	char *p = put_literal(output_reserve(out, LINE_RESERVE), "  ");

	p = put_string(put_literal(put_u64(p, value), " "), what);
	if (which)
		p = put_string(p, which);
	output_commit(out, put_literal(p, "\n"));
}

static void put_known(struct output *out, uint64_t value, const char *what,
		      const char *which)
{
	if (value > 0)
		put_line(out, value, what, which);
}

static void put_head(const struct stats *stats)
{
	struct timestamp date = { .style = TIMESTAMP_DATE };
	char *p = output_reserve(stats->view.out, LINE_RESERVE);
	int64_t ns = stats->last_ns - stats->first_ns;

	p = put_literal(put_u64(p, stats->packets), " packets, ");
	p = put_literal(put_u64(p, stats->bytes), " payload bytes");
	if (stats->packets > 0) {
		p = put_duration(put_literal(p, " in "), ns);
		p = put_timestamp_ns(put_literal(p, ", from "), &date, stats->first_ns);
		p = put_timestamp_ns(put_literal(p, "to "), &date, stats->last_ns) - 1;
	}
	if (ns > 0) {
		p = put_u64(put_literal(p, ": "), rate(stats->packets, ns));
		p = put_u64(put_literal(p, " packets/s, "), rate(stats->bytes, ns));
		p = put_literal(p, " bytes/s");
	}
	output_commit(stats->view.out, put_literal(p, "\n"));
}

static void put_flows(struct output *out, const struct stats *stats)
{
	const struct flow_counts *counts = &stats->all;
	char *p = put_u64(output_reserve(out, LINE_RESERVE), counts->flows);

	output_commit(out, put_literal(p, " connections\n"));
	for (int i = 0; i <= VSOCKHDR_SETUP_MIDSTREAM; i++)
		put_known(out, counts->setups[i], "setup ",
			  vsockhdr_setup_name((enum vsockhdr_setup)i));
	for (int i = 0; i <= VSOCKHDR_CLOSE_REFUSED; i++)
		put_known(out, counts->closes[i], "close ",
			  vsockhdr_close_name((enum vsockhdr_close)i));
	put_known(out, stats->evicted, "forgotten early, for want of room", NULL);
}

static void put_findings(struct output *out, const struct stats *stats)
{
	uint64_t total = 0;
	char *p;

	for (int id = 0; id < VSOCKHDR_FINDING_COUNT; id++)
		total += stats->findings[id];
	p = put_u64(output_reserve(out, LINE_RESERVE), total);
	output_commit(out, put_literal(p, " findings\n"));
	for (int id = 0; id < VSOCKHDR_FINDING_COUNT; id++)
		put_known(out, stats->findings[id],
			  vsockhdr_finding_info((enum vsockhdr_finding_id)id)->name,
			  NULL);
}

static void print_text(const struct stats *stats)
{
	struct output *out = stats->view.out;

	put_head(stats);
	for (int op = 0; op < OPS; op++)
		put_known(out, stats->ops[op], vsockhdr_op_name((uint16_t)op), NULL);
	put_known(out, stats->ops[OPS], "of an unknown op", NULL);
	for (int type = 0; type < TYPES; type++)
		put_known(out, stats->types[type], vsockhdr_type_name((uint16_t)type),
			  NULL);
	put_known(out, stats->types[TYPES], "of an unknown type", NULL);
	put_known(out, stats->undecoded, "without a virtio header", NULL);
	put_flows(out, stats);
	put_findings(out, stats);
	output_end_line(out);
}

static void add_known(struct json *json, const char *name, uint64_t value)
{
	if (value == 0)
		return;
	json_string(json, name);
	json_u64(json, value);
}

static void add_packets(struct json *json, const struct stats *stats)
{
	int64_t ns = stats->last_ns - stats->first_ns;

	json_key(json, "packets");
	json_u64(json, stats->packets);
	json_key(json, "bytes");
	json_u64(json, stats->bytes);
	json_key(json, "first_time");
	stats->packets > 0 ? json_time(json, stats->first_ns) : json_null(json);
	json_key(json, "last_time");
	stats->packets > 0 ? json_time(json, stats->last_ns) : json_null(json);
	json_key(json, "packets_per_second");
	json_u64(json, rate(stats->packets, ns));
	json_key(json, "bytes_per_second");
	json_u64(json, rate(stats->bytes, ns));
	json_key(json, "ops");
	json_open(json);
	for (int op = 0; op < OPS; op++)
		add_known(json, vsockhdr_op_name((uint16_t)op), stats->ops[op]);
	add_known(json, "other", stats->ops[OPS]);
	json_close(json);
	json_key(json, "types");
	json_open(json);
	for (int type = 0; type < TYPES; type++)
		add_known(json, vsockhdr_type_name((uint16_t)type), stats->types[type]);
	add_known(json, "other", stats->types[TYPES]);
	json_close(json);
	json_key(json, "undecoded");
	json_u64(json, stats->undecoded);
}

static void print_json(const struct stats *stats)
{
	const struct flow_counts *counts = &stats->all;
	struct json *json = stats->view.json;

	json_open(json);
	add_packets(json, stats);
	json_key(json, "flows");
	json_u64(json, counts->flows);
	json_key(json, "evicted");
	json_u64(json, stats->evicted);
	json_key(json, "setup");
	json_open(json);
	for (int i = 0; i <= VSOCKHDR_SETUP_MIDSTREAM; i++)
		add_known(json, vsockhdr_setup_name((enum vsockhdr_setup)i),
			  counts->setups[i]);
	json_close(json);
	json_key(json, "close");
	json_open(json);
	for (int i = 0; i <= VSOCKHDR_CLOSE_REFUSED; i++)
		add_known(json, vsockhdr_close_name((enum vsockhdr_close)i),
			  counts->closes[i]);
	json_close(json);
	json_key(json, "findings");
	json_open(json);
	for (int id = 0; id < VSOCKHDR_FINDING_COUNT; id++)
		add_known(json, vsockhdr_finding_info((enum vsockhdr_finding_id)id)->name,
			  stats->findings[id]);
	json_close(json);
	json_close(json);
	json_end_line(json);
}

static void print(struct report *report, const struct vsockhdr_tracker *tracker)
{
	struct stats *stats = (struct stats *)report;
	struct vsockhdr_tracker_stats known;

	vsockhdr_tracker_stats(tracker, &known);
	stats->evicted = known.evicted;
	stats->all = stats->gone;
	vsockhdr_tracker_walk(tracker, on_live_flow, stats);
	if (stats->view.json)
		print_json(stats);
	else
		print_text(stats);
}

static bool on_end(struct report *report, const struct vsockhdr_tracker *tracker)
{
	print(report, tracker);
	return true;
}

static void stats_free(struct report *report)
{
	free((struct stats *)report);
}

struct report *report_stats(const struct view *view)
{
	struct stats *stats = calloc(1, sizeof(*stats));

	if (!stats)
		return NULL;
	stats->view = *view;
	stats->report = (struct report) {
		.packet = on_packet,
		.finding = on_finding,
		.flow = on_flow,
		.interval = print,
		.end = on_end,
		.free = stats_free,
	};
	return &stats->report;
}
