/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TIMESTAMP_H
#define VSOCKDUMP_TIMESTAMP_H

/*
 * The time at the beginning of a line, in tcpdump's five ways and none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** enum timestamp_style - How many -t there were */
enum timestamp_style {
	/** 12:31:11.261679, local time */
	TIMESTAMP_CLOCK = 0,
	/** -t: no time */
	TIMESTAMP_NONE,
	/** -tt: seconds since 1970 */
	TIMESTAMP_EPOCH,
	/** -ttt: since the previous packet */
	TIMESTAMP_DELTA,
	/** -tttt: date and time, local time */
	TIMESTAMP_DATE,
	/** -ttttt: since the first packet */
	TIMESTAMP_SINCE_FIRST,
};

/** Most -t that mean anything */
#define TIMESTAMP_STYLES 5

/** Characters that any time takes at the most */
#define TIMESTAMP_MAX 64

/**
 * struct timestamp - State of the time column
 * @style:	How to write it
 * @nano:	With nanoseconds, not microseconds
 * @has_base:	@base_sec and @base_nsec are set
 * @base_sec:	The packet that a difference is to
 * @base_nsec:	The same
 * @cached_sec:	The second whose text is in @cached
 * @cached_len:	Length of that text, 0: none
 * @cached:	"12:31:11" or "2026-01-02 12:31:11"
 */
struct timestamp {
	enum timestamp_style style;
	bool nano;
	bool has_base;
	int64_t base_sec;
	uint32_t base_nsec;
	int64_t cached_sec;
	size_t cached_len;
	char cached[TIMESTAMP_MAX];
};

/**
 * put_timestamp() - Put a time and the space after it
 * @p:		Room for TIMESTAMP_MAX characters
 * @ts:		The state
 * @sec:	Seconds since 1970
 * @nsec:	Nanoseconds, below one second
 *
 * Return: the place behind it
 */
char *put_timestamp(char *p, struct timestamp *ts, int64_t sec, uint32_t nsec);

/** put_timestamp_ns() - The same of nanoseconds since 1970 */
char *put_timestamp_ns(char *p, struct timestamp *ts, int64_t ns);

#endif
