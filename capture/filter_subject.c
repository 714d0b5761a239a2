/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What --where can ask about: of a packet what the tracker told of it, of a finding and
 * of a connection their own members.
 */

#include <glib.h>

#include "filter_ast.h"

/* A time that may be none, or negative where clocks went backwards */
static bool known_time(int64_t ns, uint64_t *value)
{
	*value = ns > 0 ? (uint64_t)ns : 0;
	return ns != VSOCKHDR_NO_TIME;
}

static bool known_number(uint64_t number, uint64_t *value)
{
	*value = number;
	return number != VSOCKHDR_UNKNOWN_NUMBER;
}

static uint64_t highest_severity(const struct finding_set *findings)
{
	uint64_t highest = findings->loud ? VSOCKHDR_WARNING : VSOCKHDR_NOTE;

	for (uint64_t set = findings->loud; set; set &= set - 1) {
		enum vsockhdr_finding_id id =
			(enum vsockhdr_finding_id)__builtin_ctzll(set);

		highest = MAX(highest, vsockhdr_finding_info(id)->severity);
	}
	return highest;
}

/* Which end closed the connection that a packet ended */
static bool told_closed_by(const struct filter_subject *subject, uint64_t *value)
{
	const struct vsockhdr_told *told = &subject->story->told;
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	if (told->flow == VSOCKHDR_NO_FLOW || !told->ended)
		return false;
	record_addresses(&subject->pkt->rec, &src, &dst);
	*value = told->from;
	if (told->closed_by.cid != src.cid || told->closed_by.port != src.port)
		*value =
			told->from == VSOCKHDR_CLIENT ? VSOCKHDR_SERVER : VSOCKHDR_CLIENT;
	return true;
}

static bool credit_value(const struct vsockhdr_told *told, uint64_t number,
			 uint64_t *value)
{
	*value = number;
	return told->credit_known;
}

static bool packet_close(const struct filter_subject *subject, uint64_t *value)
{
	*value = subject->outcome_known ? subject->close : subject->story->told.close;
	return subject->outcome_known || subject->story->told.ended;
}

static bool packet_value(const struct filter_subject *subject, enum filter_field_id field,
			 uint64_t *value)
{
	const struct vsockhdr_told *told = &subject->story->told;

	switch (field) {
	case FIELD_FLOW:
		return known_number(told->flow, value);
	case FIELD_FRAME:
		*value = subject->pkt->frame;
		return true;
	case FIELD_FROM:
		*value = told->from;
		return told->flow != VSOCKHDR_NO_FLOW;
	case FIELD_SEVERITY:
		*value = highest_severity(&subject->story->findings);
		return subject->story->findings.all != 0;
	case FIELD_PEER_FREE:
		return credit_value(told, told->peer_free, value);
	case FIELD_IN_FLIGHT:
		return credit_value(told, told->in_flight, value);
	case FIELD_PEER_BUF_ALLOC:
		return credit_value(told, told->peer_buf_alloc, value);
	case FIELD_SETUP:
		*value = subject->setup;
		return subject->outcome_known;
	case FIELD_SETUP_TIME:
		return known_time(told->setup_ns, value);
	case FIELD_STALL:
		return known_time(told->stall_ns, value);
	case FIELD_CLOSE:
		return packet_close(subject, value);
	case FIELD_CLOSED_BY:
		return told_closed_by(subject, value);
	case FIELD_FINDINGS:
		*value = (uint64_t)__builtin_popcountll(subject->story->findings.all);
		return true;
	default:
		return false;
	}
}

static bool finding_value(const struct vsockhdr_finding *finding,
			  enum filter_field_id field, uint64_t *value)
{
	switch (field) {
	case FIELD_FLOW:
		return known_number(finding->flow, value);
	case FIELD_FRAME:
		*value = finding->frame;
		return true;
	case FIELD_SEVERITY:
		*value = finding->severity;
		return true;
	case FIELD_FAULT_CID:
		*value = finding->fault.cid;
		return finding->has_fault;
	case FIELD_FAULT_PORT:
		*value = finding->fault.port;
		return finding->has_fault;
	default:
		return false;
	}
}

static uint64_t count_findings(const struct vsockhdr_flow *flow)
{
	uint64_t count = 0;

	for (size_t i = 0; i < VSOCKHDR_FINDING_COUNT; i++)
		count += flow->findings[i];
	return count;
}

/* What belongs to one end of a connection */
static bool end_value(const struct vsockhdr_flow_end *end, enum filter_field_id field,
		      uint64_t *value)
{
	switch (field) {
	case FIELD_CLIENT_PACKETS:
	case FIELD_SERVER_PACKETS:
		*value = end->packets;
		return true;
	case FIELD_CLIENT_BYTES:
	case FIELD_SERVER_BYTES:
		*value = end->bytes;
		return true;
	case FIELD_CLIENT_MIN_FREE:
	case FIELD_SERVER_MIN_FREE:
		return known_number(end->min_free, value);
	case FIELD_CLIENT_STALL:
	case FIELD_SERVER_STALL:
		return known_time(end->stall_ns, value);
	default:
		return false;
	}
}

static bool flow_value(const struct vsockhdr_flow *flow, enum filter_field_id field,
		       uint64_t *value)
{
	const struct vsockhdr_flow_end *client = &flow->end[VSOCKHDR_CLIENT];
	const struct vsockhdr_flow_end *server = &flow->end[VSOCKHDR_SERVER];

	switch (field) {
	case FIELD_FLOW:
		*value = flow->number;
		return true;
	case FIELD_SETUP:
		*value = flow->setup;
		return true;
	case FIELD_SETUP_TIME:
		return known_time(flow->setup_ns, value);
	case FIELD_CLOSE:
		*value = flow->close;
		return true;
	case FIELD_CLOSED_BY:
		*value = flow->closed_by;
		return flow->close != VSOCKHDR_CLOSE_OPEN;
	case FIELD_DURATION:
		return known_time(flow->last_ns > flow->first_ns
					  ? flow->last_ns - flow->first_ns
					  : 0,
				  value);
	case FIELD_FIRST_FRAME:
		*value = flow->first_frame;
		return true;
	case FIELD_LAST_FRAME:
		*value = flow->last_frame;
		return true;
	case FIELD_FINDINGS:
		*value = count_findings(flow);
		return true;
	case FIELD_PACKETS:
		*value = client->packets + server->packets;
		return true;
	case FIELD_BYTES:
		*value = client->bytes + server->bytes;
		return true;
	case FIELD_MIN_FREE:
		return known_number(MIN(client->min_free, server->min_free), value);
	case FIELD_STALL:
		return known_time(MAX(client->stall_ns, server->stall_ns), value);
	case FIELD_CLIENT_PACKETS:
	case FIELD_CLIENT_BYTES:
	case FIELD_CLIENT_MIN_FREE:
	case FIELD_CLIENT_STALL:
		return end_value(client, field, value);
	default:
		return end_value(server, field, value);
	}
}

bool filter_subject_value(const struct filter_subject *subject,
			  enum filter_field_id field, uint64_t *value)
{
	if (subject->pkt)
		return packet_value(subject, field, value);
	if (subject->finding)
		return finding_value(subject->finding, field, value);
	return subject->flow && flow_value(subject->flow, field, value);
}

uint64_t filter_subject_findings(const struct filter_subject *subject)
{
	uint64_t findings = 0;

	if (subject->pkt)
		return subject->story->findings.all;
	if (subject->finding)
		return UINT64_C(1) << subject->finding->id;
	for (size_t i = 0; subject->flow && i < VSOCKHDR_FINDING_COUNT; i++)
		if (subject->flow->findings[i] > 0)
			findings |= UINT64_C(1) << i;
	return findings;
}
