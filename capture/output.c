/* SPDX-License-Identifier: BSD-2-Clause */

#include "output.h"

#include <errno.h>
#include <unistd.h>

void output_init(struct output *out, int fd, bool line_buffered)
{
	out->fd = fd;
	out->line_buffered = line_buffered;
	out->error = 0;
	out->used = 0;
}

bool output_flush(struct output *out)
{
	const char *from = out->buffer;
	size_t left = out->used;

	out->used = 0;
	while (left > 0 && out->error == 0) {
		ssize_t n = write(out->fd, from, left);

		if (n >= 0) {
			from += n;
			left -= (size_t)n;
		} else if (errno != EINTR) {
			out->error = errno;
		}
	}
	return out->error == 0;
}

void output_long(struct output *out, const char *bytes, size_t size)
{
	while (size > 0) {
		size_t n = size < OUTPUT_MAX_RESERVE ? size : OUTPUT_MAX_RESERVE;

		output_commit(out, put_mem(output_reserve(out, n), bytes, n));
		bytes += n;
		size -= n;
	}
}

static size_t count_digits(uint64_t value)
{
	size_t count = 1;

	for (; value >= 10000; value /= 10000)
		count += 4;
	if (value >= 1000)
		return count + 3;
	if (value >= 100)
		return count + 2;
	return value >= 10 ? count + 1 : count;
}

char *put_u64(char *p, uint64_t value)
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";
	char *end = p + count_digits(value);
	char *at = end;

	for (; value >= 100; value /= 100) {
		at -= 2;
		memcpy(at, pairs + value % 100 * 2, 2);
	}
	if (value >= 10)
		memcpy(p, pairs + value * 2, 2);
	else
		*p = (char)('0' + value);
	return end;
}

char *put_hex(char *p, uint32_t value)
{
	int shift = 28;

	p = put_literal(p, "0x");
	while (shift > 0 && (value >> shift) == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[(value >> shift) & 0xf];
	return p;
}
