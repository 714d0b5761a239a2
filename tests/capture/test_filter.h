/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TEST_FILTER_H
#define VSOCKDUMP_TEST_FILTER_H

/*
 * What the tests of the filter language share: names that do not depend on the machine,
 * and packets.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* The order matters: cmocka.h needs what is before it. */
#include <cmocka.h>
#include <string.h>
#include <strings.h>

#include "filter.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Some name source; what it is, the functions below do not look at */
#define TEST_NAMES ((const struct naming *)&test_names)

static const char test_names;

bool naming_find_cid(const struct naming *names, const char *name, uint64_t *cid)
{
	static const struct {
		const char *name;
		uint64_t cid;
	} known[] = { { "my-vm", 7 }, { "web.lan", 0x100000003 }, { "rst", 9 } };

	assert_ptr_equal(names, TEST_NAMES);
	for (size_t i = 0; i < COUNT(known); i++) {
		if (strcasecmp(known[i].name, name) == 0) {
			*cid = known[i].cid;
			return true;
		}
	}
	return false;
}

bool naming_find_port(const struct naming *names, const char *name, uint32_t *port)
{
	assert_ptr_equal(names, TEST_NAMES);
	if (strcasecmp(name, "ssh") != 0)
		return false;
	*port = 22;
	return true;
}

/* A record of at most so many bytes */
#define RECORD_MAX 128

/* A packet and its bytes */
struct test_packet {
	uint8_t bytes[RECORD_MAX];
	struct packet pkt;
};

/* Decode the bytes again, after they or the lengths were changed */
static inline void test_packet_decode(struct test_packet *to)
{
	to->pkt.data = to->bytes;
	memset(&to->pkt.rec, 0, sizeof(to->pkt.rec));
	to->pkt.err = vsockhdr_record_decode(&to->pkt.rec, to->bytes, to->pkt.caplen,
					     to->pkt.wirelen);
}

/* A record as Linux makes it, without payload */
static inline void test_packet_make(struct test_packet *to, const struct vsockhdr *hdr)
{
	struct vsockhdr_record rec = { .hdr = *hdr };

	memset(to, 0, sizeof(*to));
	vsockhdr_mon_from_hdr(&rec.mon, hdr);
	assert_int_equal(vsockhdr_record_encode(to->bytes, sizeof(to->bytes), &rec), 0);
	to->pkt.caplen = to->pkt.wirelen = VSOCKHDR_RECORD_HDRS_LEN;
	test_packet_decode(to);
}

/* What the compiled program says of a packet */
static inline bool test_program_matches(const struct bpf_program *program,
					const struct packet *pkt)
{
	const struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)pkt->caplen,
		.len = (bpf_u_int32)pkt->wirelen,
	};
	int result = pcap_offline_filter(program, &header, pkt->data);

	assert_true(result == 0 || result == 262144);
	return result != 0;
}

/* Its memory is the caller's, for filter_free() */
static inline struct filter *must_parse(const char *text, enum filter_kind kind)
{
	struct filter_error error;
	struct filter *filter = filter_parse(text, kind, TEST_NAMES, &error);

	if (!filter) {
		filter_report("filter", text, &error);
		fail();
	}
	return filter;
}

/* That a text is wrong, where and how */
static inline void check_error(const char *text, enum filter_kind kind, size_t offset,
			       size_t length, const char *message)
{
	struct filter_error error;
	struct filter *filter = filter_parse(text, kind, TEST_NAMES, &error);

	if (filter)
		fail_msg("no error: %s", text);
	if (strcmp(error.text, message) != 0 || error.offset != offset ||
	    error.length != length)
		fail_msg("%s\n%zu+%zu: %s\nexpected\n%zu+%zu: %s", text, error.offset,
			 error.length, error.text, offset, length, message);
}

/* A client at 3:1024 streams to host:22 */
static const struct vsockhdr example = {
	.src_cid = 3,
	.dst_cid = 2,
	.src_port = 1024,
	.dst_port = 22,
	.len = 100,
	.type = VSOCKHDR_TYPE_SEQPACKET,
	.op = VSOCKHDR_OP_RW,
	.flags = VSOCKHDR_SEQ_EOM,
	.buf_alloc = 262144,
	.fwd_cnt = 0xfffffff0,
};

#endif
