/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_TEST_HELPER_H
#define VSOCKHDR_TEST_HELPER_H

/*
 * What the unit tests share: one hand-written packet, memory in which an access too far
 * is a crash, every way to cut bytes into fragments, and random numbers that are the
 * same in every run.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <vsockhdr/vsockhdr.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define EXAMPLE_PAYLOAD_LEN 6
#define EXAMPLE_RECORD_LEN  (VSOCKHDR_RECORD_HDRS_LEN + EXAMPLE_PAYLOAD_LEN)

/* 3:1024 > 2:1234, seqpacket RW with EOM and 6 bytes, as vsockmon shows it */
extern const uint8_t example_record[EXAMPLE_RECORD_LEN];
/* Its second header, followed by the payload: what lies in a virtqueue */
extern const uint8_t *const example_packet;
/* Its headers, decoded by hand */
extern const struct vsockhdr_mon example_mon;
extern const struct vsockhdr example_hdr;

/* Slots of guarded memory, and how much each can hold */
#define GUARDED_SLOTS 256
#define GUARDED_MAX   4096

/* size writable bytes that end where an inaccessible page begins. A slot is memory of
 * its own; asked for again, it is the same memory. */
uint8_t *guarded(size_t slot, size_t size);

/* Most fragments that each_split() makes of size bytes */
#define MAX_FRAGMENTS(size) (2 * (size) + 1)

typedef void split_fn(const struct iovec *iov, size_t iovcnt, void *context);

/* Calls fn with a fresh copy of the bytes in fragments: cut nowhere, at every place, at
 * every two places (so with empty fragments, too), into single bytes, and into single
 * bytes between empty fragments. Every fragment ends at an inaccessible page. */
void each_split(const uint8_t *bytes, size_t size, split_fn *fn, void *context);

/* Copies the bytes of all fragments to one place; returns how many */
size_t join(uint8_t *to, const struct iovec *iov, size_t iovcnt);

/* A field of a header, as a test knows it; FIELD_CALLS() makes its two functions */
struct field {
	const char *name;
	size_t offset;
	size_t size;
	uint64_t (*get)(const void *wire);
	void (*set)(void *wire, uint64_t value);
};

#define FIELD_CALLS(prefix, name, bits)                          \
	static uint64_t get_##name(const void *wire)             \
	{                                                        \
		return prefix##get_##name(wire);                 \
	}                                                        \
	static void set_##name(void *wire, uint64_t value)       \
	{                                                        \
		prefix##set_##name(wire, (uint##bits##_t)value); \
	}

/* That the fields make up a header of len bytes, and that each is read and written in
 * its own bytes, little-endian, and in no other, at every alignment */
void check_fields(const struct field *fields, size_t count, size_t len);

#define assert_hdr_equal(a, b) check_hdr_equal(a, b, __FILE__, __LINE__)
#define assert_mon_equal(a, b) check_mon_equal(a, b, __FILE__, __LINE__)

void check_hdr_equal(const struct vsockhdr *a, const struct vsockhdr *b, const char *file,
		     int line);
void check_mon_equal(const struct vsockhdr_mon *a, const struct vsockhdr_mon *b,
		     const char *file, int line);

/* The next random number; every test begins with a seed of its own */
uint64_t next_random(uint64_t *state);
/* The same, more often than not a number at the edge of what 8 to 64 bits hold */
uint64_t next_edge(uint64_t *state);
void fill_random(uint64_t *state, void *to, size_t size);
void random_hdr(uint64_t *state, struct vsockhdr *hdr);
void random_mon(uint64_t *state, struct vsockhdr_mon *mon);

#endif
