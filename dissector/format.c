/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "compat.h"

#include "format.h"

#include <inttypes.h>
#include <stdio.h>

#define NSEC_PER_SEC INT64_C(1000000000)

char *format_u64(char *p, uint64_t value)
{
	char digits[20];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (count > 0)
		*p++ = digits[--count];
	return p;
}

/* Thousandths of a unit, with as many decimals as make three digits; more are cut */
static char *put_thousandths(char *p, uint64_t value, const char *unit)
{
	uint64_t whole = value / 1000;
	uint64_t rest = value % 1000;

	if (whole >= 100)
		return p + sprintf(p, "%" PRIu64 "%s", whole, unit);
	if (whole >= 10)
		return p +
		       sprintf(p, "%" PRIu64 ".%" PRIu64 "%s", whole, rest / 100, unit);
	return p + sprintf(p, "%" PRIu64 ".%02" PRIu64 "%s", whole, rest / 10, unit);
}

char *format_duration(char *p, int64_t ns)
{
	uint64_t value = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		*p++ = '-';
	if (value < 1000)
		return p + sprintf(p, "%" PRIu64 "ns", value);
	/* A clock of microseconds knows no decimals of them. */
	if (value < 1000000 && value % 1000 == 0)
		return p + sprintf(p, "%" PRIu64 "us", value / 1000);
	if (value < 1000000)
		return put_thousandths(p, value, "us");
	if (value < (uint64_t)NSEC_PER_SEC)
		return put_thousandths(p, value / 1000, "ms");
	return put_thousandths(p, value / 1000000, "s");
}

nstime_t format_nstime(int64_t ns)
{
	return (nstime_t) { .secs = (time_t)(ns / NSEC_PER_SEC),
			    .nsecs = (int)(ns % NSEC_PER_SEC) };
}
