/* SPDX-License-Identifier: BSD-2-Clause */

#include "fuzz_message.h"

#include <stdarg.h>

#include "fuzz.h"
#include "message.h"

bool complained;

__attribute__((format(printf, 1, 0))) static void swallow(const char *format,
							  va_list args)
{
	char text[1024];

	CHECK(vsnprintf(text, sizeof(text), format, args) >= 0);
}

void message(const char *format, ...)
{
	va_list args;

	complained = true;
	va_start(args, format);
	swallow(format, args);
	va_end(args);
}

void inform(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	swallow(format, args);
	va_end(args);
}

void message_only_faults(void)
{
}
