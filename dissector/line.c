/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: people compare what vsockdump printed with what Wireshark shows,
 * so both say the same. A test compares them on every recorded capture.
 */

#include "compat.h"

#include "line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#include "format.h"

/* A line's longest parts: two addresses 64, type and op 32, four flags and one rest 48,
 * three numbers of 32 with their names, an error text 80, credit 96, two durations 48,
 * the end 64, every finding with 32 */
#define LINE_MAX_LEN (640 + VSOCKHDR_FINDING_COUNT * 32)

/* Most of the time that a packet costs would be printf()'s: hence these. Each returns the
 * place behind what it put */

static char *put(char *p, const char *text)
{
	return stpcpy(p, text);
}

static char *put_address(char *p, const struct vsockhdr_addr *addr)
{
	p = format_u64(p, addr->cid);
	*p++ = ':';
	return format_u64(p, addr->port);
}

static char *put_name(char *p, const char *name, const char *what, uint64_t number)
{
	return name ? put(p, name) : format_u64(put(p, what), number);
}

static char *put_flags(char *p, const struct vsockhdr *hdr)
{
	uint32_t rest = hdr->flags;
	const char *separator = "";

	p = put(p, ", flags [");
	for (uint32_t flag = 1; flag != 0 && flag <= rest; flag <<= 1) {
		const char *name = NULL;

		if (rest & flag)
			name = vsockhdr_flag_name(hdr->type, hdr->op, flag);
		if (!name)
			continue;
		p = put(put(p, separator), name);
		separator = ",";
		rest &= ~flag;
	}
	if (rest)
		p += sprintf(p, "%s0x%" PRIx32, separator, rest);
	return put(p, "]");
}

static char *put_virtio(char *p, const struct vsockhdr *hdr)
{
	p = put_name(p, vsockhdr_type_name(hdr->type), "type ", hdr->type);
	*p++ = ' ';
	p = put_name(p, vsockhdr_op_name(hdr->op), "op ", hdr->op);
	if (hdr->flags)
		p = put_flags(p, hdr);
	p = format_u64(put(p, ", buf_alloc "), hdr->buf_alloc);
	p = format_u64(put(p, ", fwd_cnt "), hdr->fwd_cnt);
	return format_u64(put(p, ", length "), hdr->len);
}

static char *put_packet(char *p, const struct vsock_frame *frame)
{
	const struct vsockhdr_record *rec = &frame->rec;
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	if (!rec->has_mon)
		return put(p, "vsock");
	src = record_source(rec);
	dst = record_destination(rec);
	p = put(put_address(p, &src), " > ");
	p = put(put_address(p, &dst), ": ");
	if (rec->has_hdr)
		return put_virtio(p, &rec->hdr);
	p = put_name(p, vsockhdr_transport_name(rec->mon.transport), "transport ",
		     rec->mon.transport);
	*p++ = ' ';
	p = put_name(p, vsockhdr_mon_op_name(rec->mon.op), "op ", rec->mon.op);
	if (frame->err)
		return p;
	return format_u64(put(p, ", length "), rec->payload_wirelen);
}

static char *put_setup(char *p, const struct vsockhdr_told *told)
{
	bool refused = told->ended && told->close == VSOCKHDR_CLOSE_REFUSED;

	p = put(p, refused ? " [refused " : " [setup ");
	return put(format_duration(p, told->setup_ns), "]");
}

static char *put_credit(char *p, const struct vsockhdr_told *told)
{
	p = put(p, " [");
	if (told->credit_known) {
		p = format_u64(put(p, "free "), told->peer_free);
		*p++ = '/';
		p = format_u64(p, told->peer_buf_alloc);
	}
	if (told->stall_ns != VSOCKHDR_NO_TIME) {
		p = put(p, told->credit_known ? ", stalled " : "stalled ");
		p = format_duration(p, told->stall_ns);
	}
	return put(p, "]");
}

static char *put_end(char *p, const struct vsockhdr_told *told)
{
	if (told->close == VSOCKHDR_CLOSE_CLEAN)
		p = put(p, " [closed clean by ");
	else if (told->close == VSOCKHDR_CLOSE_RESET_STATE)
		p = put(p, " [reset by ");
	else
		return p;
	return put(put_address(p, &told->closed_by), "]");
}

static char *put_meaning(char *p, const struct vsockhdr_told *told)
{
	if (told->setup_ns != VSOCKHDR_NO_TIME)
		p = put_setup(p, told);
	if (told->credit_known || told->stall_ns != VSOCKHDR_NO_TIME)
		p = put_credit(p, told);
	return told->ended ? put_end(p, told) : p;
}

/* Each kind of finding once, in the order of their numbers; notes are not worth a line */
static char *put_findings(char *p, const struct vsock_finding *findings)
{
	const char *separator = " [! ";
	uint64_t loud = 0;

	for (; findings; findings = findings->next)
		if (findings->finding.severity >= VSOCKHDR_WARNING)
			loud |= UINT64_C(1) << findings->finding.id;
	if (loud == 0)
		return p;
	for (unsigned int i = 0; i < VSOCKHDR_FINDING_COUNT; i++) {
		enum vsockhdr_finding_id id = (enum vsockhdr_finding_id)i;

		if (!(loud & UINT64_C(1) << i))
			continue;
		p = put(put(p, separator), vsockhdr_finding_info(id)->name);
		separator = ", ";
	}
	return put(p, "]");
}

const char *line_of(wmem_allocator_t *scope, const struct vsock_frame *frame)
{
	char line[LINE_MAX_LEN];
	char *p = put_packet(line, frame);

	if (frame->err)
		p = put(put(put(p, " ["), vsockhdr_strerror(frame->err)), "]");
	p = put_meaning(p, &frame->told);
	p = put_findings(p, frame->findings);
	*p = '\0';
	return wmem_memdup(scope, line, (size_t)(p - line) + 1);
}
