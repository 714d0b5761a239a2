/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_DURATION_H
#define VSOCKDUMP_DURATION_H

/*
 * Lengths of time as a person reads them.
 */

#include <stdint.h>

/** Characters that any duration takes at the most */
#define DURATION_MAX 24

/**
 * put_duration() - Put a duration with three significant digits
 * @p:		Room for DURATION_MAX characters
 * @ns:		Nanoseconds
 *
 * As 61us, 1.45ms, 8.00s, 1234s; digits beyond the third are cut, but never whole
 * seconds.
 *
 * Return: the place behind it
 */
char *put_duration(char *p, int64_t ns);

/**
 * put_nanoseconds() - Put a time as seconds with nine decimals
 * @p:		Room for DURATION_MAX characters
 * @ns:		Nanoseconds
 *
 * Return: the place behind it
 */
char *put_nanoseconds(char *p, int64_t ns);

#endif
