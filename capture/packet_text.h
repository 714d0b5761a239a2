/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PACKET_TEXT_H
#define VSOCKDUMP_PACKET_TEXT_H

/*
 * What the headers of a packet say, in words: for vsockdump's lines and for the Info
 * column of the Wireshark plugin. text_story.c says what the packet meant.
 */

#include <stdbool.h>
#include <vsockhdr/record.h>

#include "naming.h"

/** Characters that the headers take at the most: two addresses 256, type and op 32, four
 * flags and one rest 48, three numbers of 32 with their names, an error text 80 */
#define PACKET_TEXT_MAX 512

/**
 * put_packet() - Put addresses and headers, and why they are incomplete
 * @p:		Room for PACKET_TEXT_MAX characters
 * @rec:	The record
 * @err:	What vsockhdr_record_decode() returned
 * @names:	Names of addresses, or NULL
 * @quiet:	Without credit (-q)
 *
 * Return: the place behind it
 */
char *put_packet(char *p, const struct vsockhdr_record *rec, int err,
		 const struct naming *names, bool quiet);

/**
 * put_mon() - Put the vsockmon header, and a comma and a space
 * @p:		Room for 256 characters
 * @rec:	The record; it has one
 *
 * Return: the place behind it
 */
char *put_mon(char *p, const struct vsockhdr_record *rec);

#endif
