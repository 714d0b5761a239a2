/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_REPORT_H
#define VSOCKDUMP_REPORT_H

/*
 * Reports: what is printed instead of packets. Each kind is made by a function of its
 * own and used through the members of struct report.
 */

#include <stdbool.h>
#include <vsockhdr/tracker.h>

#include "json.h"
#include "naming.h"
#include "packet.h"
#include "timestamp.h"

struct selection;

/**
 * struct view - How reports look
 * @out:	Where they go
 * @json:	Printer of JSON; NULL for text
 * @timestamp:	Time column
 * @names:	Names of addresses, or NULL
 * @selection:	Which packets, connections and findings are wanted
 * @complete:	It is about a file that is as long as it will be: what is to be sorted
 *		may wait for its end
 */
struct view {
	struct output *out;
	struct json *json;
	struct timestamp *timestamp;
	const struct naming *names;
	const struct selection *selection;
	bool complete;
};

/**
 * struct report - A report. Members may be NULL, but not @free
 * @packet:	Called for each wanted packet
 * @finding:	Called for each wanted finding, when it becomes known
 * @flow:	Called for each connection that the tracker lets go of, wanted or not: its
 *		number is one of a row
 * @interval:	Called when a live report is to say how things stand
 * @end:	Called after everything else; false, after a message, where there is
 *		nothing to report on
 * @free:	Ends the report
 */
struct report {
	void (*packet)(struct report *report, const struct packet *pkt,
		       const struct vsockhdr_told *told);
	void (*finding)(struct report *report, const struct vsockhdr_finding *finding);
	void (*flow)(struct report *report, const struct vsockhdr_flow *flow);
	void (*interval)(struct report *report, const struct vsockhdr_tracker *tracker);
	bool (*end)(struct report *report, const struct vsockhdr_tracker *tracker);
	void (*free)(struct report *report);
};

/** report_flows() - A line a connection (--flows); NULL where there is no memory */
struct report *report_flows(const struct view *view);

/** report_findings() - A line a finding (--findings); NULL where there is no memory */
struct report *report_findings(const struct view *view);

/** report_stats() - Figures of the whole (--stats); NULL where there is no memory */
struct report *report_stats(const struct view *view);

/** enum follow_ends - Whose bytes to follow, bit by enum vsockhdr_end */
enum follow_ends {
	FOLLOW_CLIENT = 1 << VSOCKHDR_CLIENT,
	FOLLOW_SERVER = 1 << VSOCKHDR_SERVER,
	FOLLOW_BOTH = FOLLOW_CLIENT | FOLLOW_SERVER
};

/**
 * report_follow() - The bytes of a connection (--follow)
 * @view:	How it looks
 * @flow:	Number of the connection
 * @ends:	Whose bytes
 *
 * Return: the report; NULL where there is no memory
 */
struct report *report_follow(const struct view *view, uint64_t flow,
			     enum follow_ends ends);

#endif
