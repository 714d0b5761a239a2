/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_FORMAT_H
#define VSOCK_PLUGIN_FORMAT_H

/*
 * Addresses and times, as the project writes them.
 */

#include <epan/packet.h>
#include <vsockhdr/vsockhdr.h>
#include <wsutil/nstime.h>

/** record_source() - Who sent a record that has at least its vsockmon header: the
 * packet's own header has the last word */
static inline struct vsockhdr_addr record_source(const struct vsockhdr_record *rec)
{
	if (rec->has_hdr)
		return (struct vsockhdr_addr) { rec->hdr.src_cid, rec->hdr.src_port };
	return (struct vsockhdr_addr) { rec->mon.src_cid, rec->mon.src_port };
}

/** record_destination() - Who it was sent to */
static inline struct vsockhdr_addr record_destination(const struct vsockhdr_record *rec)
{
	if (rec->has_hdr)
		return (struct vsockhdr_addr) { rec->hdr.dst_cid, rec->hdr.dst_port };
	return (struct vsockhdr_addr) { rec->mon.dst_cid, rec->mon.dst_port };
}

/** format_u64() - Write a number at @p, at most 20 characters and no NUL; returns the
 * place behind it */
char *format_u64(char *p, uint64_t value);

/** Characters that any duration takes, its final NUL among them */
#define FORMAT_DURATION_MAX 32

/**
 * format_duration() - Write a duration as vsockdump does: 61us, 1.45ms, 8.00s
 * @p:		Room for FORMAT_DURATION_MAX characters
 * @ns:		Nanoseconds
 *
 * Return: the place behind it
 */
char *format_duration(char *p, int64_t ns);

/** format_nstime() - Nanoseconds as Wireshark wants them */
nstime_t format_nstime(int64_t ns);

#endif
