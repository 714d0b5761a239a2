/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * vsockdump: what tcpdump is for networks, for the traffic between virtual machines
 * and their hosts.
 *
 * Theory of operation: a source (file.c, live.c) hands over one packet after another.
 * Each is decoded once, here, and given to the one printer or writer that the command
 * line chose. Packets go to standard output, words to standard error.
 */

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interfaces.h"
#include "json.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "signals.h"
#include "source.h"
#include "writer.h"

/* Time stamps further from 1970 than this come from a broken file; within it, times
 * can be subtracted without overflow */
#define MAX_SEC (INT64_C(1) << 60)

/**
 * struct dump - A run of vsockdump
 * @options:	The command line
 * @out:	Standard output
 * @json:	Printer, for --json
 * @writer:	Writer, for -w
 * @failed:	A writer has failed and said so
 */
struct dump {
	struct options options;
	struct output out;
	struct json *json;
	struct writer *writer;
	bool failed;
};

static int64_t clamp_sec(int64_t sec)
{
	if (sec > MAX_SEC)
		return MAX_SEC;
	return sec < -MAX_SEC ? -MAX_SEC : sec;
}

/* A packet as libpcap gives it: of a damaged file, with any time stamp and lengths */
static void make_packet(struct packet *pkt, uint64_t frame,
			const struct pcap_pkthdr *header, const u_char *bytes,
			size_t snaplen)
{
	int64_t nsec = header->ts.tv_usec % NSEC_PER_SEC;
	int64_t carry = header->ts.tv_usec / NSEC_PER_SEC;

	if (nsec < 0) {
		nsec += NSEC_PER_SEC;
		carry--;
	}
	pkt->frame = frame;
	pkt->sec = clamp_sec(clamp_sec(header->ts.tv_sec) + carry);
	pkt->nsec = (uint32_t)nsec;
	pkt->data = bytes;
	pkt->caplen = header->caplen < snaplen ? header->caplen : snaplen;
	pkt->wirelen = header->len;
}

static void decode(struct packet *pkt)
{
	pkt->err =
		vsockhdr_record_decode(&pkt->rec, pkt->data, pkt->caplen, pkt->wirelen);
}

static void on_packet(struct sink *sink, const struct pcap_pkthdr *header,
		      const u_char *bytes)
{
	struct dump *dump = sink->context;
	struct packet pkt;

	sink->count++;
	make_packet(&pkt, sink->count, header, bytes, (size_t)dump->options.snaplen);
	switch (dump->options.format) {
	case FORMAT_TEXT:
		decode(&pkt);
		text_print(&dump->options.text, &dump->out, &pkt);
		break;
	case FORMAT_JSON:
		decode(&pkt);
		json_print(dump->json, &pkt);
		break;
	case FORMAT_PCAP:
		dump->failed = !writer_packet(dump->writer, &pkt);
		break;
	case FORMAT_COUNT:
		break;
	}
	if (sink->count == dump->options.count || dump->failed || dump->out.error)
		sink->wanted = false;
}

static void on_idle(struct sink *sink)
{
	struct dump *dump = sink->context;

	/* Nobody should wait for a line because no other follows it. */
	if (isatty(STDOUT_FILENO))
		output_flush(&dump->out);
}

/* Writing to the file that is being read would destroy it */
static bool is_same_file(const char *a, const char *b)
{
	struct stat sa;
	struct stat sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && S_ISREG(sa.st_mode) &&
	       sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static bool open_printers(struct dump *dump, pcap_t *pcap, int precision)
{
	const struct options *options = &dump->options;
	int snaplen = pcap_snapshot(pcap);

	if (options->format == FORMAT_JSON) {
		dump->json = json_new(&dump->out);
		if (!dump->json)
			message("out of memory");
		return dump->json != NULL;
	}
	if (options->format != FORMAT_PCAP)
		return true;
	if (snaplen <= 0 || snaplen > options->snaplen)
		snaplen = options->snaplen;
	dump->writer = writer_open(options->write_file, snaplen, precision,
				   options->packet_buffered);
	return dump->writer != NULL;
}

/* End the printers; false, after a message, where something could not be written */
static bool close_printers(struct dump *dump, const struct sink *sink)
{
	bool ok = writer_close(dump->writer) && !dump->failed;

	json_free(dump->json);
	if (dump->options.print_count) {
		char *p = output_reserve(&dump->out, 64);

		p = put_u64(p, sink->count);
		p = put_string(p, sink->count == 1 ? " packet\n" : " packets\n");
		output_commit(&dump->out, p);
	}
	if (!output_flush(&dump->out)) {
		message("cannot write to standard output: %s", strerror(dump->out.error));
		ok = false;
	}
	return ok;
}

static void announce(pcap_t *pcap, const char *verb, const char *name, const char *unit)
{
	int linktype = pcap_datalink(pcap);

	fprintf(stderr, "%s %s, link-type %s (%s), snapshot length %d%s\n", verb, name,
		pcap_datalink_val_to_name(linktype),
		pcap_datalink_val_to_description(linktype), pcap_snapshot(pcap), unit);
}

static bool dump_file(struct dump *dump, struct sink *sink)
{
	const char *path = dump->options.read_file;
	const char *write_file = dump->options.write_file;
	int precision;
	pcap_t *pcap;
	bool ok;

	if (write_file && is_same_file(path, write_file)) {
		message("%s: -w would overwrite the file that -r reads", write_file);
		return false;
	}
	pcap = file_open(path, &precision);
	if (!pcap)
		return false;
	announce(pcap, "reading from file", path, "");
	ok = open_printers(dump, pcap, precision);
	if (ok) {
		ok = file_run(pcap, path, sink);
		ok = close_printers(dump, sink) && ok;
	}
	pcap_close(pcap);
	return ok;
}

static bool dump_live(struct dump *dump, struct sink *sink)
{
	char name[VSOCKHDR_IFNAME_LEN];
	pcap_t *pcap;
	bool ok;

	if (!interfaces_choose(dump->options.interface, name))
		return false;
	pcap = live_open(name, dump->options.snaplen);
	if (!pcap)
		return false;
	/* The kernel has nanoseconds; files are tcpdump's unless asked otherwise. */
	ok = open_printers(dump, pcap, PCAP_TSTAMP_PRECISION_MICRO);
	if (ok) {
		announce(pcap, "listening on", name, " bytes");
		ok = live_run(pcap, name, sink);
		ok = close_printers(dump, sink) && ok;
	}
	pcap_close(pcap);
	return ok;
}

/* Whether standard output should get each line at once: where somebody asked for it,
 * or watches and the packets do not come from a file that is as long as it will be */
static bool wants_lines(const struct options *options)
{
	struct stat st;

	if (options->line_buffered || options->packet_buffered)
		return true;
	if (!isatty(STDOUT_FILENO) || !options->read_file)
		return false;
	if (strcmp(options->read_file, "-") == 0)
		return fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode);
	return stat(options->read_file, &st) == 0 && !S_ISREG(st.st_mode);
}

static void print_versions(void)
{
	printf("vsockdump version %s\n%s\n", vsockhdr_version(), pcap_lib_version());
}

int main(int argc, char **argv)
{
	static struct dump dump;
	struct sink sink = {
		.packet = on_packet,
		.idle = on_idle,
		.context = &dump,
		.wanted = true,
	};
	bool ok = true;

	if (!options_parse(&dump.options, argc, argv))
		return STATUS_USAGE;
	switch (dump.options.action) {
	case ACTION_HELP:
		options_print_help();
		break;
	case ACTION_VERSION:
		print_versions();
		break;
	case ACTION_LIST_INTERFACES:
		ok = interfaces_print();
		break;
	case ACTION_DUMP:
		signals_install();
		output_init(&dump.out, STDOUT_FILENO, wants_lines(&dump.options));
		ok = dump.options.read_file ? dump_file(&dump, &sink)
					    : dump_live(&dump, &sink);
		break;
	}
	if (fflush(stdout) != 0) {
		message("cannot write to standard output: %s", strerror(errno));
		ok = false;
	}
	return ok ? STATUS_OK : STATUS_FAILED;
}
