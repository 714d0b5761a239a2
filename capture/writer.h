/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_WRITER_H
#define VSOCKDUMP_WRITER_H

/*
 * Packets into a pcap file (-w), or into one after the other (-C, -G).
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "packet.h"
#include "rotation.h"

struct writer;

/**
 * struct writer_options - How to write
 * @rotation:	The name, and when to go on in another file; the name "-" is standard
 *		output, which has no other
 * @read_file:	A file that must not be overwritten, as it is being read; or NULL
 * @snaplen:	Snap length to write into the file's header
 * @precision:	PCAP_TSTAMP_PRECISION_MICRO or _NANO
 * @unbuffered:	Hand each packet on at once (-U)
 * @reader_may_leave:	Who reads the pipe that is written to may close it: that is a good
 *		end, not a fault
 * @live:	The packets come as they happen: time windows begin now, not with the
 *first packet
 * @command:	What to run for each file that is complete before the end (-z), or NULL
 */
struct writer_options {
	struct rotation_limits rotation;
	const char *read_file;
	int snaplen;
	int precision;
	bool unbuffered;
	bool reader_may_leave;
	bool live;
	struct command *command;
};

/** enum writer_result - What became of it */
enum writer_result {
	WRITER_OK = 0,
	/** Something could not be written, and there has been a message */
	WRITER_FAILED,
	/** As many files as were asked for are complete (-G with -W): this is the end,
	 * and a good one */
	WRITER_DONE,
};

/**
 * writer_open() - Begin to write
 * @options:	How; copied, but not what they point to
 *
 * The first file is there when this returns, with its header: a name that cannot be
 * written to is found at once, and what is killed early leaves an empty capture. Only
 * where names depend on the time stamps of packets from elsewhere (time windows, and
 * not live) it comes with the first packet, or with writer_close() if there was none.
 *
 * Return: the writer, for writer_close(); NULL after a message
 */
struct writer *writer_open(const struct writer_options *options);

/**
 * writer_packet() - Write a packet
 * @writer:	The writer
 * @pkt:	The packet
 *
 * Each write to the file ends with a whole packet. Where one fails, what reached the
 * file of the packet that was cut is removed again: it ends with a whole packet, too.
 *
 * Return: WRITER_OK: it was written. Else it was not, nor will any other be
 */
enum writer_result writer_packet(struct writer *writer, const struct packet *pkt);

/**
 * writer_tick() - Let time pass in a live capture
 * @writer:	The writer
 * @now_ns:	The time by the clock of the time stamps, in nanoseconds since 1970
 *
 * To be called when the source has nothing more at the moment, so that no packet that
 * came in time still waits there, and at least once a second then. What is buffered
 * goes to the file, and a file whose time window is over is completed although no
 * packet comes.
 */
enum writer_result writer_tick(struct writer *writer, int64_t now_ns);

/** writer_flush() - Hand what is buffered on to the file. Return: false after a message
 */
bool writer_flush(struct writer *writer);

/**
 * writer_close() - End the file
 * @writer:	The writer, or NULL
 *
 * As with tcpdump, no command is run for this one. It does not end the command.
 *
 * Return: false, after a message, where not everything could be written
 */
bool writer_close(struct writer *writer);

#endif
