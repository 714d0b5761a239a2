/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The time column. Asking the C library for a local time costs more than the rest of
 * a line, so its text is kept for as long as the second stays the same.
 */

#include "timestamp.h"

#include <stdlib.h>
#include <time.h>

#include "output.h"
#include "packet.h"

static char *put_fraction(char *p, const struct timestamp *ts, uint32_t nsec)
{
	*p++ = '.';
	return ts->nano ? put_digits(p, nsec, 9) : put_digits(p, nsec / 1000, 6);
}

static char *put_seconds(char *p, int64_t sec)
{
	if (sec < 0)
		*p++ = '-';
	return put_u64(p, (uint64_t)llabs(sec));
}

static void fill_cache(struct timestamp *ts, int64_t sec)
{
	size_t size = sizeof(ts->cached);
	time_t when = (time_t)sec;
	struct tm tm;

	ts->cached_sec = sec;
	ts->cached_len = 0;
	if (localtime_r(&when, &tm))
		ts->cached_len =
			ts->style == TIMESTAMP_DATE
				? strftime(ts->cached, size, "%Y-%m-%d %H:%M:%S", &tm)
				: strftime(ts->cached, size, "%H:%M:%S", &tm);
	/* A year beyond what the C library knows: a broken or hostile capture. */
	if (ts->cached_len == 0)
		ts->cached_len = (size_t)(put_seconds(ts->cached, sec) - ts->cached);
}

static char *put_local(char *p, struct timestamp *ts, int64_t sec, uint32_t nsec)
{
	if (ts->cached_len == 0 || ts->cached_sec != sec)
		fill_cache(ts, sec);
	p = put_mem(p, ts->cached, ts->cached_len);
	return put_fraction(p, ts, nsec);
}

/* Seconds since 1970; before it, what is missing to 1970: a fraction counts on from its
 * second, also there. */
static char *put_epoch(char *p, const struct timestamp *ts, int64_t sec, uint32_t nsec)
{
	if (sec >= 0 || nsec == 0)
		return put_fraction(put_seconds(p, sec), ts, nsec);
	*p++ = '-';
	return put_fraction(put_seconds(p, -(sec + 1)), ts,
			    (uint32_t)(NSEC_PER_SEC - nsec));
}

/* The difference to the base, as " 00:00:01.500000" or, for time stamps that go
 * backwards, "-00:00:01.500000" */
static char *put_difference(char *p, const struct timestamp *ts, int64_t to_sec,
			    uint32_t to_nsec)
{
	int64_t sec = to_sec - ts->base_sec;
	int64_t nsec = (int64_t)to_nsec - ts->base_nsec;
	bool negative = sec < 0 || (sec == 0 && nsec < 0);

	if (negative) {
		sec = -sec;
		nsec = -nsec;
	}
	if (nsec < 0) {
		sec--;
		nsec += NSEC_PER_SEC;
	}
	*p++ = negative ? '-' : ' ';
	if (sec / 3600 < 10)
		*p++ = '0';
	p = put_u64(p, (uint64_t)(sec / 3600));
	*p++ = ':';
	p = put_digits(p, (uint32_t)(sec / 60 % 60), 2);
	*p++ = ':';
	p = put_digits(p, (uint32_t)(sec % 60), 2);
	return put_fraction(p, ts, (uint32_t)nsec);
}

char *put_timestamp(char *p, struct timestamp *ts, int64_t sec, uint32_t nsec)
{
	if (!ts->has_base) {
		ts->has_base = true;
		ts->base_sec = sec;
		ts->base_nsec = nsec;
	}

	switch (ts->style) {
	case TIMESTAMP_NONE:
		return p;
	case TIMESTAMP_EPOCH:
		p = put_epoch(p, ts, sec, nsec);
		break;
	case TIMESTAMP_DELTA:
		p = put_difference(p, ts, sec, nsec);
		ts->base_sec = sec;
		ts->base_nsec = nsec;
		break;
	case TIMESTAMP_SINCE_FIRST:
		p = put_difference(p, ts, sec, nsec);
		break;
	case TIMESTAMP_CLOCK:
	case TIMESTAMP_DATE:
		p = put_local(p, ts, sec, nsec);
		break;
	}
	*p++ = ' ';
	return p;
}

char *put_timestamp_ns(char *p, struct timestamp *ts, int64_t ns)
{
	int64_t sec = ns / NSEC_PER_SEC;
	int64_t rest = ns % NSEC_PER_SEC;

	if (rest < 0) {
		rest += NSEC_PER_SEC;
		sec--;
	}
	return put_timestamp(p, ts, sec, (uint32_t)rest);
}
