/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A line a connection (--flows). What belongs to the client's direction has ">" after
 * it, the server's "<", as the arrow between their addresses shows:
 *
 *   0 3:1024 > 2:1234 stream accepted in 61us, closed clean by 3:1024, 17 packets,
 *   1605 bytes >, 1605 bytes <, least credit 260644 >, frames 1-17
 */

#include <stdlib.h>

#include "address.h"
#include "duration.h"
#include "flow_order.h"
#include "report.h"
#include "selection.h"

/* Everything but the findings takes less than 1024; each of those 48 at the most */
#define LINE_RESERVE (1024 + VSOCKHDR_FINDING_COUNT * 48)
_Static_assert(LINE_RESERVE <= OUTPUT_MAX_RESERVE, "a line fits");

/**
 * struct flows - The report
 * @report:	What others see of it
 * @view:	How it looks
 * @order:	Brings connections into order
 */
struct flows {
	struct report report;
	struct view view;
	struct flow_order order;
};

static char *put_setup(char *p, const struct vsockhdr_flow *flow)
{
	p = put_string(p, vsockhdr_setup_name(flow->setup));
	if (flow->setup_ns != VSOCKHDR_NO_TIME)
		p = put_duration(put_literal(p, " in "), flow->setup_ns);
	return p;
}

static const char *const close_words[] = {
	[VSOCKHDR_CLOSE_OPEN] = ", open",
	[VSOCKHDR_CLOSE_HALF_OPEN_STATE] = ", half open, shut down first by ",
	[VSOCKHDR_CLOSE_CLEAN] = ", closed clean by ",
	[VSOCKHDR_CLOSE_RESET_STATE] = ", reset by ",
	[VSOCKHDR_CLOSE_REFUSED] = " by ",
};

static char *put_close(char *p, const struct vsockhdr_flow *flow,
		       const struct naming *names)
{
	p = put_string(p, close_words[flow->close]);
	if (flow->close == VSOCKHDR_CLOSE_OPEN)
		return p;
	return put_address(p, &flow->address[flow->closed_by], names);
}

static char *put_ends(char *p, const struct vsockhdr_flow *flow)
{
	const struct vsockhdr_flow_end *client = &flow->end[VSOCKHDR_CLIENT];
	const struct vsockhdr_flow_end *server = &flow->end[VSOCKHDR_SERVER];
	uint64_t packets = client->packets + server->packets;

	p = put_u64(put_literal(p, ", "), packets);
	p = packets == 1 ? put_literal(p, " packet, ") : put_literal(p, " packets, ");
	p = put_literal(put_u64(p, client->bytes), " bytes >, ");
	p = put_literal(put_u64(p, server->bytes), " bytes <");
	for (int i = VSOCKHDR_CLIENT; i <= VSOCKHDR_SERVER; i++) {
		if (flow->end[i].min_free == VSOCKHDR_UNKNOWN_NUMBER)
			continue;
		p = put_u64(put_literal(p, ", least credit "), flow->end[i].min_free);
		p = put_string(p, i == VSOCKHDR_CLIENT ? " >" : " <");
	}
	for (int i = VSOCKHDR_CLIENT; i <= VSOCKHDR_SERVER; i++) {
		if (flow->end[i].stall_ns == 0)
			continue;
		p = put_duration(put_literal(p, ", stalled "), flow->end[i].stall_ns);
		p = put_string(p, i == VSOCKHDR_CLIENT ? " >" : " <");
	}
	return p;
}

static char *put_findings(char *p, const struct vsockhdr_flow *flow)
{
	const char *separator = ", findings: ";

	for (int id = 0; id < VSOCKHDR_FINDING_COUNT; id++) {
		if (flow->findings[id] == 0)
			continue;
		p = put_string(p, separator);
		p = put_string(p,
			       vsockhdr_finding_info((enum vsockhdr_finding_id)id)->name);
		if (flow->findings[id] > 1)
			p = put_u64(put_literal(p, " x"), flow->findings[id]);
		separator = " ";
	}
	return p;
}

static void print_text(const struct view *view, const struct vsockhdr_flow *flow)
{
	const char *type = vsockhdr_type_name(flow->type);
	char *p = output_reserve(view->out, LINE_RESERVE);

	p = put_literal(put_u64(p, flow->number), " ");
	p = put_address(p, &flow->address[VSOCKHDR_CLIENT], view->names);
	p = put_literal(p, " > ");
	p = put_address(p, &flow->address[VSOCKHDR_SERVER], view->names);
	p = put_literal(p, " ");
	if (type)
		p = put_string(p, type);
	else
		p = put_u64(put_literal(p, "type "), flow->type);
	p = put_setup(put_literal(p, " "), flow);
	p = put_close(p, flow, view->names);
	p = put_ends(p, flow);
	p = put_u64(put_literal(p, ", frames "), flow->first_frame);
	p = put_u64(put_literal(p, "-"), flow->last_frame);
	p = put_findings(p, flow);
	output_commit(view->out, put_literal(p, "\n"));
	output_end_line(view->out);
}

static void add_ends(struct json *json, const struct vsockhdr_flow *flow)
{
	const struct vsockhdr_flow_end *client = &flow->end[VSOCKHDR_CLIENT];
	const struct vsockhdr_flow_end *server = &flow->end[VSOCKHDR_SERVER];

	json_key(json, "client_packets");
	json_u64(json, client->packets);
	json_key(json, "client_bytes");
	json_u64(json, client->bytes);
	json_key(json, "server_packets");
	json_u64(json, server->packets);
	json_key(json, "server_bytes");
	json_u64(json, server->bytes);
	json_key(json, "client_min_free");
	json_known_u64(json, client->min_free);
	json_key(json, "server_min_free");
	json_known_u64(json, server->min_free);
	json_key(json, "client_stall_ns");
	json_ns(json, client->stall_ns);
	json_key(json, "server_stall_ns");
	json_ns(json, server->stall_ns);
}

static void add_findings(struct json *json, const struct vsockhdr_flow *flow)
{
	json_key(json, "findings");
	json_open(json);
	for (int id = 0; id < VSOCKHDR_FINDING_COUNT; id++) {
		if (flow->findings[id] == 0)
			continue;
		json_string(json,
			    vsockhdr_finding_info((enum vsockhdr_finding_id)id)->name);
		json_u64(json, flow->findings[id]);
	}
	json_close(json);
}

static void print_json(struct json *json, const struct vsockhdr_flow *flow)
{
	json_open(json);
	json_key(json, "flow");
	json_u64(json, flow->number);
	json_key(json, "client");
	json_address(json, &flow->address[VSOCKHDR_CLIENT]);
	json_key(json, "server");
	json_address(json, &flow->address[VSOCKHDR_SERVER]);
	json_key(json, "type");
	json_name(json, vsockhdr_type_name(flow->type), flow->type);
	json_key(json, "setup");
	json_string(json, vsockhdr_setup_name(flow->setup));
	json_key(json, "setup_ns");
	json_ns(json, flow->setup_ns);
	json_key(json, "close");
	json_string(json, vsockhdr_close_name(flow->close));
	json_key(json, "closed_by");
	if (flow->close == VSOCKHDR_CLOSE_OPEN)
		json_null(json);
	else
		json_address(json, &flow->address[flow->closed_by]);
	json_key(json, "first_frame");
	json_u64(json, flow->first_frame);
	json_key(json, "last_frame");
	json_u64(json, flow->last_frame);
	json_key(json, "first_time");
	json_time(json, flow->first_ns);
	json_key(json, "last_time");
	json_time(json, flow->last_ns);
	add_ends(json, flow);
	add_findings(json, flow);
	json_close(json);
	json_end_line(json);
}

static void print(void *context, const struct vsockhdr_flow *flow)
{
	const struct flows *flows = context;

	if (!selection_wants_flow(flows->view.selection, flow))
		return;
	if (flows->view.json)
		print_json(flows->view.json, flow);
	else
		print_text(&flows->view, flow);
}

static void on_flow(struct report *report, const struct vsockhdr_flow *flow)
{
	flow_order_add(&((struct flows *)report)->order, flow);
}

static void on_interval(struct report *report, const struct vsockhdr_tracker *tracker)
{
	struct flows *flows = (struct flows *)report;

	flow_order_flush(&flows->order);
	vsockhdr_tracker_walk(tracker, print, flows);
}

static bool on_end(struct report *report, const struct vsockhdr_tracker *tracker)
{
	(void)tracker;
	flow_order_flush(&((struct flows *)report)->order);
	return true;
}

static void flows_free(struct report *report)
{
	struct flows *flows = (struct flows *)report;

	flow_order_free(&flows->order);
	free(flows);
}

struct report *report_flows(const struct view *view)
{
	struct flows *flows = malloc(sizeof(*flows));

	if (!flows)
		return NULL;
	flows->view = *view;
	flows->report = (struct report) {
		.flow = on_flow,
		.interval = on_interval,
		.end = on_end,
		.free = flows_free,
	};
	if (!flow_order_init(&flows->order, print, flows)) {
		free(flows);
		return NULL;
	}
	return &flows->report;
}
