/* SPDX-License-Identifier: BSD-2-Clause */

#include "writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/**
 * struct writer - A pcap file being written
 * @pcap:	libpcap's idea of what is in it
 * @dumper:	libpcap's writer
 * @path:	Its name, for messages
 * @nano:	Its time stamps have nanoseconds, not microseconds
 * @unbuffered:	Hand each packet on at once
 * @failed:	A message has been given
 */
struct writer {
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	const char *path;
	bool nano;
	bool unbuffered;
	bool failed;
};

struct writer *writer_open(const char *path, int snaplen, int precision, bool unbuffered)
{
	struct writer *writer = malloc(sizeof(*writer));

	if (!writer) {
		message("%s: out of memory", path);
		return NULL;
	}
	*writer = (struct writer) {
		.path = path,
		.nano = precision == PCAP_TSTAMP_PRECISION_NANO,
		.unbuffered = unbuffered,
	};
	writer->pcap = pcap_open_dead_with_tstamp_precision(DLT_VSOCK, snaplen,
							    (u_int)precision);
	if (!writer->pcap) {
		message("%s: out of memory", path);
		free(writer);
		return NULL;
	}
	writer->dumper = pcap_dump_open(writer->pcap, path);
	if (!writer->dumper) {
		/* libpcap's text begins with the path. */
		message("%s", pcap_geterr(writer->pcap));
		pcap_close(writer->pcap);
		free(writer);
		return NULL;
	}
	return writer;
}

/* One message a file, however many writes fail */
static bool check(struct writer *writer, bool ok)
{
	if (!ok && !writer->failed) {
		message("%s: cannot write: %s", writer->path, strerror(errno));
		writer->failed = true;
	}
	return !writer->failed;
}

bool writer_packet(struct writer *writer, const struct packet *pkt)
{
	const struct pcap_pkthdr header = {
		.ts = { .tv_sec = pkt->sec,
			.tv_usec = (suseconds_t)(writer->nano ? pkt->nsec
							      : pkt->nsec / 1000) },
		.caplen = (bpf_u_int32)pkt->caplen,
		.len = (bpf_u_int32)pkt->wirelen,
	};

	errno = 0;
	pcap_dump((u_char *)writer->dumper, &header, pkt->data);
	if (writer->unbuffered)
		pcap_dump_flush(writer->dumper);
	return check(writer, !ferror(pcap_dump_file(writer->dumper)));
}

bool writer_close(struct writer *writer)
{
	bool ok;

	if (!writer)
		return true;
	errno = 0;
	ok = check(writer, pcap_dump_flush(writer->dumper) == 0);
	pcap_dump_close(writer->dumper);
	pcap_close(writer->pcap);
	free(writer);
	return ok;
}
