/* SPDX-License-Identifier: BSD-2-Clause */

#include "message.h"

#include <stdarg.h>
#include <stdio.h>

void message(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("vsockdump: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}
