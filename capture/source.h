/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SOURCE_H
#define VSOCKDUMP_SOURCE_H

/*
 * Where packets come from: a file (file.c) or an interface (live.c), both as libpcap
 * gives them, both with time stamps in nanoseconds.
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/** Largest snap length, and the default: what tcpdump and libpcap allow */
#define SOURCE_MAX_SNAPLEN 262144

/**
 * struct sink - Who takes the packets
 * @packet:	Called for each; the bytes are the source's, until it returns
 * @expect:	Called with the headers of a packet that @packet will likely be called for
 *		soon, VSOCKHDR_RECORD_HDRS_LEN bytes; or NULL. Not for every packet, and
 *		hardly ever where it returns false: it is of no use
 * @idle:	Called when a live source has nothing more at the moment
 * @flush:	Called by a live source when SIGUSR2 asks for it
 * @interval:	Called by a live source every @interval_ms
 * @interval_ms:	Milliseconds; 0: never
 * @context:	Given to all
 * @wanted:	Cleared by @packet when it wants no more
 * @count:	Packets taken so far
 * @lost:	Grows while a live source loses packets. Only that it grows means
 *		anything: where among the packets something was lost cannot be told
 * @minds_loss:	Somebody looks at @lost
 * @show_progress:	A bar may show how much of a file has been read
 * @headers_only:	@packet looks at no more of a packet than the headers of a record,
 *		VSOCKHDR_RECORD_HDRS_LEN: a file need not give more
 */
struct sink {
	void (*packet)(struct sink *sink, const struct pcap_pkthdr *header,
		       const u_char *bytes);
	bool (*expect)(struct sink *sink, const u_char *headers);
	void (*idle)(struct sink *sink);
	void (*flush)(struct sink *sink);
	void (*interval)(struct sink *sink);
	int64_t interval_ms;
	void *context;
	bool wanted;
	uint64_t count;
	uint64_t lost;
	bool minds_loss;
	bool show_progress;
	bool headers_only;
};

/**
 * struct capture_file - A capture file that is open
 * @path:	Its name; "-" is standard input
 * @fd:		Its file descriptor. Everything is read through it, so that no file needs
 *		to be opened once there is a sandbox
 * @begin:	Where in the file it begins; -1: it cannot be read twice
 */
struct capture_file {
	const char *path;
	int fd;
	off_t begin;
};

/** file_open() - Open a file; false after a message */
bool file_open(struct capture_file *file, const char *path);

/** file_close() - Close it */
void file_close(struct capture_file *file);

/** file_is_complete() - Whether it is a regular file: it can be read twice, and what is
 * to be sorted can wait for its end */
static inline bool file_is_complete(const struct capture_file *file)
{
	return file->begin >= 0;
}

/** file_stream() - A stream of its own, at its beginning; NULL where that cannot be */
FILE *file_stream(const struct capture_file *file);

/**
 * file_read() - Begin to read packets
 * @file:	The file
 * @precision:	Set to the file's own precision, PCAP_TSTAMP_PRECISION_MICRO or _NANO,
 *		for whoever copies it; the packets come in nanoseconds all the same
 *
 * Return: the handle, for pcap_close(); NULL after a message
 */
pcap_t *file_read(const struct capture_file *file, int *precision);

/**
 * file_run() - Read a file to its end
 * @pcap:	From file_read()
 * @file:	The file
 * @sink:	Who takes the packets
 *
 * Ends also when @sink wants no more, or at a signal.
 *
 * Return: false, after a message with the frame and its offset, where the file is
 * damaged; the packets before that have been taken
 */
bool file_run(pcap_t *pcap, const struct capture_file *file, struct sink *sink);

/**
 * file_scan() - Read a complete file beforehand
 * @file:	The file
 * @sink:	Who takes the packets
 *
 * Damage is not reported: file_run() will.
 *
 * Return: false, after a message, where it cannot be read
 */
bool file_scan(const struct capture_file *file, struct sink *sink);

/**
 * enum live_delay - How long the kernel may keep packets for itself
 * @LIVE_DELAY_UNSEEN:	So long that nobody sees it
 * @LIVE_DELAY_NONE:	As short as can be
 * @LIVE_DELAY_LONG:	As long as tcpdump lets it: nobody waits for them
 */
enum live_delay {
	LIVE_DELAY_UNSEEN,
	LIVE_DELAY_NONE,
	LIVE_DELAY_LONG,
};

/**
 * struct live_options - How to capture
 * @snaplen:	Bytes to keep of each packet
 * @buffer_bytes:	Size of the ring that the kernel fills; 0: the default
 * @delay:	How long packets may take to come
 * @tstamp_type:	libpcap's number of a kind of time stamp; -1: the default
 */
struct live_options {
	int snaplen;
	int buffer_bytes;
	enum live_delay delay;
	int tstamp_type;
};

/**
 * live_open() - Begin to capture on an interface
 * @name:	The interface
 * @options:	How
 *
 * Return: the handle, for pcap_close(); NULL after a message that says what to do
 */
pcap_t *live_open(const char *name, const struct live_options *options);

/**
 * live_filter() - Let the kernel pass only what matches
 * @pcap:	From live_open()
 * @name:	The interface, for messages
 * @program:	What to match; what the kernel does not take, libpcap does
 *
 * Return: false, after a message, where that failed
 */
bool live_filter(pcap_t *pcap, const char *name, struct bpf_program *program);

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

/** live_print_link_types() - Print those of an interface (-L); false after a message */
bool live_print_link_types(const char *name);

/** live_print_tstamp_types() - Print those of an interface (-J); false after a message */
bool live_print_tstamp_types(const char *name);

/**
 * source_check_linktype() - See to it that a source is of vsockmon
 * @pcap:	The source
 * @name:	Its name, for the message
 *
 * Return: false, after a message, where it is not
 */
bool source_check_linktype(pcap_t *pcap, const char *name);

#endif
