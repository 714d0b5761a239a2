/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_RUN_H
#define VSOCKDUMP_RUN_H

/*
 * A run of vsockdump, as the files that make it up share it: dump.c sees to sources and
 * privileges, run_packet.c to each packet, run_print.c to printers, writers and reports,
 * run_scan.c to the first pass over a file.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "json.h"
#include "naming.h"
#include "options.h"
#include "output.h"
#include "report.h"
#include "selection.h"
#include "source.h"
#include "track.h"
#include "writer.h"

/**
 * struct run - A run of vsockdump
 * @options:	The command line
 * @out:	Standard output
 * @names:	Names of CIDs and ports
 * @selection:	Which packets are wanted
 * @sink:	Takes the packets of the source
 * @shown:	Wanted packets so far
 * @seconds:	How often the second's interval of a live capture was over
 *
 * @json:	Printer, for --json
 * @report:	Report, for --flows and its like
 * @processes:	Who has this machine's sockets open, for -e
 * @writer:	Writer, for -w
 * @command:	What runs the command of -z
 * @failed:	A writer has failed and said so
 *
 * @track:	The tracker
 * @tracked:	Packets are followed
 * @incomplete:	Packets are missing anywhere: the file says that its capture lost some,
 *		or the kernel passes only some of a connection
 * @marks:	What a first pass over the file has found
 * @outcomes:	Likewise: how connections ended
 * @bad:	There was a finding that --fail-on asked for
 * @found:	Findings that wait for the packet's line, of -vvv
 */
struct run {
	struct options *options;
	struct output out;
	struct naming *names;
	struct selection selection;
	struct sink sink;
	uint64_t shown;
	uint64_t seconds;

	struct json *json;
	struct report *report;
	struct processes *processes;
	struct writer *writer;
	struct command command;
	bool failed;

	struct track track;
	bool tracked;
	bool incomplete;
	struct track_marks marks;
	struct track_outcomes outcomes;
	bool bad;
	GArray *found;
};

/* run_packet.c */

/** run_packet() - Take a packet: the packet() of the sink */
void run_packet(struct sink *sink, const struct pcap_pkthdr *header, const u_char *bytes);

/** run_make_packet() - What libpcap gives, of a damaged file with any time stamp and
 * lengths, as a packet */
void run_make_packet(const struct run *run, struct packet *pkt, uint64_t frame,
		     const struct pcap_pkthdr *header, const u_char *bytes);

/** run_follow() - Decode a packet and give it to a tracker */
void run_follow(const struct run *run, struct track *track, const struct sink *sink,
		struct packet *pkt, struct story *story);

/** run_expect() - A packet with these headers will come soon. Return: whether that is of
 * any use */
bool run_expect(struct track *track, const u_char *headers);

/**
 * run_lost() - Packets that the capture has lost after the last one, and before
 *
 * Where packets are missing and nobody says where, it is anywhere: before each.
 */
uint64_t run_lost(const struct run *run, const struct sink *sink);

/* run_print.c */

/** run_open_printers() - Make printer, report and tracker; false after a message */
bool run_open_printers(struct run *run, bool complete);

/**
 * run_open_writer() - Begin the file of -w
 * @run:	The run
 * @snaplen:	Snap length of the source
 * @precision:	Precision of the source
 *
 * Return: false after a message
 */
bool run_open_writer(struct run *run, int snaplen, int precision);

/** run_print() - Print a wanted packet, or report on it */
void run_print(struct run *run, const struct packet *pkt, const struct story *story);

/** run_second() - Another second of a live capture is over: the sink's interval() */
void run_second(struct sink *sink);

/** run_idle() - A live capture has nothing more at the moment: the sink's idle() */
void run_idle(struct sink *sink);

/** run_flush() - SIGUSR2: the sink's flush() */
void run_flush(struct sink *sink);

/** run_close_printers() - Say what can only be said at the end, and see that everything
 * was written; false, after a message, where it was not */
bool run_close_printers(struct run *run);

/** run_free() - Free everything */
void run_free(struct run *run);

/* run_scan.c */

/**
 * run_scan() - Learn what becomes known of a packet only after it
 * @run:	The run
 * @files:	All files, complete ones
 * @count:	How many
 *
 * Return: false after a message
 */
bool run_scan(struct run *run, const struct capture_file *files, size_t count);

#endif
