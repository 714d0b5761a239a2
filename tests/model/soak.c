/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How fast the tracker is, and how much memory it takes: soak [PACKETS [FLOWS]]. PACKETS
 * packets of one connection must leave memory as it is; FLOWS connections of a packet
 * each, all alive, must fit in 256 bytes each, and no more memory is allowed with twice
 * as many, for then the oldest make room. FLOWS connections that are over must fit in 64
 * bytes each and their share of the hash table where they are only counted, and in 128
 * with their figures.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "build.h"

#define FLOW_BYTES 256

/* For a moment, when the first must make room: to find the order of their last packets */
#define ORDER_BYTES 8

/* What the C library and the measurement itself may need, and the last large page of each
 * of the two arrays that grow */
#define SLACK_KIB 6144

static const struct vsockhdr_addr client = { 3, 1024 };
static const struct vsockhdr_addr server = { 2, 1234 };

/* Peak of the memory in use, in KiB */
static long peak(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		abort();
	return usage.ru_maxrss;
}

/* The memory in use now, in KiB */
static long current(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[256];
	const char *resident;

	if (!file || !fgets(line, sizeof(line), file))
		abort();
	(void)fclose(file);
	resident = strchr(line, ' ');
	if (!resident)
		abort();
	return strtol(resident, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

static double now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time))
		abort();
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void feed(struct vsockhdr_tracker *tracker, const struct packet *packet,
		 uint64_t frame)
{
	struct vsockhdr_record rec;
	struct vsockhdr_told told;
	struct vsockhdr_seen seen = { .frame = frame,
				      .time_ns = packet->time_ns,
				      .rec = &rec };

	packet_record(packet, &rec);
	vsockhdr_tracker_feed(tracker, &seen, &told);
}

/* RW, and CREDIT_UPDATE for it, from the packet numbered first to the one before end */
static void exchange(struct vsockhdr_tracker *tracker, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++) {
		struct packet packet = {
			.src = i % 2 ? server : client,
			.dst = i % 2 ? client : server,
			.time_ns = START_NS + (int64_t)i * MICROSECOND,
			.type = VSOCKHDR_TYPE_STREAM,
			.op = i % 2 ? VSOCKHDR_OP_CREDIT_UPDATE : VSOCKHDR_OP_RW,
			.len = i % 2 ? 0 : 65536,
			.buf_alloc = 262144,
			.fwd_cnt = i % 2 ? (uint32_t)((i - 1) / 2 * 65536) : 0,
		};

		if (i < 2)
			packet.op = i ? VSOCKHDR_OP_RESPONSE : VSOCKHDR_OP_REQUEST;
		if (i < 2)
			packet.len = 0;
		feed(tracker, &packet, i + 1);
	}
}

static void open_flows(struct vsockhdr_tracker *tracker, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++) {
		struct packet packet = {
			.src = { 3 + i / UINT32_MAX, (uint32_t)(i % UINT32_MAX) },
			.dst = server,
			.time_ns = START_NS + (int64_t)i,
			.type = VSOCKHDR_TYPE_STREAM,
			.op = VSOCKHDR_OP_RW,
			.len = 64,
			.buf_alloc = 262144,
		};

		feed(tracker, &packet, i + 1);
	}
}

static bool one_flow(uint64_t packets)
{
	struct vsockhdr_tracker *tracker = vsockhdr_tracker_new(
		&(struct vsockhdr_tracker_options) { .max_flows = 1000 });
	struct vsockhdr_tracker_stats stats;
	double start = now();
	double end;
	long before;
	long grown;

	if (!tracker)
		abort();
	exchange(tracker, 0, packets / 10);
	before = peak();
	exchange(tracker, packets / 10, packets);
	grown = peak() - before;
	end = now();
	vsockhdr_tracker_stats(tracker, &stats);
	vsockhdr_tracker_free(tracker);
	printf("one flow: %.2f million packets/s, memory grew by %ld KiB\n",
	       (double)packets / (end - start) / 1e6, grown);
	return grown < SLACK_KIB && stats.live == 1 && stats.records == packets;
}

static bool many_flows(uint64_t flows)
{
	struct vsockhdr_tracker *tracker;
	struct vsockhdr_tracker_stats stats;
	struct vsockhdr_tracker_options options = { .max_flows = (size_t)flows };
	long before = peak();
	double start = now();
	double end;
	long used;
	long grown;

	tracker = vsockhdr_tracker_new(&options);
	if (!tracker)
		abort();
	open_flows(tracker, 0, flows);
	end = now();
	used = peak() - before;
	vsockhdr_tracker_stats(tracker, &stats);
	printf("%llu live flows: %.2f million packets/s, %.0f bytes each, peak %ld MiB\n",
	       (unsigned long long)stats.live, (double)flows / (end - start) / 1e6,
	       (double)used * 1024 / (double)flows, peak() / 1024);
	if (stats.live != flows || stats.evicted != 0)
		return false;
	open_flows(tracker, flows, 2 * flows);
	grown = peak() - before - used;
	vsockhdr_tracker_stats(tracker, &stats);
	vsockhdr_tracker_free(tracker);
	printf("as many again: memory grew by %ld KiB, %llu made room\n", grown,
	       (unsigned long long)stats.evicted);
	return (uint64_t)used * 1024 <= flows * FLOW_BYTES + SLACK_KIB * UINT64_C(1024) &&
	       (uint64_t)grown * 1024 <=
		       flows * ORDER_BYTES + SLACK_KIB * UINT64_C(1024) &&
	       stats.live == flows && stats.evicted == flows;
}

/* Connections that were closed, one after the other */
static bool closed_flows(uint64_t flows, bool only_count, long bytes)
{
	struct vsockhdr_tracker_options options = { .max_flows = (size_t)flows,
						    .only_count = only_count };
	struct vsockhdr_tracker *tracker = vsockhdr_tracker_new(&options);
	long before = current();
	long used;

	if (!tracker)
		abort();
	for (uint64_t i = 0; i < flows; i++) {
		const struct vsockhdr_addr from = { 3, (uint32_t)i };
		struct packet packet = {
			.src = from,
			.dst = server,
			.time_ns = START_NS + (int64_t)i,
			.type = VSOCKHDR_TYPE_STREAM,
			.op = VSOCKHDR_OP_SHUTDOWN,
			.buf_alloc = 262144,
			.flags = VSOCKHDR_SHUTDOWN_RECEIVE | VSOCKHDR_SHUTDOWN_SEND,
		};

		feed(tracker, &packet, 2 * i + 1);
		packet.src = server;
		packet.dst = from;
		packet.op = VSOCKHDR_OP_RST;
		packet.flags = 0;
		feed(tracker, &packet, 2 * i + 2);
	}
	used = current() - before;
	vsockhdr_tracker_free(tracker);
	printf("%llu closed flows%s: %.0f bytes each\n", (unsigned long long)flows,
	       only_count ? ", only counted" : "", (double)used * 1024 / (double)flows);
	return (uint64_t)used * 1024 <=
	       flows * (uint64_t)bytes + SLACK_KIB * UINT64_C(1024);
}

int main(int argc, char **argv)
{
	uint64_t packets = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
	uint64_t flows = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;

	if (packets < 20 || flows < 1) {
		(void)fprintf(stderr, "usage: %s [PACKETS [FLOWS]]\n", argv[0]);
		return 2;
	}
	/* What is over comes last: the others look at the peak. */
	return one_flow(packets) && many_flows(flows) && closed_flows(flows, true, 64) &&
			       closed_flows(flows, false, 128)
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}
