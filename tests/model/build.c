/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Packets and watches, as build.h says. Where there is no memory a test ends at once.
 */

#include "build.h"

#include <stdlib.h>
#include <string.h>

bool same_addr(const struct vsockhdr_addr *a, const struct vsockhdr_addr *b)
{
	return a->cid == b->cid && a->port == b->port;
}

void packet_record(const struct packet *packet, struct vsockhdr_record *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->hdr = (struct vsockhdr) {
		.src_cid = packet->src.cid,
		.dst_cid = packet->dst.cid,
		.src_port = packet->src.port,
		.dst_port = packet->dst.port,
		.len = packet->len,
		.type = packet->type,
		.op = packet->op,
		.flags = packet->flags,
		.buf_alloc = packet->buf_alloc,
		.fwd_cnt = packet->fwd_cnt,
	};
	vsockhdr_mon_from_hdr(&rec->mon, &rec->hdr);
	rec->mon.len = VSOCKHDR_HDR_LEN;
	if (packet->other_mon)
		rec->mon.op ^= 1;
	rec->has_mon = !packet->no_mon;
	rec->has_hdr = !packet->no_mon && !packet->no_hdr;
	if (packet->err)
		return;
	rec->payload_offset = VSOCKHDR_RECORD_HDRS_LEN;
	rec->payload_wirelen = (size_t)((int64_t)packet->len + packet->payload_more);
	rec->payload_caplen = rec->payload_wirelen;
}

static void *grown(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = 2 * *room + 8;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

static void keep_finding(void *context, const struct vsockhdr_finding *finding)
{
	struct watch *watch = context;

	watch->finding = grown(watch->finding, watch->findings, &watch->findings_room,
			       sizeof(*finding));
	watch->finding[watch->findings++] = *finding;
}

static void keep_flow(void *context, const struct vsockhdr_flow *flow)
{
	struct watch *watch = context;

	watch->flow = grown(watch->flow, watch->flows, &watch->flows_room, sizeof(*flow));
	watch->flow[watch->flows++] = *flow;
}

void watch_start(struct watch *watch, const struct vsockhdr_tracker_options *options)
{
	struct vsockhdr_tracker_options ours = { 0 };

	if (options)
		ours = *options;
	memset(watch, 0, sizeof(*watch));
	ours.on_finding = keep_finding;
	ours.on_flow = keep_flow;
	ours.context = watch;
	watch->tracker = vsockhdr_tracker_new(&ours);
	if (!watch->tracker)
		abort();
}

void watch_see(struct watch *watch, const struct vsockhdr_seen *seen)
{
	struct vsockhdr_seen ours = *seen;

	ours.frame = ++watch->frame;
	/* What the tracker leaves unset shows. */
	memset(&watch->told, 0xa5, sizeof(watch->told));
	vsockhdr_tracker_feed(watch->tracker, &ours, &watch->told);
}

void watch_feed(struct watch *watch, const struct packet *packet)
{
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = {
		.time_ns = packet->time_ns,
		.rec = &rec,
		.err = packet->err,
		.lost = packet->lost,
	};

	packet_record(packet, &rec);
	watch_see(watch, &seen);
}

void watch_stop(struct watch *watch)
{
	vsockhdr_tracker_free(watch->tracker);
	free(watch->finding);
	free(watch->flow);
	memset(watch, 0, sizeof(*watch));
}

const struct vsockhdr_finding *watch_violation(const struct watch *watch, size_t from)
{
	for (size_t i = from; i < watch->findings; i++)
		if (watch->finding[i].severity == VSOCKHDR_VIOLATION)
			return &watch->finding[i];
	return NULL;
}
