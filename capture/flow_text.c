/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What belongs to the client's direction has ">" after it, the server's "<", as the
 * arrow between their addresses shows:
 *
 *   0 3:1024 > 2:1234 stream accepted in 61us, closed clean by 3:1024, 17 packets,
 *   1605 bytes >, 1605 bytes <, least credit 260644 >, frames 1-17
 */

#include "flow_text.h"

#include "address.h"
#include "duration.h"
#include "output.h"

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

char *put_flow(char *p, const struct vsockhdr_flow *flow, const struct naming *names)
{
	const char *type = vsockhdr_type_name(flow->type);

	p = put_literal(put_u64(p, flow->number), " ");
	p = put_address(p, &flow->address[VSOCKHDR_CLIENT], names);
	p = put_literal(p, " > ");
	p = put_address(p, &flow->address[VSOCKHDR_SERVER], names);
	p = put_literal(p, " ");
	if (type)
		p = put_string(p, type);
	else
		p = put_u64(put_literal(p, "type "), flow->type);
	p = put_setup(put_literal(p, " "), flow);
	p = put_close(p, flow, names);
	p = put_ends(p, flow);
	p = put_u64(put_literal(p, ", frames "), flow->first_frame);
	p = put_u64(put_literal(p, "-"), flow->last_frame);
	return put_findings(p, flow);
}
