/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: a file is read in large pieces into a buffer that stays in the
 * processor's cache. The file is not mapped: a file that is cut short while it is mapped
 * raises a signal at whatever instruction looks at it, and reading pieces costs no more.
 *
 * Where records are large and only their headers are looked at, the rest is not read:
 * each header is read by itself. That is faster than reading everything only if the file
 * is in memory, for from a disk a row of small pieces comes more slowly than the whole.
 * So such a small piece is asked for only if it is there (RWF_NOWAIT), and where it is
 * not, a large piece is read, which the kernel reads ahead.
 *
 * The file may grow, and a record that is not complete may be so a moment later. Its
 * size is asked again before a record is said to be cut.
 */

#include "savefile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vsockhdr/record.h>

#include "source.h"

/* pcap-savefile(5): the file's header, and a record's */
#define FILE_HEADER   24
#define RECORD_HEADER 16
#define VERSION_MAJOR 2
#define VERSION_MINOR 4
#define MAGIC_MICRO   0xa1b2c3d4U
#define MAGIC_NANO    0xa1b23c4dU

/* A piece that is read at once; a record that is not whole stays before it */
#define PIECE       ((size_t)64 * 1024)
#define BUFFER_SIZE (RECORD_HEADER + SOURCE_MAX_SNAPLEN + PIECE)

/* A record's headers alone */
#define SMALL_PIECE (RECORD_HEADER + VSOCKHDR_RECORD_HDRS_LEN)

/* From so many bytes on that nobody looks at, leaving them out costs less than reading
 * them; the average is over about so many records */
#define SPARSE_BYTES   4096
#define AVERAGE_WEIGHT 8

static uint32_t get32(const struct savefile *savefile, const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return savefile->swapped ? __builtin_bswap32(value) : value;
}

/* libpcap's times have a sign in this machine's byte order only */
static int64_t get_time(const struct savefile *savefile, const uint8_t *p)
{
	uint32_t value = get32(savefile, p);

	return savefile->swapped ? (int64_t)value : (int64_t)(int32_t)value;
}

static uint16_t get16(const struct savefile *savefile, const uint8_t *p)
{
	uint16_t value;

	memcpy(&value, p, sizeof(value));
	return savefile->swapped ? __builtin_bswap16(value) : value;
}

static bool read_header(struct savefile *savefile)
{
	uint8_t header[FILE_HEADER];
	uint32_t magic;

	if (pread(savefile->fd, header, sizeof(header), savefile->offset) !=
	    (ssize_t)sizeof(header))
		return false;
	magic = get32(savefile, header);
	if (magic != MAGIC_MICRO && magic != MAGIC_NANO) {
		savefile->swapped = true;
		magic = get32(savefile, header);
	}
	if (magic != MAGIC_MICRO && magic != MAGIC_NANO)
		return false;
	savefile->nsec = magic == MAGIC_MICRO ? 1000 : 1;
	savefile->offset += FILE_HEADER;
	return get16(savefile, header + 4) == VERSION_MAJOR &&
	       get16(savefile, header + 6) == VERSION_MINOR;
}

bool savefile_open(struct savefile *savefile, int fd, off_t begin, int snaplen,
		   bool headers_only)
{
	*savefile = (struct savefile) {
		.fd = fd,
		.offset = begin,
		.max_caplen = SOURCE_MAX_SNAPLEN,
		.look = headers_only ? VSOCKHDR_RECORD_HDRS_LEN : SIZE_MAX,
	};
	if (snaplen < SOURCE_MAX_SNAPLEN)
		savefile->max_caplen = (uint32_t)snaplen;
	if (!read_header(savefile))
		return false;
	savefile->buffer = malloc(BUFFER_SIZE);
	return savefile->buffer != NULL;
}

void savefile_close(struct savefile *savefile)
{
	free(savefile->buffer);
	savefile->buffer = NULL;
}

/* Read what follows what is in the buffer. Return: false where there is nothing */
static bool read_more(struct savefile *savefile)
{
	off_t at = savefile->offset + (off_t)(savefile->end - savefile->begin);
	struct iovec to = { savefile->buffer + savefile->end, SMALL_PIECE };
	ssize_t n = -1;

	if (savefile->sparse)
		n = preadv2(savefile->fd, &to, 1, at, RWF_NOWAIT);
	if (n <= 0)
		n = pread(savefile->fd, to.iov_base, PIECE, at);
	if (n <= 0)
		return false;
	savefile->end += (size_t)n;
	return true;
}

/* Move what is left of the buffer to its begin, and read until it is so many bytes */
static bool refill(struct savefile *savefile, size_t size)
{
	size_t have = savefile->end - savefile->begin;

	memmove(savefile->buffer, savefile->buffer + savefile->begin, have);
	savefile->ahead -= savefile->begin;
	savefile->begin = 0;
	savefile->end = have;
	while (savefile->end < size)
		if (!read_more(savefile))
			return false;
	return true;
}

/* See to it that so many bytes of the next record are in the buffer */
static inline bool fill(struct savefile *savefile, size_t size)
{
	return savefile->end - savefile->begin >= size || refill(savefile, size);
}

/* Whether the file goes as far as this */
static bool reaches(struct savefile *savefile, off_t end)
{
	struct stat st;

	if (end <= savefile->size)
		return true;
	if (fstat(savefile->fd, &st) == 0)
		savefile->size = st.st_size;
	return end <= savefile->size;
}

/* Go behind a record, of which size bytes were looked at */
static void pass_over(struct savefile *savefile, size_t caplen, size_t looked_at)
{
	size_t size = RECORD_HEADER + caplen;
	size_t have = savefile->end - savefile->begin;

	savefile->offset += (off_t)size;
	savefile->begin += size < have ? size : have;
	if (savefile->lead > 0)
		savefile->lead--;
	if (savefile->lead == 0)
		savefile->ahead = savefile->begin;
	savefile->average -= savefile->average / AVERAGE_WEIGHT;
	savefile->average += (caplen - looked_at) / AVERAGE_WEIGHT;
	savefile->sparse = savefile->average >= SPARSE_BYTES;
}

bool savefile_next(struct savefile *savefile, struct pcap_pkthdr *header,
		   const u_char **bytes)
{
	const uint8_t *record;
	size_t caplen;
	size_t look;

	if (!fill(savefile, RECORD_HEADER))
		return false;
	caplen = get32(savefile, savefile->buffer + savefile->begin + 8);
	look = caplen < savefile->look ? caplen : savefile->look;
	if (caplen > savefile->max_caplen ||
	    !reaches(savefile, savefile->offset + RECORD_HEADER + (off_t)caplen) ||
	    !fill(savefile, RECORD_HEADER + look))
		return false;
	record = savefile->buffer + savefile->begin;
	header->ts.tv_sec = (time_t)get_time(savefile, record);
	header->ts.tv_usec =
		(suseconds_t)(get_time(savefile, record + 4) * savefile->nsec);
	header->caplen = (bpf_u_int32)caplen;
	header->len = get32(savefile, record + 12);
	*bytes = record + RECORD_HEADER;
	pass_over(savefile, caplen, look);
	return true;
}

const u_char *savefile_ahead(struct savefile *savefile)
{
	const uint8_t *record = savefile->buffer + savefile->ahead;
	size_t caplen;

	if (savefile->sparse || savefile->lead == SAVEFILE_LEAD ||
	    savefile->ahead + SMALL_PIECE > savefile->end)
		return NULL;
	caplen = get32(savefile, record + 8);
	if (caplen < VSOCKHDR_RECORD_HDRS_LEN || caplen > savefile->max_caplen)
		return NULL;
	savefile->ahead += RECORD_HEADER + caplen;
	savefile->lead++;
	return record + RECORD_HEADER;
}
