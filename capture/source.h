/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SOURCE_H
#define VSOCKDUMP_SOURCE_H

/*
 * Where packets come from: a file (file.c) or an interface (live.c), both through
 * libpcap, both giving time stamps in nanoseconds.
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

/** Largest snap length, and the default: what tcpdump and libpcap allow */
#define SOURCE_MAX_SNAPLEN 262144

/**
 * struct sink - Who takes the packets
 * @packet:	Called for each; the bytes are the source's, until it returns
 * @idle:	Called when a live source has nothing more at the moment
 * @interval:	Called by a live source every @interval_ms
 * @interval_ms:	Milliseconds; 0: never
 * @context:	Given to all
 * @wanted:	Cleared by @packet when it wants no more
 * @count:	Packets taken so far
 * @lost:	Grows while a live source loses packets. Only that it grows means
 *anything: where among the packets something was lost cannot be told
 * @show_progress:	A bar may show how much of a file has been read
 */
struct sink {
	void (*packet)(struct sink *sink, const struct pcap_pkthdr *header,
		       const u_char *bytes);
	void (*idle)(struct sink *sink);
	void (*interval)(struct sink *sink);
	int64_t interval_ms;
	void *context;
	bool wanted;
	uint64_t count;
	uint64_t lost;
	bool show_progress;
};

/**
 * file_open() - Open a capture file
 * @path:	Its name; "-" is standard input
 * @precision:	Set to the file's own precision, PCAP_TSTAMP_PRECISION_MICRO or _NANO,
 *		for whoever copies it; the packets come in nanoseconds all the same
 *
 * Return: the handle, for pcap_close(); NULL after a message
 */
pcap_t *file_open(const char *path, int *precision);

/**
 * file_run() - Read a file to its end
 * @pcap:	From file_open()
 * @path:	Its name, for messages
 * @sink:	Who takes the packets
 *
 * Ends also when @sink wants no more, or at a signal.
 *
 * Return: false, after a message with the frame and its offset, where the file is
 * damaged; the packets before that have been taken
 */
bool file_run(pcap_t *pcap, const char *path, struct sink *sink);

/** file_is_complete() - Whether a name is that of a regular file: it can be read twice,
 * and what is to be sorted can wait for its end */
bool file_is_complete(const char *path);

/**
 * file_scan() - Read a complete file beforehand
 * @path:	Its name
 * @sink:	Who takes the packets
 *
 * Damage is not reported: file_run() will.
 *
 * Return: false, after a message, where it cannot be opened
 */
bool file_scan(const char *path, struct sink *sink);

/**
 * live_open() - Begin to capture on an interface
 * @name:	The interface
 * @snaplen:	Bytes to keep of each packet
 *
 * Return: the handle, for pcap_close(); NULL after a message that says what to do
 */
pcap_t *live_open(const char *name, int snaplen);

/**
 * live_run() - Capture until a signal, or until the sink wants no more
 * @pcap:	From live_open()
 * @name:	The interface, for messages
 * @sink:	Who takes the packets
 *
 * Prints tcpdump's statistics on standard error at the end, and when SIGUSR1 asks.
 *
 * Return: false, after a message, where capturing failed
 */
bool live_run(pcap_t *pcap, const char *name, struct sink *sink);

/**
 * source_check_linktype() - See to it that a source is of vsockmon
 * @pcap:	The source
 * @name:	Its name, for the message
 *
 * Return: false, after a message, where it is not
 */
bool source_check_linktype(pcap_t *pcap, const char *name);

#endif
