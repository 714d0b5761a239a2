/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A guest that changes a header while it is parsed: what was checked must be what is
 * used. One thread plays the guest and changes len without pause between a value that
 * fits and one that does not; the other parses a fixed number of times.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "helper.h"

#define ROUNDS 300000
#define LEN    24
#define MAX    16
#define SMALL  9
#define LARGE  UINT32_C(0x01000011)

/* The header, with len (a 32-bit field at an offset of 24) as the guest writes it */
static struct {
	uint8_t before[LEN];
	_Atomic uint32_t len;
	uint8_t behind[44 - LEN - 4];
} wire;
static uint8_t payload[MAX];
static atomic_bool stop;

static void *guest(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		atomic_store(&wire.len, SMALL);
		atomic_store(&wire.len, LARGE);
	}
	return NULL;
}

/* The two values may be seen mixed, byte by byte; this is what then is allowed. */
static void parse(const struct vsockhdr_chain *chain)
{
	struct vsockhdr_packet pkt;
	uint8_t to[MAX];
	int err = vsockhdr_tx_parse(&pkt, chain, MAX);

	if (err) {
		assert_int_equal(err, VSOCKHDR_ERR_PAYLOAD_OVERSIZE);
		return;
	}
	assert_true(pkt.hdr.len <= MAX);
	assert_int_equal(pkt.room, pkt.hdr.len);
	assert_int_equal(vsockhdr_packet_read(&pkt, 0, to, sizeof(to)), pkt.room);
}

static void test_len_that_changes(void **state)
{
	const struct iovec iov[] = {
		{ &wire, LEN + 2 },
		{ (uint8_t *)&wire + LEN + 2, sizeof(wire) - LEN - 2 },
		{ payload, sizeof(payload) },
	};
	const struct vsockhdr_chain chain = { .iov = iov, .out = COUNT(iov) };
	pthread_t thread;

	(void)state;
	assert_int_equal(sizeof(wire), 44);
	memcpy(&wire, example_packet, sizeof(wire));
	atomic_store(&wire.len, LARGE);
	assert_int_equal(pthread_create(&thread, NULL, guest, NULL), 0);
	for (int i = 0; i < ROUNDS; i++)
		parse(&chain);
	atomic_store(&stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_len_that_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
