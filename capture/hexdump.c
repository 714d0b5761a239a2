/* SPDX-License-Identifier: BSD-2-Clause */

#include "hexdump.h"

#define PER_LINE 16
/* Tab, offset of up to 8 digits, 8 groups of 5, gap, text, newline */
#define LINE_MAX_LEN 96
/* Where the text column begins: 8 groups of a space and 4 digits, and 2 spaces */
#define HEX_WIDTH (PER_LINE / 2 * 5 + 2)

static const char hex_digits[] = "0123456789abcdef";

static char *put_offset(char *p, size_t offset)
{
	int shift = 28;

	p = put_literal(p, "\t0x");
	while (shift > 12 && offset >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = hex_digits[(offset >> shift) & 0xf];
	return put_literal(p, ": ");
}

static char *put_hex_bytes(char *p, const uint8_t *data, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i % 2 == 0)
			*p++ = ' ';
		*p++ = hex_digits[data[i] >> 4];
		*p++ = hex_digits[data[i] & 0xf];
	}
	return p;
}

static char *put_text(char *p, const uint8_t *data, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*p++ = data[i] > ' ' && data[i] < 0x7f ? (char)data[i] : '.';
	return p;
}

void hexdump(struct output *out, const uint8_t *data, size_t size, bool ascii)
{
	for (size_t offset = 0; offset < size; offset += PER_LINE) {
		size_t left = size - offset;
		size_t count = left < PER_LINE ? left : PER_LINE;
		char *p = put_offset(output_reserve(out, LINE_MAX_LEN), offset);
		char *end = put_hex_bytes(p, data + offset, count);

		if (ascii) {
			memset(end, ' ', (size_t)(p + HEX_WIDTH - end));
			end = put_text(p + HEX_WIDTH, data + offset, count);
		}
		*end++ = '\n';
		output_commit(out, end);
	}
}

static bool is_readable(uint8_t byte)
{
	return (byte >= ' ' && byte < 0x7f) || byte == '\t' || byte == '\n';
}

void asciidump(struct output *out, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char *p = output_reserve(out, 1);

		if (data[i] == '\r' && i + 1 < size && data[i + 1] == '\n')
			continue;
		*p++ = is_readable(data[i]) ? (char)data[i] : '.';
		output_commit(out, p);
	}
	output_bytes(out, "\n", 1);
}
