/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_HDR_WIRE_H
#define VSOCKHDR_HDR_WIRE_H

/*
 * Whole headers from and to wire bytes whose number has been checked. Inline, because
 * a capture tool does this for every record. Private to the library.
 */

#include <vsockhdr/hdr.h>
#include <vsockhdr/record.h>

#include "wire.h"

#define LOAD_FIELD(name, bits, offset)  to->name = load##bits(from + (offset));
#define STORE_FIELD(name, bits, offset) store##bits(to + (offset), from->name);

/* 44 bytes at from */
static inline void hdr_load(struct vsockhdr *to, const uint8_t *from)
{
	VSOCKHDR_FIELDS(LOAD_FIELD)
}

static inline void hdr_store(uint8_t *to, const struct vsockhdr *from)
{
	VSOCKHDR_FIELDS(STORE_FIELD)
}

/* 32 bytes at from */
static inline void mon_load(struct vsockhdr_mon *to, const uint8_t *from)
{
	VSOCKHDR_MON_FIELDS(LOAD_FIELD)
}

static inline void mon_store(uint8_t *to, const struct vsockhdr_mon *from)
{
	VSOCKHDR_MON_FIELDS(STORE_FIELD)
}

#undef LOAD_FIELD
#undef STORE_FIELD

/* The public getter and setter of a field */
#define DEFINE_ACCESSORS(prefix, name, bits, offset)                 \
	uint##bits##_t prefix##_get_##name(const void *wire)         \
	{                                                            \
		return load##bits((const uint8_t *)wire + (offset)); \
	}                                                            \
	void prefix##_set_##name(void *wire, uint##bits##_t value)   \
	{                                                            \
		store##bits((uint8_t *)wire + (offset), value);      \
	}

#endif
