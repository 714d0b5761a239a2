/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The codec of a vsockmon record.
 *
 * Theory of operation: both ways of giving a record, one buffer or an iovec, end in
 * the same function, which looks at the first 76 bytes only. The payload is never
 * touched: the caller is told where it lies. Two lengths rule every decision: caplen,
 * what may be read, and wirelen, what there was. A header that does not fit in
 * wirelen was sent broken; one that does not fit in caplen alone was cut by the snap
 * length, which is nobody's fault.
 */

#include <vsockhdr/record.h>

#include <assert.h>
#include <vsockhdr/names.h>

#include "hdr_wire.h"
#include "iov.h"

#define ACCESSORS(name, bits, offset) DEFINE_ACCESSORS(vsockhdr_mon, name, bits, offset)
VSOCKHDR_MON_FIELDS(ACCESSORS)

int vsockhdr_mon_decode(struct vsockhdr_mon *mon, const void *data, size_t size)
{
	assert(mon && (data || size == 0));
	if (size < VSOCKHDR_MON_LEN)
		return VSOCKHDR_ERR_MON_TRUNCATED;
	mon_load(mon, data);
	return VSOCKHDR_OK;
}

int vsockhdr_mon_encode(void *data, size_t size, const struct vsockhdr_mon *mon)
{
	assert(mon && (data || size == 0));
	if (size < VSOCKHDR_MON_LEN)
		return VSOCKHDR_ERR_NO_SPACE;
	mon_store(data, mon);
	return VSOCKHDR_OK;
}

void vsockhdr_mon_from_hdr(struct vsockhdr_mon *mon, const struct vsockhdr *hdr)
{
	assert(mon && hdr);
	*mon = (struct vsockhdr_mon) {
		.src_cid = hdr->src_cid,
		.dst_cid = hdr->dst_cid,
		.src_port = hdr->src_port,
		.dst_port = hdr->dst_port,
		.op = vsockhdr_op_mon_op(hdr->op),
		.transport = VSOCKHDR_TRANSPORT_VIRTIO,
		.len = VSOCKHDR_HDR_LEN,
	};
}

/* head holds the first bytes of the record: caplen of them, or at least 76. */
static int decode(struct vsockhdr_record *rec, const uint8_t *head, size_t caplen,
		  size_t wirelen)
{
	size_t offset;

	rec->payload_offset = 0;
	rec->payload_caplen = 0;
	rec->payload_wirelen = 0;
	rec->has_mon = false;
	rec->has_hdr = false;

	if (wirelen < caplen)
		return VSOCKHDR_ERR_CAPLEN;
	if (wirelen < VSOCKHDR_MON_LEN)
		return VSOCKHDR_ERR_MON_TRUNCATED;
	if (caplen < VSOCKHDR_MON_LEN)
		return VSOCKHDR_ERR_MON_SNAPPED;
	mon_load(&rec->mon, head);
	rec->has_mon = true;

	offset = (size_t)VSOCKHDR_MON_LEN + rec->mon.len;
	if (rec->mon.transport == VSOCKHDR_TRANSPORT_VIRTIO) {
		if (rec->mon.len < VSOCKHDR_HDR_LEN)
			return VSOCKHDR_ERR_TRANSPORT_LEN;
		if (caplen >= VSOCKHDR_RECORD_HDRS_LEN) {
			hdr_load(&rec->hdr, head + VSOCKHDR_MON_LEN);
			rec->has_hdr = true;
		}
	}
	if (wirelen < offset)
		return VSOCKHDR_ERR_HDR_TRUNCATED;
	if (caplen < offset)
		return VSOCKHDR_ERR_HDR_SNAPPED;

	rec->payload_offset = offset;
	rec->payload_caplen = caplen - offset;
	rec->payload_wirelen = wirelen - offset;
	return VSOCKHDR_OK;
}

int vsockhdr_record_decode(struct vsockhdr_record *rec, const void *data, size_t caplen,
			   size_t wirelen)
{
	assert(rec && (data || caplen == 0));
	return decode(rec, data, caplen, wirelen);
}

int vsockhdr_record_decode_iov(struct vsockhdr_record *rec, const struct iovec *iov,
			       size_t iovcnt, size_t wirelen)
{
	uint8_t head[VSOCKHDR_RECORD_HDRS_LEN];

	assert(rec);
	iov_gather_once(head, sizeof(head), iov, iovcnt);
	return decode(rec, head, iov_size(iov, iovcnt), wirelen);
}

size_t vsockhdr_record_hdrs_len(const struct vsockhdr_record *rec)
{
	assert(rec);
	return rec->mon.transport == VSOCKHDR_TRANSPORT_VIRTIO ? VSOCKHDR_RECORD_HDRS_LEN
							       : VSOCKHDR_MON_LEN;
}

/* Whether rec can be encoded into size bytes */
static int check_encode(const struct vsockhdr_record *rec, size_t size)
{
	assert(rec);
	if (rec->mon.transport == VSOCKHDR_TRANSPORT_VIRTIO &&
	    rec->mon.len < VSOCKHDR_HDR_LEN)
		return VSOCKHDR_ERR_TRANSPORT_LEN;
	if (size < vsockhdr_record_hdrs_len(rec))
		return VSOCKHDR_ERR_NO_SPACE;
	return VSOCKHDR_OK;
}

int vsockhdr_record_encode(void *data, size_t size, const struct vsockhdr_record *rec)
{
	uint8_t *to = data;
	int err = check_encode(rec, size);

	assert(data || size == 0);
	if (err)
		return err;
	mon_store(to, &rec->mon);
	if (rec->mon.transport == VSOCKHDR_TRANSPORT_VIRTIO)
		hdr_store(to + VSOCKHDR_MON_LEN, &rec->hdr);
	return VSOCKHDR_OK;
}

int vsockhdr_record_encode_iov(const struct iovec *iov, size_t iovcnt,
			       const struct vsockhdr_record *rec)
{
	uint8_t head[VSOCKHDR_RECORD_HDRS_LEN];
	int err = check_encode(rec, iov_size(iov, iovcnt));

	if (err)
		return err;
	vsockhdr_record_encode(head, sizeof(head), rec);
	iov_scatter(iov, iovcnt, 0, head, vsockhdr_record_hdrs_len(rec));
	return VSOCKHDR_OK;
}
