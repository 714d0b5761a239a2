/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_WIRE_H
#define VSOCKHDR_WIRE_H

/*
 * Little-endian fields in memory. Theory of operation: the memory may belong to a
 * guest that changes it while we look. A value that was checked must be the value
 * that is used, so a compiler must neither read a field again nor (as an inlined
 * memcpy does) read it in overlapping pieces. Hence volatile accesses, one a field.
 * The types say "any alignment, may alias anything", so this is defined for GCC and
 * clang on machines that want aligned accesses, too.
 */

#include <endian.h>
#include <stdint.h>

typedef uint16_t __attribute__((aligned(1), may_alias)) wire16;
typedef uint32_t __attribute__((aligned(1), may_alias)) wire32;
typedef uint64_t __attribute__((aligned(1), may_alias)) wire64;

static inline uint16_t load16(const uint8_t *p)
{
	return le16toh(*(const volatile wire16 *)p);
}

static inline uint32_t load32(const uint8_t *p)
{
	return le32toh(*(const volatile wire32 *)p);
}

static inline uint64_t load64(const uint8_t *p)
{
	return le64toh(*(const volatile wire64 *)p);
}

static inline void store16(uint8_t *p, uint16_t value)
{
	*(volatile wire16 *)p = htole16(value);
}

static inline void store32(uint8_t *p, uint32_t value)
{
	*(volatile wire32 *)p = htole32(value);
}

static inline void store64(uint8_t *p, uint64_t value)
{
	*(volatile wire64 *)p = htole64(value);
}

#endif
