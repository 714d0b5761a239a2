/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A line a finding (--findings). A finding becomes known when its time limit is over,
 * or at the end of the capture, often long after its packet; of a file they are
 * collected and printed in the order of the packets.
 */

#include <stdlib.h>

#include "finding_text.h"
#include "report.h"

/** Findings that are collected at the most; more are sorted by so many */
#define MAX_HELD 1000000

/* Time and frame, and the finding */
#define LINE_RESERVE (TIMESTAMP_MAX + 32 + FINDING_TEXT_MAX)
_Static_assert(LINE_RESERVE <= OUTPUT_MAX_RESERVE, "a line fits");

/**
 * struct findings - The report
 * @report:	What others see of it
 * @view:	How it looks
 * @held:	Collected findings
 * @count:	How many
 * @room:	How many @held has room for
 */
struct findings {
	struct report report;
	struct view view;
	struct vsockhdr_finding *held;
	size_t count;
	size_t room;
};

static void print_text(const struct view *view, const struct vsockhdr_finding *finding)
{
	char *p = output_reserve(view->out, LINE_RESERVE);

	p = put_u64(put_literal(p, "frame "), finding->frame);
	p = put_timestamp_ns(put_literal(p, " "), view->timestamp, finding->time_ns);
	p = put_finding(p, finding);
	output_commit(view->out, put_literal(p, "\n"));
	output_end_line(view->out);
}

static void add_address(struct json *json, bool known, const struct vsockhdr_addr *addr)
{
	if (known)
		json_address(json, addr);
	else
		json_null(json);
}

static void print_json(struct json *json, const struct vsockhdr_finding *finding)
{
	const struct vsockhdr_finding_info *info = vsockhdr_finding_info(finding->id);
	char message[VSOCKHDR_MESSAGE_LEN];

	json_open(json);
	json_key(json, "finding");
	json_string(json, info->name);
	json_key(json, "severity");
	json_string(json, vsockhdr_severity_name(finding->severity));
	json_key(json, "frame");
	json_u64(json, finding->frame);
	json_key(json, "time");
	json_time(json, finding->time_ns);
	json_key(json, "flow");
	if (finding->flow == VSOCKHDR_NO_FLOW)
		json_null(json);
	else
		json_u64(json, finding->flow);
	json_key(json, "src");
	add_address(json, finding->has_addresses, &finding->src);
	json_key(json, "dst");
	add_address(json, finding->has_addresses, &finding->dst);
	json_key(json, "fault");
	add_address(json, finding->has_fault, &finding->fault);
	json_key(json, "message");
	vsockhdr_finding_message(message, sizeof(message), finding);
	json_string(json, message);
	json_key(json, "spec");
	json_string(json, info->spec);
	json_key(json, "detail");
	json_open(json);
	for (unsigned int i = 0; i < finding->figures; i++) {
		json_string(json, finding->figure[i].name);
		json_u64(json, finding->figure[i].value);
	}
	json_close(json);
	if (finding->capture_loss) {
		json_key(json, "capture_loss");
		json_bool(json, true);
	}
	json_close(json);
	json_end_line(json);
}

static void print(const struct findings *findings, const struct vsockhdr_finding *finding)
{
	if (findings->view.json)
		print_json(findings->view.json, finding);
	else
		print_text(&findings->view, finding);
}

static void flush(struct findings *findings)
{
	if (findings->count > 0)
		qsort(findings->held, findings->count, sizeof(*findings->held),
		      finding_compare);
	for (size_t i = 0; i < findings->count; i++)
		print(findings, &findings->held[i]);
	findings->count = 0;
}

static bool make_room(struct findings *findings)
{
	size_t room = findings->room > 0 ? findings->room * 2 : 64;
	struct vsockhdr_finding *more;

	if (room > MAX_HELD)
		room = MAX_HELD;
	if (room == findings->room)
		return false;
	more = realloc(findings->held, room * sizeof(*more));
	if (!more)
		return false;
	findings->held = more;
	findings->room = room;
	return true;
}

static void on_finding(struct report *report, const struct vsockhdr_finding *finding)
{
	struct findings *findings = (struct findings *)report;

	if (!findings->view.complete) {
		print(findings, finding);
		return;
	}
	if (findings->count == findings->room && !make_room(findings))
		flush(findings);
	if (findings->room > 0)
		findings->held[findings->count++] = *finding;
	else
		print(findings, finding);
}

static bool on_end(struct report *report, const struct vsockhdr_tracker *tracker)
{
	(void)tracker;
	flush((struct findings *)report);
	return true;
}

static void findings_free(struct report *report)
{
	struct findings *findings = (struct findings *)report;

	free(findings->held);
	free(findings);
}

struct report *report_findings(const struct view *view)
{
	struct findings *findings = calloc(1, sizeof(*findings));

	if (!findings)
		return NULL;
	findings->view = *view;
	findings->report = (struct report) {
		.finding = on_finding,
		.end = on_end,
		.free = findings_free,
	};
	return &findings->report;
}
