/* SPDX-License-Identifier: BSD-2-Clause */

#include "duration.h"

#include "output.h"
#include "packet.h"

/* Sign of a number; its magnitude, also of INT64_MIN, goes to value */
static char *put_sign(char *p, int64_t number, uint64_t *value)
{
	*value = (uint64_t)number;
	if (number >= 0)
		return p;
	*value = -*value;
	*p++ = '-';
	return p;
}

/* value thousandths of a unit, with as many decimals as make three digits */
static char *put_thousandths(char *p, uint64_t value)
{
	uint64_t whole = value / 1000;
	uint32_t rest = (uint32_t)(value % 1000);

	p = put_u64(p, whole);
	if (whole >= 100)
		return p;
	*p++ = '.';
	return whole >= 10 ? put_digits(p, rest / 100, 1) : put_digits(p, rest / 10, 2);
}

char *put_duration(char *p, int64_t ns)
{
	uint64_t value;

	p = put_sign(p, ns, &value);
	if (value < 1000)
		return put_literal(put_u64(p, value), "ns");
	/* A clock of microseconds knows no decimals of them. */
	if (value < 1000000 && value % 1000 == 0)
		return put_literal(put_u64(p, value / 1000), "us");
	if (value < 1000000)
		return put_literal(put_thousandths(p, value), "us");
	if (value < NSEC_PER_SEC)
		return put_literal(put_thousandths(p, value / 1000), "ms");
	return put_literal(put_thousandths(p, value / 1000000), "s");
}

char *put_nanoseconds(char *p, int64_t ns)
{
	uint64_t value;

	p = put_sign(p, ns, &value);
	p = put_u64(p, value / NSEC_PER_SEC);
	*p++ = '.';
	return put_digits(p, (uint32_t)(value % NSEC_PER_SEC), 9);
}
