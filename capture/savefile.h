/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SAVEFILE_H
#define VSOCKDUMP_SAVEFILE_H

/*
 * The records of a plain pcap file (pcap-savefile(5)), without libpcap: that copies every
 * byte of a file, of which a report looks at the headers only.
 *
 * What is plain is decided here, and everything else is left to libpcap: file.c lets it
 * go on at the first record that is not as it should be. So there is one opinion about
 * damaged files, and one wording of it.
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct savefile - A plain pcap file being read
 * @fd:		The file
 * @offset:	Where the next record begins in it
 * @size:	Its size, as it was when that was asked last
 * @swapped:	It is in the other byte order
 * @nsec:	Nanoseconds in a unit of its time stamps' fractions: 1 or 1000
 * @max_caplen:	Records of more bytes are not plain
 * @look:	Bytes of a record that anybody looks at
 * @sparse:	Most of what is in it is not looked at: to be read record by record
 * @average:	Bytes of a record that are not looked at, on a moving average
 * @buffer:	What was read
 * @begin:	The next record in @buffer
 * @end:	End of what is valid in it
 * @ahead:	The record that savefile_ahead() tells next, in @buffer or behind it
 * @lead:	Records from @begin to @ahead
 */
struct savefile {
	int fd;
	off_t offset;
	off_t size;
	bool swapped;
	uint32_t nsec;
	uint32_t max_caplen;
	size_t look;
	bool sparse;
	size_t average;
	uint8_t *buffer;
	size_t begin;
	size_t end;
	size_t ahead;
	unsigned int lead;
};

/**
 * savefile_open() - Begin to read a file, if it is a plain one
 * @savefile:	What to set
 * @fd:		The file, a regular one; its own offset is neither used nor moved
 * @begin:	Where in it the pcap file begins
 * @snaplen:	The file's snap length, as libpcap takes it
 * @headers_only:	Nobody looks at more of a record than its headers
 *
 * Return: false where it is none, or there is no memory
 */
bool savefile_open(struct savefile *savefile, int fd, off_t begin, int snaplen,
		   bool headers_only);

/**
 * savefile_next() - The next record
 * @savefile:	The file
 * @header:	What libpcap would say of it, with nanoseconds
 * @bytes:	Set to its bytes, as many as anybody looks at; until the next call
 *
 * Return: false where there is none, or one that is not plain: it begins at @offset
 */
bool savefile_next(struct savefile *savefile, struct pcap_pkthdr *header,
		   const u_char **bytes);

/** Records that savefile_ahead() is ahead at the most */
#define SAVEFILE_LEAD 8

/**
 * savefile_ahead() - A record that will come a few calls of savefile_next() later
 * @savefile:	The file
 *
 * Return: its headers, VSOCKHDR_RECORD_HDRS_LEN bytes, of each record at most once; NULL
 * where there is no other in the buffer yet. Nothing of it has been checked
 */
const u_char *savefile_ahead(struct savefile *savefile);

/** savefile_close() - Free what savefile_open() took */
void savefile_close(struct savefile *savefile);

#endif
