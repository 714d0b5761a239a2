/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_FUZZ_H
#define VSOCKHDR_FUZZ_H

/*
 * What the fuzz targets share: a check that stays in every build, choices taken from
 * the input, and the input cut into fragments that each have a heap block of their
 * own, so that AddressSanitizer sees every byte too far.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                         \
	do {                                                                     \
		if (!(condition)) {                                              \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				      #condition);                               \
			abort();                                                 \
		}                                                                \
	} while (0)

/* What is left of the input */
struct input {
	const uint8_t *data;
	size_t size;
};

/* The next byte; 0 where there is none */
static inline uint8_t take_byte(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

static inline uint32_t take_word(struct input *in)
{
	uint32_t word = 0;

	for (int i = 0; i < 4; i++)
		word = word << 8 | take_byte(in);
	return word;
}

#define FRAGMENTS 4

/* Copies size bytes into FRAGMENTS heap blocks, cut where the bytes at cuts say */
static inline void cut(struct iovec *iov, const uint8_t *data, size_t size,
		       const uint8_t *cuts)
{
	for (size_t i = 0; i < FRAGMENTS; i++) {
		size_t n = i + 1 < FRAGMENTS && cuts[i] < size ? cuts[i] : size;

		iov[i].iov_base = n > 0 ? malloc(n) : NULL;
		CHECK(iov[i].iov_base || n == 0);
		if (n > 0)
			memcpy(iov[i].iov_base, data, n);
		iov[i].iov_len = n;
		data += n;
		size -= n;
	}
}

static inline void release(struct iovec *iov)
{
	for (size_t i = 0; i < FRAGMENTS; i++)
		free(iov[i].iov_base);
}

/* That the fragments together hold these bytes */
static inline void check_bytes(const struct iovec *iov, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < FRAGMENTS; i++) {
		CHECK(iov[i].iov_len <= size);
		if (iov[i].iov_len > 0)
			CHECK(memcmp(iov[i].iov_base, data, iov[i].iov_len) == 0);
		data += iov[i].iov_len;
		size -= iov[i].iov_len;
	}
	CHECK(size == 0);
}

#endif
