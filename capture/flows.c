/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A line a connection (--flows).
 */

#include <stdlib.h>

#include "flow_order.h"
#include "flow_text.h"
#include "report.h"
#include "selection.h"

/* The connection and the end of the line */
#define LINE_RESERVE (FLOW_TEXT_MAX + 1)
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

static void print_text(const struct view *view, const struct vsockhdr_flow *flow)
{
	char *p = output_reserve(view->out, LINE_RESERVE);

	p = put_flow(p, flow, view->names);
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
