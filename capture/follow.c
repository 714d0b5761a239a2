/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The bytes of a connection (--follow), in the order in which they were sent. As they
 * are, or with --json an object for each packet that carries some, so that directions,
 * and the messages of seqpacket connections, stay apart.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "message.h"
#include "report.h"
#include "source.h"

/**
 * struct follow - The report
 * @report:	What others see of it
 * @view:	How it looks
 * @flow:	The connection
 * @ends:	Whose bytes
 * @seen:	There is such a connection
 * @hex:	Bytes of a packet on their way to JSON
 */
struct follow {
	struct report report;
	struct view view;
	uint64_t flow;
	enum follow_ends ends;
	bool seen;
	char hex[2 * SOURCE_MAX_SNAPLEN];
};

static size_t to_hex(char *hex, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		*hex++ = "0123456789abcdef"[data[i] >> 4];
		*hex++ = "0123456789abcdef"[data[i] & 0xf];
	}
	return 2 * size;
}

static bool ends_message(const struct vsockhdr *hdr)
{
	return hdr->type == VSOCKHDR_TYPE_SEQPACKET && (hdr->flags & VSOCKHDR_SEQ_EOM);
}

static void print_raw(const struct view *view, const struct packet *pkt)
{
	size_t missing;
	size_t captured = packet_payload(pkt, &missing);

	output_bytes(view->out, (const char *)pkt->data + pkt->rec.payload_offset,
		     captured);
	/* Messages are kept apart, whatever they end with. */
	if (ends_message(&pkt->rec.hdr))
		output_bytes(view->out, "\n", 1);
	output_end_line(view->out);
	if (missing > 0)
		message("frame %" PRIu64 ": [%zu bytes not captured]", pkt->frame,
			missing);
}

static void print_json(struct follow *follow, const struct packet *pkt,
		       enum vsockhdr_end from)
{
	const struct vsockhdr_record *rec = &pkt->rec;
	struct json *json = follow->view.json;
	size_t missing;
	size_t captured = packet_payload(pkt, &missing);

	json_open(json);
	json_key(json, "from");
	json_string(json, from == VSOCKHDR_CLIENT ? "client" : "server");
	json_key(json, "frame");
	json_u64(json, pkt->frame);
	json_key(json, "bytes");
	json_text(json, follow->hex,
		  to_hex(follow->hex, pkt->data + rec->payload_offset, captured));
	json_key(json, "truncated");
	json_u64(json, missing);
	if (rec->hdr.type == VSOCKHDR_TYPE_SEQPACKET) {
		json_key(json, "eom");
		json_bool(json, ends_message(&rec->hdr));
	}
	json_close(json);
	json_end_line(json);
}

static void on_packet(struct report *report, const struct packet *pkt,
		      const struct vsockhdr_told *told)
{
	struct follow *follow = (struct follow *)report;

	if (told->flow != follow->flow)
		return;
	follow->seen = true;
	if (pkt->rec.hdr.op != VSOCKHDR_OP_RW || !(follow->ends & 1U << told->from))
		return;
	if (follow->view.json)
		print_json(follow, pkt, told->from);
	else
		print_raw(&follow->view, pkt);
}

static bool on_end(struct report *report, const struct vsockhdr_tracker *tracker)
{
	const struct follow *follow = (struct follow *)report;
	struct vsockhdr_tracker_stats stats;

	if (follow->seen)
		return true;
	vsockhdr_tracker_stats(tracker, &stats);
	message("there is no connection %" PRIu64 ": the capture has %" PRIu64
		", numbered from 0; vsockdump --flows lists them",
		follow->flow, stats.flows);
	return false;
}

static void follow_free(struct report *report)
{
	free((struct follow *)report);
}

struct report *report_follow(const struct view *view, uint64_t flow,
			     enum follow_ends ends)
{
	struct follow *follow = malloc(sizeof(*follow));

	if (!follow)
		return NULL;
	follow->view = *view;
	follow->flow = flow;
	follow->ends = ends;
	follow->seen = false;
	follow->report = (struct report) {
		.packet = on_packet,
		.end = on_end,
		.free = follow_free,
	};
	return &follow->report;
}
