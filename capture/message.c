/* SPDX-License-Identifier: BSD-2-Clause */

#include "message.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static bool only_faults;

void message(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("vsockdump: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

void inform(const char *format, ...)
{
	va_list args;

	if (only_faults)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
}

void message_only_faults(void)
{
	only_faults = true;
}
