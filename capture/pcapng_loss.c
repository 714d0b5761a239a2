/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A file in pcapng format (draft-ietf-opsawg-pcapng) is a row of blocks: type, length,
 * body, length again. A section header block begins a section and sets the byte order;
 * an interface statistics block (section 4.6) counts from the beginning of the capture,
 * so that of several of one interface the last one counts. Everything is taken with
 * doubt: what is not as it should be ends the reading, not the program.
 */

#include "pcapng_loss.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_SECTION    0x0a0d0d0aU
#define BLOCK_STATISTICS 5U
#define MAGIC            0x1a2b3c4dU
#define MAGIC_SWAPPED    0x4d3c2b1aU

/* Type and length before the body, length behind it */
#define BLOCK_HEAD 8
#define BLOCK_MIN  12

/* Body of a statistics block: interface and time stamp, then options; those that
 * dumpcap writes take less than 200 bytes */
#define STATISTICS_HEAD 12
#define STATISTICS_MAX  4096

/* Options isb_ifdrop and isb_osdrop: packets dropped by the interface, by the system */
#define OPTION_IFDROP 5
#define OPTION_OSDROP 7

/* What is read rather than passed over with a seek */
#define SHORT 2048

/* Interfaces of a section; what those beyond say is left out */
#define INTERFACES 64

/**
 * struct walk - Where the reading stands
 * @file:	The file
 * @swapped:	The section is in the other byte order
 * @lost:	Of this section, by interface
 * @total:	Of the sections before it
 */
struct walk {
	FILE *file;
	bool swapped;
	uint64_t lost[INTERFACES];
	uint64_t total;
};

static uint16_t get16(const struct walk *walk, const unsigned char *p)
{
	uint16_t value;

	memcpy(&value, p, sizeof(value));
	return walk->swapped ? __builtin_bswap16(value) : value;
}

static uint32_t get32(const struct walk *walk, const unsigned char *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return walk->swapped ? __builtin_bswap32(value) : value;
}

static uint64_t get64(const struct walk *walk, const unsigned char *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return walk->swapped ? __builtin_bswap64(value) : value;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void end_section(struct walk *walk)
{
	for (int i = 0; i < INTERFACES; i++)
		walk->total = add(walk->total, walk->lost[i]);
	memset(walk->lost, 0, sizeof(walk->lost));
}

static bool begin_section(struct walk *walk)
{
	uint32_t magic;

	if (fread(&magic, sizeof(magic), 1, walk->file) != 1)
		return false;
	end_section(walk);
	walk->swapped = magic == MAGIC_SWAPPED;
	return magic == MAGIC || magic == MAGIC_SWAPPED;
}

static void take_options(struct walk *walk, const unsigned char *p, size_t left,
			 uint64_t *lost)
{
	*lost = 0;
	while (left >= 4) {
		uint16_t code = get16(walk, p);
		size_t size = get16(walk, p + 2);
		size_t padded = (size + 3) & ~(size_t)3;

		if (code == 0 || padded > left - 4)
			return;
		if ((code == OPTION_IFDROP || code == OPTION_OSDROP) && size == 8)
			*lost = add(*lost, get64(walk, p + 4));
		p += 4 + padded;
		left -= 4 + padded;
	}
}

static bool take_statistics(struct walk *walk, size_t size, size_t *used)
{
	unsigned char body[STATISTICS_MAX];
	uint32_t interface;

	if (size > sizeof(body))
		size = sizeof(body);
	if (size < STATISTICS_HEAD || fread(body, size, 1, walk->file) != 1)
		return false;
	*used += size;
	interface = get32(walk, body);
	if (interface < INTERFACES)
		take_options(walk, body + STATISTICS_HEAD, size - STATISTICS_HEAD,
			     &walk->lost[interface]);
	return true;
}

/* What is short is read: a seek costs a system call, and the buffer. */
static bool pass_over(struct walk *walk, size_t size)
{
	unsigned char bytes[SHORT];

	if (size > sizeof(bytes))
		return fseeko(walk->file, (off_t)size, SEEK_CUR) == 0;
	return fread(bytes, 1, size, walk->file) == size;
}

/* Read a block, or pass it over; false where the reading ends */
static bool take_block(struct walk *walk)
{
	size_t used = BLOCK_HEAD;
	unsigned char head[BLOCK_HEAD];
	uint32_t type;
	uint32_t size;

	if (fread(head, sizeof(head), 1, walk->file) != 1)
		return false;
	/* The type of a section header is the same in both byte orders. */
	type = get32(walk, head);
	if (type == BLOCK_SECTION) {
		if (!begin_section(walk))
			return false;
		used += sizeof(uint32_t);
	}
	size = get32(walk, head + 4);
	if (size < BLOCK_MIN || size % 4 != 0)
		return false;
	if (type == BLOCK_STATISTICS && !take_statistics(walk, size - BLOCK_MIN, &used))
		return false;
	return pass_over(walk, size - used);
}

static bool is_pcapng(FILE *file, off_t begin)
{
	uint32_t type;

	return fread(&type, sizeof(type), 1, file) == 1 && type == BLOCK_SECTION &&
	       fseeko(file, begin, SEEK_SET) == 0;
}

uint64_t pcapng_loss(const struct capture_file *file)
{
	struct walk walk = { .file = NULL };

	if (!file_is_complete(file))
		return 0;
	walk.file = file_stream(file);
	if (!walk.file)
		return 0;
	if (is_pcapng(walk.file, file->begin))
		while (take_block(&walk))
			;
	fclose(walk.file);
	end_section(&walk);
	return walk.total;
}
