/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_OUTPUT_H
#define VSOCKDUMP_OUTPUT_H

/*
 * Standard output, buffered here and not by stdio: printing a packet is the hot path,
 * and most of its cost is the formatting of numbers. A printer reserves room for a
 * whole line, writes it with the put functions, which do not check, and commits it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Room that output_reserve() grants at the most, in bytes */
#define OUTPUT_MAX_RESERVE 4096

/**
 * struct output - A buffered file descriptor
 * @fd:		Where it goes
 * @line_buffered:	Hand every line on at once
 * @error:	errno of the first write that failed; what follows is dropped
 * @used:	Bytes in @buffer
 * @buffer:	Bytes not yet written
 */
struct output {
	int fd;
	bool line_buffered;
	int error;
	size_t used;
	char buffer[65536];
};

/**
 * output_init() - Begin to write to a file descriptor
 */
void output_init(struct output *out, int fd, bool line_buffered);

/**
 * output_flush() - Write what is in the buffer
 *
 * Return: false where this or an earlier write failed (out->error)
 */
bool output_flush(struct output *out);

/**
 * output_reserve() - Make room
 * @out:	The output
 * @size:	Bytes wanted, at most OUTPUT_MAX_RESERVE
 *
 * Return: where to write; to be given to output_commit(), moved on by what was written
 */
static inline char *output_reserve(struct output *out, size_t size)
{
	if (size > sizeof(out->buffer) - out->used)
		output_flush(out);
	return out->buffer + out->used;
}

/**
 * output_commit() - Keep what was written after output_reserve()
 * @out:	The output
 * @end:	Behind the last byte written
 */
static inline void output_commit(struct output *out, const char *end)
{
	out->used = (size_t)(end - out->buffer);
}

/** output_long() - output_bytes() for bytes that may not fit in the buffer's rest */
void output_long(struct output *out, const char *bytes, size_t size);

/**
 * output_bytes() - Write any number of bytes
 */
static inline void output_bytes(struct output *out, const char *bytes, size_t size)
{
	if (size > sizeof(out->buffer) - out->used) {
		output_long(out, bytes, size);
		return;
	}
	memcpy(out->buffer + out->used, bytes, size);
	out->used += size;
}

/**
 * output_end_line() - A line, or a group of lines that belong together, is complete
 */
static inline void output_end_line(struct output *out)
{
	if (out->line_buffered)
		output_flush(out);
}

/** put_mem() - Put bytes at p; returns the place behind them, as all put functions */
static inline char *put_mem(char *p, const char *bytes, size_t size)
{
	memcpy(p, bytes, size);
	return p + size;
}

/** put_literal() - Put a string literal */
#define put_literal(p, literal) put_mem((p), "" literal, sizeof(literal) - 1)

/** put_string() - Put a string */
static inline char *put_string(char *p, const char *string)
{
	return put_mem(p, string, strlen(string));
}

/** put_u64() - Put a number in decimal: at most 20 characters */
char *put_u64(char *p, uint64_t value);

/** put_digits() - Put a number in decimal with leading zeros to a width of at most 10 */
static inline char *put_digits(char *p, uint32_t value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		p[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return p + width;
}

/** put_hex() - Put 0x and a number in hexadecimal: at most 10 characters */
char *put_hex(char *p, uint32_t value);

#endif
