/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is wrong with a record by itself, whatever came before it.
 */

#include <vsockhdr/names.h>

#include "track.h"

#define CID_MAX UINT64_C(0xffffffff)

static bool is_op(uint16_t op)
{
	return op > VSOCKHDR_OP_INVALID && op <= VSOCKHDR_OP_CREDIT_REQUEST;
}

static bool is_type(uint16_t type)
{
	return type == VSOCKHDR_TYPE_STREAM || type == VSOCKHDR_TYPE_SEQPACKET;
}

bool is_trackable(const struct vsockhdr *hdr)
{
	return is_op(hdr->op) && is_type(hdr->type);
}

static bool is_reserved(uint64_t cid)
{
	return cid == VSOCKHDR_CID_HYPERVISOR || cid == VSOCKHDR_CID_ANY;
}

static void report_figure(const struct packet_context *at, enum vsockhdr_finding_id id,
			  const char *name, uint64_t value)
{
	struct vsockhdr_finding finding = finding_here(at, id);

	add_figure(&finding, name, value);
	report(at->tracker, at->flow, &finding);
}

static void check_mon(const struct packet_context *at)
{
	const struct vsockhdr_mon *mon = &at->seen->rec->mon;
	struct vsockhdr_finding finding;
	struct vsockhdr_mon expected;

	vsockhdr_mon_from_hdr(&expected, at->hdr);
	if (mon->src_cid == expected.src_cid && mon->src_port == expected.src_port &&
	    mon->dst_cid == expected.dst_cid && mon->dst_port == expected.dst_port &&
	    mon->op == expected.op)
		return;
	/* Neither end writes the vsockmon header. */
	finding = finding_here(at, VSOCKHDR_HDR_MON_MISMATCH);
	finding.has_fault = false;
	add_figure(&finding, "mon_op", mon->op);
	add_figure(&finding, "expected_mon_op", expected.op);
	report(at->tracker, at->flow, &finding);
}

static void check_cids(const struct packet_context *at)
{
	const struct vsockhdr *hdr = at->hdr;

	if (hdr->src_cid > CID_MAX || hdr->dst_cid > CID_MAX)
		report_here(at, VSOCKHDR_HDR_CID_HIGH_BITS);
	if (!is_reserved(hdr->src_cid) && !is_reserved(hdr->dst_cid))
		return;
	/* An RST goes back to where the packet came from that it answers. */
	if (hdr->op == VSOCKHDR_OP_RST && at->tracker->reserved_cid_seen)
		return;
	at->tracker->reserved_cid_seen |= hdr->op != VSOCKHDR_OP_RST;
	report_here(at, VSOCKHDR_HDR_RESERVED_CID);
}

static bool is_empty(const struct vsockhdr *hdr)
{
	return !(hdr->src_cid | hdr->dst_cid | hdr->src_port | hdr->dst_port | hdr->len |
		 hdr->type | hdr->op | hdr->flags | hdr->buf_alloc | hdr->fwd_cnt);
}

/* One cause is one finding: nobody wrote the op, nor the addresses. */
static void report_empty(const struct packet_context *at)
{
	struct vsockhdr_finding finding = finding_here(at, VSOCKHDR_HDR_BAD_OP);

	at->tracker->reserved_cid_seen = true;
	finding.has_fault = false;
	add_figure(&finding, "empty_bytes", VSOCKHDR_HDR_LEN);
	report(at->tracker, at->flow, &finding);
}

static void check_flags(const struct packet_context *at)
{
	const struct vsockhdr *hdr = at->hdr;
	bool is_stream_rw =
		hdr->op == VSOCKHDR_OP_RW && hdr->type == VSOCKHDR_TYPE_STREAM;
	uint32_t unknown = hdr->flags;

	for (uint32_t flag = 1; flag != 0 && flag <= hdr->flags; flag <<= 1)
		if (vsockhdr_flag_name(hdr->type, hdr->op, flag))
			unknown &= ~flag;
	if (is_stream_rw && (unknown & (VSOCKHDR_SEQ_EOM | VSOCKHDR_SEQ_EOR))) {
		report_figure(at, VSOCKHDR_SEQ_FLAGS_ON_STREAM, "flags", hdr->flags);
		unknown &= ~(VSOCKHDR_SEQ_EOM | VSOCKHDR_SEQ_EOR);
	}
	if (unknown)
		report_figure(at, VSOCKHDR_HDR_UNKNOWN_FLAGS, "flags", unknown);
}

static void check_len(const struct packet_context *at)
{
	uint64_t payload = at->seen->rec->payload_wirelen;
	const struct vsockhdr *hdr = at->hdr;

	/* An RW with more payload than that is for track_split.c. */
	bool mismatch =
		hdr->op == VSOCKHDR_OP_RW ? hdr->len > payload : hdr->len != payload;

	if (at->seen->err == VSOCKHDR_OK && mismatch) {
		struct vsockhdr_finding finding =
			finding_here(at, VSOCKHDR_HDR_LEN_MISMATCH);

		add_figure(&finding, "len", hdr->len);
		add_figure(&finding, "payload", payload);
		report(at->tracker, at->flow, &finding);
	}
	if (hdr->op != VSOCKHDR_OP_RW && hdr->len > 0)
		report_figure(at, VSOCKHDR_HDR_LEN_ON_CONTROL, "len", hdr->len);
	if (hdr->len > VSOCKHDR_MAX_PAYLOAD)
		report_figure(at, VSOCKHDR_HDR_OVERSIZE, "len", hdr->len);
}

void check_record(const struct packet_context *at)
{
	int err = at->seen->err;

	if (err == VSOCKHDR_ERR_MON_TRUNCATED || err == VSOCKHDR_ERR_HDR_TRUNCATED ||
	    err == VSOCKHDR_ERR_TRANSPORT_LEN)
		report_here(at, VSOCKHDR_HDR_TRUNCATED);
}

static bool is_ordinary_cid(uint64_t cid)
{
	return cid > VSOCKHDR_CID_HYPERVISOR && cid < VSOCKHDR_CID_ANY;
}

/* Whether all is well at first sight, as with nearly every packet; what looks otherwise
 * need not be wrong */
static bool is_ordinary(const struct packet_context *at)
{
	const struct vsockhdr_mon *mon = &at->seen->rec->mon;
	const struct vsockhdr *hdr = at->hdr;

	return mon->src_cid == hdr->src_cid && mon->dst_cid == hdr->dst_cid &&
	       mon->src_port == hdr->src_port && mon->dst_port == hdr->dst_port &&
	       is_ordinary_cid(hdr->src_cid) && is_ordinary_cid(hdr->dst_cid) &&
	       mon->op == vsockhdr_op_mon_op(hdr->op) && at->seen->err == VSOCKHDR_OK &&
	       hdr->len == at->seen->rec->payload_wirelen &&
	       hdr->len <= (hdr->op == VSOCKHDR_OP_RW ? VSOCKHDR_MAX_PAYLOAD : 0) &&
	       hdr->flags == 0 && is_trackable(hdr);
}

void check_header(const struct packet_context *at)
{
	const struct vsockhdr *hdr = at->hdr;

	if (is_ordinary(at))
		return;
	check_mon(at);
	if (is_empty(hdr)) {
		report_empty(at);
		return;
	}
	check_cids(at);
	check_len(at);
	if (!is_op(hdr->op))
		report_figure(at, VSOCKHDR_HDR_BAD_OP, "op", hdr->op);
	/* An RST with an unknown type answers a packet of that type (5.10.6.4). */
	if (!is_type(hdr->type) && hdr->op != VSOCKHDR_OP_RST)
		report_figure(at, VSOCKHDR_HDR_BAD_TYPE, "type", hdr->type);
	if (is_trackable(hdr))
		check_flags(at);
}
