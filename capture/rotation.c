/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Names and numbers are tcpdump's; time is not. tcpdump looks at the clock when a packet
 * comes, and begins a window then. Here windows are measured by the packets' own time
 * stamps and follow each other without drift, so that a recorded file is divided as
 * the live capture would have been, and each name tells where its window begins.
 */

#include "rotation.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "packet.h"

/* As many digits as the highest number has; one file alone has no number */
static int count_digits(unsigned int files)
{
	int digits = 0;

	for (unsigned int highest = files > 0 ? files - 1 : 0; highest > 0; highest /= 10)
		digits++;
	return digits;
}

/* strftime() sees to it each time that the time zone is current. Without TZ it looks at
 * /etc/localtime for that, and takes UTC where it may not. */
static void fix_time_zone(void)
{
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
}

void rotation_init(struct rotation *rotation, const struct rotation_limits *limits)
{
	*rotation = (struct rotation) {
		.limits = *limits,
		.digits = limits->max_bytes > 0 ? count_digits(limits->files) : 0,
	};
	if (limits->seconds > 0)
		fix_time_zone();
}

/* Times that no clock shows are taken for the nearest that can be computed with. */
static int64_t clamp(int64_t sec)
{
	if (sec > PACKET_MAX_SEC)
		return PACKET_MAX_SEC;
	return sec < -PACKET_MAX_SEC ? -PACKET_MAX_SEC : sec;
}

void rotation_begin(struct rotation *rotation, int64_t sec)
{
	rotation->window = clamp(sec);
}

enum rotation_step rotation_by_time(struct rotation *rotation, int64_t sec)
{
	const struct rotation_limits *limits = &rotation->limits;
	int64_t since = clamp(sec) - rotation->window;

	if (limits->seconds == 0 || since < limits->seconds)
		return ROTATION_STAY;
	if (limits->max_bytes == 0 && limits->files > 0 &&
	    rotation->named >= limits->files)
		return ROTATION_DONE;
	rotation->window += since - since % limits->seconds;
	rotation->number = 0;
	return ROTATION_NEXT;
}

enum rotation_step rotation_by_size(struct rotation *rotation, uint64_t bytes)
{
	const struct rotation_limits *limits = &rotation->limits;

	if (limits->max_bytes == 0 || bytes <= limits->max_bytes)
		return ROTATION_STAY;
	rotation->number++;
	if (limits->files > 0 && rotation->number >= limits->files)
		rotation->number = 0;
	return ROTATION_NEXT;
}

/* Return: length of the name without its number; 0 where there is no room */
static size_t put_base(const struct rotation *rotation, char *name, size_t size)
{
	const char *path = rotation->limits.path;
	time_t when = (time_t)rotation->window;
	struct tm tm;
	int n;

	if (rotation->limits.seconds > 0) {
/* The format is what the user asks for. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		return localtime_r(&when, &tm) ? strftime(name, size, path, &tm) : 0;
#pragma GCC diagnostic pop
	}
	n = snprintf(name, size, "%s", path);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

bool rotation_name(struct rotation *rotation, char *name, size_t size)
{
	size_t used = put_base(rotation, name, size);
	int n;

	if (used == 0)
		return false;
	rotation->named++;
	if (rotation->number == 0 && rotation->digits == 0)
		return true;
	n = snprintf(name + used, size - used, "%0*" PRIu64, rotation->digits,
		     rotation->number);
	return n > 0 && (size_t)n < size - used;
}

bool rotation_parse_size(const char *text, uint64_t *bytes)
{
	static const struct {
		const char *suffix;
		uint64_t bytes;
	} units[] = {
		{ "", 1000000 },
		{ "k", UINT64_C(1) << 10 },
		{ "m", UINT64_C(1) << 20 },
		{ "g", UINT64_C(1) << 30 },
	};
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || number == 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcasecmp(end, units[i].suffix) != 0)
			continue;
		if (number > INT64_MAX / units[i].bytes)
			return false;
		*bytes = number * units[i].bytes;
		return true;
	}
	return false;
}
