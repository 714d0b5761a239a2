/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: the streams and findings are the state's, and the words are
 * vsockdump's. What is left for the tap is to know which of them are wanted: those with
 * a packet, or about a packet, that the filter lets through.
 */

#include "compat.h"

#include "reports.h"

#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <finding_text.h>
#include <flow_text.h>
#include <stdio.h>
#include <string.h>
#include <timestamp.h>

#include "state.h"
#include "taps.h"

/** struct bits - A set of small numbers */
struct bits {
	uint8_t *byte;
	size_t size;
};

/**
 * struct report - A report
 * @prefix:	What its argument begins with
 * @title:	Its name
 * @draw:	Prints it
 */
struct report {
	const char *prefix;
	const char *title;
	tap_draw_cb draw;
};

/**
 * struct listener - A report that was asked for
 * @filtered:	There is a filter, and
 * @streams:	these streams and
 * @frames:	these frames passed it
 */
struct listener {
	bool filtered;
	struct bits streams;
	struct bits frames;
};

static void set_bit(struct bits *bits, uint32_t number)
{
	size_t at = number / 8;

	if (at >= bits->size) {
		size_t size = MAX(at + 1, bits->size * 2);

		bits->byte = g_realloc(bits->byte, size);
		memset(bits->byte + bits->size, 0, size - bits->size);
		bits->size = size;
	}
	bits->byte[at] |= (uint8_t)(1U << number % 8);
}

static bool has_bit(const struct bits *bits, uint64_t number)
{
	return number / 8 < bits->size && bits->byte[number / 8] >> number % 8 & 1;
}

static void reset(void *context)
{
	struct listener *listener = context;

	g_free(listener->streams.byte);
	g_free(listener->frames.byte);
	listener->streams = (struct bits) { NULL, 0 };
	listener->frames = (struct bits) { NULL, 0 };
}

static void finish(void *context)
{
	reset(context);
	g_free(context);
}

static tap_packet_status on_packet(void *context, packet_info *pinfo, epan_dissect_t *edt,
				   const void *data, tap_flags_t flags)
{
	const struct vsock_frame *frame = &((const struct vsock_tap *)data)->frame;
	struct listener *listener = context;

	(void)pinfo;
	(void)edt;
	(void)flags;
	if (listener->filtered) {
		set_bit(&listener->frames, frame->number);
		if (frame->stream)
			set_bit(&listener->streams, frame->stream->number);
	}
	return TAP_PACKET_REDRAW;
}

static void collect(void *context, const struct vsockhdr_finding *finding)
{
	g_array_append_vals(context, finding, 1);
}

/* All findings, for g_array_free() */
static GArray *all_findings(GCompareFunc order)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct vsockhdr_finding));

	state_each_finding(collect, all);
	g_array_sort(all, order);
	return all;
}

static int by_stream(const void *a, const void *b)
{
	uint64_t left = ((const struct vsockhdr_finding *)a)->flow;
	uint64_t right = ((const struct vsockhdr_finding *)b)->flow;

	return (left > right) - (left < right);
}

static void draw_flows(void *context)
{
	const struct listener *listener = context;
	GArray *findings;
	guint next = 0;

	state_finish();
	findings = all_findings(by_stream);
	for (uint32_t i = 0; i < state_stream_count(); i++) {
		struct vsockhdr_flow flow = state_flow(i);
		char line[FLOW_TEXT_MAX];
		char *end;

		for (; next < findings->len; next++) {
			const struct vsockhdr_finding *finding =
				&g_array_index(findings, struct vsockhdr_finding, next);

			if (finding->flow != i)
				break;
			flow.findings[finding->id]++;
		}
		if (listener->filtered && !has_bit(&listener->streams, i))
			continue;
		end = put_flow(line, &flow, NULL);
		printf("%.*s\n", (int)(end - line), line);
	}
	g_array_free(findings, TRUE);
}

static void draw_findings(void *context)
{
	const struct listener *listener = context;
	struct timestamp clock = { .style = TIMESTAMP_CLOCK };
	GArray *findings;

	state_finish();
	findings = all_findings(finding_compare);
	for (guint i = 0; i < findings->len; i++) {
		const struct vsockhdr_finding *finding =
			&g_array_index(findings, struct vsockhdr_finding, i);
		char line[TIMESTAMP_MAX + FINDING_TEXT_MAX];
		char *end;

		if (listener->filtered && !has_bit(&listener->frames, finding->frame))
			continue;
		end = put_timestamp_ns(line, &clock, finding->time_ns);
		end = put_finding(end, finding);
		printf("frame %" PRIu64 " %.*s\n", finding->frame, (int)(end - line),
		       line);
	}
	g_array_free(findings, TRUE);
}

static const struct report reports[] = {
	{ "vsock,flows", "vsock flows", draw_flows },
	{ "vsock,findings", "vsock findings", draw_findings },
};

static statistic_status begin(const char *argument, void *context)
{
	const struct report *report = context;
	const char *rest = argument + strlen(report->prefix);
	const char *filter = rest[0] == ',' && rest[1] != '\0' ? rest + 1 : NULL;
	struct listener *listener = g_new0(struct listener, 1);
	GString *error;

	if (report->draw == draw_flows)
		state_keep_flows();
	listener->filtered = filter != NULL;
	error = register_tap_listener("vsock", listener, filter, TL_REQUIRES_NOTHING,
				      reset, on_packet, report->draw, finish);
	if (error) {
		fprintf(stderr, "tshark: -z %s: %s\n", argument, error->str);
		g_string_free(error, TRUE);
		exit(1);
	}
	STATISTIC_STATUS(true);
}

void reports_register(void)
{
	static stat_tap_ui ui[G_N_ELEMENTS(reports)];
	const char *program = g_get_prgname();

	/* They print when the capture has ended: a window has no such moment. */
	if (program && strcmp(program, "wireshark") == 0)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(reports); i++) {
		ui[i] = (stat_tap_ui) {
			.group = REGISTER_STAT_GROUP_GENERIC,
			.title = reports[i].title,
			.cli_string = reports[i].prefix,
			.tap_init_cb = begin,
		};
		register_stat_tap_ui(&ui[i], (void *)&reports[i]);
	}
}
