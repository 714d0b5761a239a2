/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: a statistics tree is given one packet after another and has no
 * moment when the capture has ended. So a connection is counted at the packet that shows
 * what became of it, and a finding at its packet: with tshark's single pass only if it
 * was known by then. (tshark -2 and Wireshark's window know all of them.)
 */

#include "compat.h"

#include "statistics.h"

#include <epan/stats_tree.h>
#include <stdio.h>
#include <vsockhdr/vsockhdr.h>

#include "taps.h"

#define NSEC_PER_MSEC 1000000.0

/* Any name of a node: two addresses and what is between them */
#define NAME_MAX_LEN 96

static int node_op;
static int node_type;
static int node_length;
static int node_setup;
static int node_setup_time;
static int node_close;
static int node_free;
static int node_in_flight;
static int node_stall;
static int node_finding[VSOCKHDR_VIOLATION + 1];

static const struct vsock_frame *frame_of(const void *data)
{
	return &((const struct vsock_tap *)data)->frame;
}

/* A figure of a tree is an int */
static gint to_int(uint64_t value)
{
	return value > G_MAXINT ? G_MAXINT : (gint)value;
}

static void tick_number(stats_tree *tree, int parent, const char *name,
			unsigned int value)
{
	char other[NAME_MAX_LEN];

	if (!name) {
		snprintf(other, sizeof(other), "%u", value);
		name = other;
	}
	stats_tree_tick_pivot(tree, parent, name);
}

static void begin_ops(stats_tree *tree)
{
	node_op = stats_tree_create_pivot(tree, "Operation", 0);
	node_type = stats_tree_create_pivot(tree, "Type", 0);
	node_length = stats_tree_create_range_node(tree, "Length of RW", 0, "0-63",
						   "64-1023", "1024-4095", "4096-16383",
						   "16384-65535", "65536-", NULL);
}

static tap_packet_status count_op(stats_tree *tree, packet_info *pinfo,
				  epan_dissect_t *edt, const void *data,
				  tap_flags_t flags)
{
	const struct vsock_frame *frame = frame_of(data);
	const struct vsockhdr *hdr = &frame->rec.hdr;

	(void)pinfo;
	(void)edt;
	(void)flags;
	if (!frame->rec.has_hdr) {
		stats_tree_tick_pivot(tree, node_op, "without a virtio header");
		return TAP_PACKET_REDRAW;
	}
	tick_number(tree, node_op, vsockhdr_op_name(hdr->op), hdr->op);
	tick_number(tree, node_type, vsockhdr_type_name(hdr->type), hdr->type);
	if (hdr->op == VSOCKHDR_OP_RW)
		stats_tree_tick_range(tree, "Length of RW", 0, to_int(hdr->len));
	return TAP_PACKET_REDRAW;
}

static void begin_setup(stats_tree *tree)
{
	node_setup = stats_tree_create_pivot(tree, "Set-up", 0);
	node_setup_time =
		stats_tree_create_node(tree, "Set-up time in ms", 0, STAT_DT_FLOAT, TRUE);
	stat_node_set_flags(tree, "Set-up time in ms", 0, TRUE, ST_FLG_AVERAGE);
	node_close = stats_tree_create_pivot(tree, "Close", 0);
}

static tap_packet_status count_setup(stats_tree *tree, packet_info *pinfo,
				     epan_dissect_t *edt, const void *data,
				     tap_flags_t flags)
{
	const struct vsock_frame *frame = frame_of(data);
	const struct vsock_stream *stream = frame->stream;
	const struct vsockhdr_told *told = &frame->told;

	(void)pinfo;
	(void)edt;
	(void)flags;
	if (!stream)
		return TAP_PACKET_DONT_REDRAW;
	if (frame->number == stream->request_frame)
		stats_tree_tick_pivot(tree, node_setup, "requested");
	else if (frame->number == stream->first_frame)
		stats_tree_tick_pivot(tree, node_setup, "midstream");
	if (told->setup_ns != VSOCKHDR_NO_TIME) {
		bool refused = frame->rec.hdr.op == VSOCKHDR_OP_RST;
		const char *name = refused ? "refused" : "accepted";

		stats_tree_tick_pivot(tree, node_setup, name);
		avg_stat_node_add_value_float(
			tree, "Set-up time in ms", 0, TRUE,
			(gfloat)((double)told->setup_ns / NSEC_PER_MSEC));
		avg_stat_node_add_value_float(
			tree, name, node_setup_time, FALSE,
			(gfloat)((double)told->setup_ns / NSEC_PER_MSEC));
	}
	if (told->ended)
		stats_tree_tick_pivot(tree, node_close, vsockhdr_close_name(told->close));
	return TAP_PACKET_REDRAW;
}

static void begin_credit(stats_tree *tree)
{
	node_free = stats_tree_create_node(tree, "Free credit in bytes", 0, STAT_DT_INT,
					   TRUE);
	node_in_flight =
		stats_tree_create_node(tree, "In flight in bytes", 0, STAT_DT_INT, TRUE);
	node_stall =
		stats_tree_create_node(tree, "Stalled for ms", 0, STAT_DT_FLOAT, TRUE);
	stat_node_set_flags(tree, "Free credit in bytes", 0, TRUE, ST_FLG_AVERAGE);
	stat_node_set_flags(tree, "In flight in bytes", 0, TRUE, ST_FLG_AVERAGE);
	stat_node_set_flags(tree, "Stalled for ms", 0, TRUE, ST_FLG_AVERAGE);
}

/* The direction that a packet's credit is about, by CIDs: ports would be too many */
static void put_direction(char *name, size_t size, const struct vsock_frame *frame)
{
	const struct vsockhdr *hdr = &frame->rec.hdr;
	bool own = hdr->op != VSOCKHDR_OP_CREDIT_UPDATE;

	snprintf(name, size, "%" PRIu64 " > %" PRIu64, own ? hdr->src_cid : hdr->dst_cid,
		 own ? hdr->dst_cid : hdr->src_cid);
}

static tap_packet_status count_credit(stats_tree *tree, packet_info *pinfo,
				      epan_dissect_t *edt, const void *data,
				      tap_flags_t flags)
{
	const struct vsock_frame *frame = frame_of(data);
	const struct vsockhdr_told *told = &frame->told;
	gint free_bytes = to_int(told->peer_free);
	gint in_flight = to_int(told->in_flight);
	char name[NAME_MAX_LEN];

	(void)pinfo;
	(void)edt;
	(void)flags;
	if (!frame->stream || !told->credit_known)
		return TAP_PACKET_DONT_REDRAW;
	put_direction(name, sizeof(name), frame);
	avg_stat_node_add_value_int(tree, "Free credit in bytes", 0, TRUE, free_bytes);
	avg_stat_node_add_value_int(tree, name, node_free, FALSE, free_bytes);
	avg_stat_node_add_value_int(tree, "In flight in bytes", 0, TRUE, in_flight);
	avg_stat_node_add_value_int(tree, name, node_in_flight, FALSE, in_flight);
	if (told->stall_ns != VSOCKHDR_NO_TIME) {
		gfloat ms = (gfloat)((double)told->stall_ns / NSEC_PER_MSEC);

		avg_stat_node_add_value_float(tree, "Stalled for ms", 0, TRUE, ms);
		avg_stat_node_add_value_float(tree, name, node_stall, FALSE, ms);
	}
	return TAP_PACKET_REDRAW;
}

static void begin_findings(stats_tree *tree)
{
	for (int s = VSOCKHDR_VIOLATION; s >= VSOCKHDR_NOTE; s--)
		node_finding[s] = stats_tree_create_pivot(
			tree, vsockhdr_severity_name((enum vsockhdr_severity)s), 0);
}

static tap_packet_status count_findings(stats_tree *tree, packet_info *pinfo,
					epan_dissect_t *edt, const void *data,
					tap_flags_t flags)
{
	const struct vsock_frame *frame = frame_of(data);

	(void)pinfo;
	(void)edt;
	(void)flags;
	for (const struct vsock_finding *at = frame->findings; at; at = at->next)
		stats_tree_tick_pivot(tree, node_finding[at->finding.severity],
				      vsockhdr_finding_info(at->finding.id)->name);
	return frame->findings ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

/** struct statistic - A statistics tree */
struct statistic {
	const char *name;
	const char *title;
	stat_tree_packet_cb packet;
	stat_tree_init_cb begin;
};

static const struct statistic statistics[] = {
	{ "vsock_ops", "vsock" SUBMENU "Operations", count_op, begin_ops },
	{ "vsock_setup", "vsock" SUBMENU "Set-up and close", count_setup, begin_setup },
	{ "vsock_credit", "vsock" SUBMENU "Credit", count_credit, begin_credit },
	{ "vsock_findings", "vsock" SUBMENU "Findings", count_findings, begin_findings },
};

void statistics_register(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(statistics); i++)
		stats_tree_register_plugin("vsock", statistics[i].name,
					   statistics[i].title, TL_REQUIRES_NOTHING,
					   statistics[i].packet, statistics[i].begin,
					   NULL);
}
