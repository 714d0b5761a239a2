/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_MODEL_BUILD_H
#define VSOCKHDR_MODEL_BUILD_H

/*
 * What all tests of the tracker share: packets written in a line, and a watch that feeds
 * them to a tracker and keeps all that it says. A packet is what a correct sender would
 * put on the wire, unless one of its last members says otherwise.
 */

#include <vsockhdr/tracker.h>

#define MICROSECOND INT64_C(1000)
#define MILLISECOND INT64_C(1000000)
#define SECOND      INT64_C(1000000000)

/* 2026-01-01, so that no time is near zero */
#define START_NS (INT64_C(1767225600) * SECOND)

/**
 * struct packet - A packet, and what is wrong with its record
 * @lost:	Packets that the capture has lost before it
 * @err:	What decoding its record gives
 * @payload_more:	Payload bytes on the wire beyond what @len says
 * @other_mon:	The vsockmon header names another op
 * @no_hdr:	The record ends before its virtio header
 * @no_mon:	The record ends before that, too
 */
struct packet {
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;
	int64_t time_ns;
	uint64_t lost;
	uint32_t flags;
	uint32_t len;
	uint32_t buf_alloc;
	uint32_t fwd_cnt;
	uint16_t type;
	uint16_t op;
	int err;
	int payload_more;
	bool other_mon;
	bool no_hdr;
	bool no_mon;
};

/** packet_record() - The decoded record of a packet */
void packet_record(const struct packet *packet, struct vsockhdr_record *rec);

/**
 * struct watch - A tracker, and what it has said
 * @frame:	Of the last packet
 * @told:	About the last packet
 * @finding:	All findings, in their order
 * @flow:	All connections that it has let go of, in that order
 */
struct watch {
	struct vsockhdr_tracker *tracker;
	uint64_t frame;
	struct vsockhdr_told told;
	struct vsockhdr_finding *finding;
	size_t findings;
	size_t findings_room;
	struct vsockhdr_flow *flow;
	size_t flows;
	size_t flows_room;
};

/** watch_start() - Make a tracker; of @options, NULL for the defaults, the callbacks and
 * the context are not looked at */
void watch_start(struct watch *watch, const struct vsockhdr_tracker_options *options);

/** watch_see() - Feed a record; the watch numbers it */
void watch_see(struct watch *watch, const struct vsockhdr_seen *seen);

/** watch_feed() - Feed a packet */
void watch_feed(struct watch *watch, const struct packet *packet);

/** watch_stop() - Free the tracker and all that it said */
void watch_stop(struct watch *watch);

/** watch_violation() - The first violation from the finding @from on, or NULL */
const struct vsockhdr_finding *watch_violation(const struct watch *watch, size_t from);

/** same_addr() - Two addresses are one */
bool same_addr(const struct vsockhdr_addr *a, const struct vsockhdr_addr *b);

#endif
