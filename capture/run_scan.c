/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The first pass over files that can be read twice: what becomes known of a packet only
 * after it (track.h), and how its connection will end, for --where.
 */

#include "run.h"

/**
 * struct scan - A first pass
 * @run:	The run
 * @track:	A tracker of its own
 */
struct scan {
	struct run *run;
	struct track track;
};

static void on_packet(struct sink *sink, const struct pcap_pkthdr *header,
		      const u_char *bytes)
{
	struct scan *scan = sink->context;
	struct packet pkt;
	struct story story;

	sink->count++;
	run_make_packet(scan->run, &pkt, sink->count, header, bytes);
	run_follow(scan->run, &scan->track, sink, &pkt, &story);
	/* Without a choice of packets, the second pass stops at the same place. */
	if (!scan->run->selection.filter && !scan->run->selection.where &&
	    sink->count == scan->run->options->count)
		sink->wanted = false;
}

static bool on_expect(struct sink *sink, const u_char *headers)
{
	struct scan *scan = sink->context;

	return run_expect(&scan->track, headers);
}

static void on_flow(void *context, const struct vsockhdr_flow *flow)
{
	struct run *run = context;

	track_keep_outcome(&run->outcomes, flow);
}

bool run_scan(struct run *run, const struct capture_file *files, size_t count)
{
	struct scan scan = {
		.run = run,
		.track = { .later = &run->marks },
	};
	struct sink sink = {
		.packet = on_packet,
		.expect = on_expect,
		.context = &scan,
		.wanted = true,
		.show_progress = run->sink.show_progress,
		.headers_only = true,
	};
	bool ok = true;

	if (run->selection.where) {
		scan.track.on_flow = on_flow;
		scan.track.context = run;
	}
	if (!track_start(&scan.track, &run->options->limits))
		return false;
	for (size_t i = 0; i < count && ok && sink.wanted; i++)
		ok = file_scan(&files[i], &sink);
	if (ok) {
		track_finish(&scan.track, run_lost(run, &sink));
		track_marks_sort(&run->marks);
		run->track.marks = &run->marks;
	}
	track_free(&scan.track);
	return ok;
}
