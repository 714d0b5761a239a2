/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PACKET_H
#define VSOCKDUMP_PACKET_H

/*
 * One packet on its way from a source to a printer.
 */

#include <stddef.h>
#include <stdint.h>
#include <vsockhdr/vsockhdr.h>

/** Nanoseconds in a second */
#define NSEC_PER_SEC 1000000000

/** Time stamps further from 1970 than this many seconds (the year 2116) are taken for
 * it: within it, two times in nanoseconds can be subtracted without overflow */
#define PACKET_MAX_SEC (INT64_MAX / 2 / NSEC_PER_SEC - 1)

/**
 * struct packet - A captured packet
 * @frame:	Its number in this capture, from 1
 * @sec:	Time stamp: seconds since 1970
 * @nsec:	Time stamp: nanoseconds, always below one second
 * @data:	Captured bytes; the source's, until the next packet
 * @caplen:	How many
 * @wirelen:	How many there were before the snap length
 * @rec:	What they mean
 * @err:	Why @rec is incomplete (enum vsockhdr_error), or VSOCKHDR_OK
 */
struct packet {
	uint64_t frame;
	int64_t sec;
	uint32_t nsec;
	const uint8_t *data;
	size_t caplen;
	size_t wirelen;
	struct vsockhdr_record rec;
	int err;
};

/**
 * packet_payload() - How much payload a packet has
 * @pkt:	The packet; it has a virtio header
 * @missing:	Set to how many bytes of it were not captured
 *
 * Behind what the header announces, vsockmon shows what vhost sends in the packets that
 * follow; that is not this packet's.
 *
 * Return: bytes that were captured, from rec.payload_offset on
 */
static inline size_t packet_payload(const struct packet *pkt, size_t *missing)
{
	const struct vsockhdr_record *rec = &pkt->rec;
	size_t len =
		rec->hdr.len < rec->payload_wirelen ? rec->hdr.len : rec->payload_wirelen;
	size_t captured = len < rec->payload_caplen ? len : rec->payload_caplen;

	*missing = len - captured;
	return captured;
}

/** packet_time_ns() - A packet's time stamp in nanoseconds since 1970 */
static inline int64_t packet_time_ns(const struct packet *pkt)
{
	int64_t sec = pkt->sec;

	if (sec > PACKET_MAX_SEC)
		sec = PACKET_MAX_SEC;
	if (sec < -PACKET_MAX_SEC)
		sec = -PACKET_MAX_SEC;
	return sec * NSEC_PER_SEC + pkt->nsec;
}

/**
 * record_addresses() - Who sent a packet to whom
 * @rec:	Its record; at least its vsockmon header was there
 * @src:	Where the sender goes
 * @dst:	Where the receiver goes
 *
 * The packet's own header has the last word; vsockmon's is Linux's copy of it.
 */
static inline void record_addresses(const struct vsockhdr_record *rec,
				    struct vsockhdr_addr *src, struct vsockhdr_addr *dst)
{
	if (rec->has_hdr) {
		*src = (struct vsockhdr_addr) { rec->hdr.src_cid, rec->hdr.src_port };
		*dst = (struct vsockhdr_addr) { rec->hdr.dst_cid, rec->hdr.dst_port };
	} else {
		*src = (struct vsockhdr_addr) { rec->mon.src_cid, rec->mon.src_port };
		*dst = (struct vsockhdr_addr) { rec->mon.dst_cid, rec->mon.dst_port };
	}
}

#endif
