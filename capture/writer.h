/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_WRITER_H
#define VSOCKDUMP_WRITER_H

/*
 * Packets into a pcap file (-w).
 */

#include <pcap/pcap.h>
#include <stdbool.h>

#include "packet.h"

struct writer;

/**
 * writer_open() - Begin a pcap file
 * @path:	Its name; "-" is standard output
 * @snaplen:	Snap length to write into its header
 * @precision:	PCAP_TSTAMP_PRECISION_MICRO or _NANO
 * @unbuffered:	Hand each packet on at once (-U)
 *
 * Return: the writer, for writer_close(); NULL after a message
 */
struct writer *writer_open(const char *path, int snaplen, int precision, bool unbuffered);

/**
 * writer_packet() - Write a packet
 * @writer:	The writer
 * @pkt:	The packet
 *
 * Return: false, after a message, where it could not be written
 */
bool writer_packet(struct writer *writer, const struct packet *pkt);

/**
 * writer_close() - End the file
 * @writer:	The writer, or NULL
 *
 * Return: false, after a message, where not everything could be written
 */
bool writer_close(struct writer *writer);

#endif
