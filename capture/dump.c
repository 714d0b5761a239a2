/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Every packet that is printed or reported on is followed by the tracker; only counting
 * and copying do without it, unless --fail-on asks for its verdict.
 */

#include "dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "interfaces.h"
#include "json_packet.h"
#include "message.h"
#include "output.h"
#include "pcapng_loss.h"
#include "signals.h"
#include "source.h"
#include "track.h"
#include "writer.h"

/* Time stamps further from 1970 than this come from a broken file; within it, times
 * can be subtracted without overflow */
#define MAX_SEC (INT64_C(1) << 60)

/* How often live findings are looked for that no packet brings up, in seconds */
#define FINDINGS_INTERVAL 1

/**
 * struct dump - A run of vsockdump
 * @options:	The command line
 * @out:	Standard output
 * @json:	Printer, for --json
 * @writer:	Writer, for -w
 * @report:	Report, for --flows and its like
 * @track:	The tracker
 * @marks:	What a first pass over the file has found
 * @tracked:	Packets are followed
 * @file_lost:	The file says that its capture lost packets
 * @failed:	A writer has failed and said so
 */
struct dump {
	struct options *options;
	struct output out;
	struct json *json;
	struct writer *writer;
	struct report *report;
	struct track track;
	struct track_marks marks;
	bool tracked;
	bool file_lost;
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

/* Follow a packet. A file does not say where its capture lost packets: anywhere. */
static void follow(struct dump *dump, struct track *track, const struct sink *sink,
		   const struct packet *pkt, struct story *story)
{
	track_packet(track, pkt, dump->file_lost ? pkt->frame : sink->lost, story);
}

static void print_packet(struct dump *dump, const struct packet *pkt,
			 const struct story *story)
{
	switch (dump->options->format) {
	case FORMAT_PACKETS:
		if (dump->json)
			json_packet(dump->json, pkt, story);
		else
			text_print(&dump->options->text, &dump->out, pkt, story);
		break;
	case FORMAT_PCAP:
		dump->failed = !writer_packet(dump->writer, pkt);
		break;
	case FORMAT_COUNT:
		break;
	default:
		if (dump->report->packet)
			dump->report->packet(dump->report, pkt, &story->told);
		break;
	}
}

static void on_packet(struct sink *sink, const struct pcap_pkthdr *header,
		      const u_char *bytes)
{
	struct dump *dump = sink->context;
	struct packet pkt;
	struct story story;

	sink->count++;
	make_packet(&pkt, sink->count, header, bytes, (size_t)dump->options->snaplen);
	if (dump->tracked) {
		decode(&pkt);
		follow(dump, &dump->track, sink, &pkt, &story);
	}
	print_packet(dump, &pkt, &story);
	if (sink->count == dump->options->count || dump->failed || dump->out.error)
		sink->wanted = false;
}

static void on_idle(struct sink *sink)
{
	struct dump *dump = sink->context;

	/* Nobody should wait for a line because no other follows it. */
	if (isatty(STDOUT_FILENO))
		output_flush(&dump->out);
}

/* How things stand, in the middle of a live capture */
static void on_interval(struct sink *sink)
{
	struct dump *dump = sink->context;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	vsockhdr_tracker_expire(dump->track.tracker,
				(int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec);
	if (dump->report->interval) {
		dump->report->interval(dump->report, dump->track.tracker);
		/* For a person: where one report ends and the next begins */
		if (!dump->json)
			output_bytes(&dump->out, "\n", 1);
	}
	output_flush(&dump->out);
}

static void on_finding(void *context, const struct vsockhdr_finding *finding)
{
	struct report *report = context;

	report->finding(report, finding);
}

static void on_flow(void *context, const struct vsockhdr_flow *flow)
{
	struct report *report = context;

	report->flow(report, flow);
}

/**
 * struct scan - A first pass
 * @dump:	The run
 * @track:	A tracker of its own
 */
struct scan {
	struct dump *dump;
	struct track track;
};

static void on_scanned(struct sink *sink, const struct pcap_pkthdr *header,
		       const u_char *bytes)
{
	struct scan *scan = sink->context;
	struct packet pkt;
	struct story story;

	sink->count++;
	make_packet(&pkt, sink->count, header, bytes,
		    (size_t)scan->dump->options->snaplen);
	decode(&pkt);
	follow(scan->dump, &scan->track, sink, &pkt, &story);
	if (sink->count == scan->dump->options->count)
		sink->wanted = false;
}

/* Learn what becomes known of a packet only after it */
static bool scan(struct dump *dump, const char *path, bool show_progress)
{
	struct scan scan = {
		.dump = dump,
		.track = { .later = &dump->marks, .fail_on = TRACK_NEVER },
	};
	struct sink sink = {
		.packet = on_scanned,
		.context = &scan,
		.wanted = true,
		.show_progress = show_progress,
	};
	bool ok;

	if (!track_start(&scan.track, &dump->options->limits))
		return false;
	ok = file_scan(path, &sink);
	if (ok) {
		track_finish(&scan.track);
		track_marks_sort(&dump->marks);
		dump->track.marks = &dump->marks;
	}
	track_free(&scan.track);
	return ok;
}

/* Writing to the file that is being read would destroy it */
static bool is_same_file(const char *a, const char *b)
{
	struct stat sa;
	struct stat sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && S_ISREG(sa.st_mode) &&
	       sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static struct report *open_report(struct dump *dump)
{
	struct options *options = dump->options;
	const char *path = options->read_file;
	const struct view view = {
		.out = &dump->out,
		.json = dump->json,
		.timestamp = &options->text.timestamp,
		.numeric = options->text.numeric,
		.complete = path && file_is_complete(path),
	};

	switch (options->format) {
	case FORMAT_FLOWS:
		return report_flows(&view);
	case FORMAT_FINDINGS:
		return report_findings(&view);
	case FORMAT_STATS:
		return report_stats(&view);
	default:
		return report_follow(&view, options->follow, options->follow_ends);
	}
}

static bool open_tracker(struct dump *dump)
{
	struct track *track = &dump->track;

	track->fail_on = dump->options->fail_on;
	if (dump->report) {
		track->context = dump->report;
		track->on_finding = dump->report->finding ? on_finding : NULL;
		track->on_flow = dump->report->flow ? on_flow : NULL;
	}
	return track_start(track, &dump->options->limits);
}

static bool open_printers(struct dump *dump, pcap_t *pcap, int precision)
{
	const struct options *options = dump->options;
	int snaplen = pcap_snapshot(pcap);

	if (options->json) {
		dump->json = json_new(&dump->out);
		if (!dump->json) {
			message("out of memory");
			return false;
		}
	}
	if (options_is_report(options)) {
		dump->report = open_report(dump);
		if (!dump->report) {
			message("out of memory");
			return false;
		}
	}
	if (dump->tracked && !open_tracker(dump))
		return false;
	if (options->format != FORMAT_PCAP)
		return true;
	if (snaplen <= 0 || snaplen > options->snaplen)
		snaplen = options->snaplen;
	dump->writer = writer_open(options->write_file, snaplen, precision,
				   options->packet_buffered);
	return dump->writer != NULL;
}

/* What can only be said at the end. Return: false where that is that nothing can */
static bool conclude(struct dump *dump, const struct sink *sink)
{
	bool ok = true;

	if (dump->tracked)
		track_finish(&dump->track);
	if (dump->report)
		ok = dump->report->end(dump->report, dump->track.tracker);
	if (dump->options->print_count) {
		char *p = output_reserve(&dump->out, 64);

		p = put_u64(p, sink->count);
		p = put_string(p, sink->count == 1 ? " packet\n" : " packets\n");
		output_commit(&dump->out, p);
	}
	return ok && !dump->track.failed;
}

/* End the printers; false, after a message, where something could not be written, or
 * where there is a finding that --fail-on asked for */
static bool close_printers(struct dump *dump, const struct sink *sink)
{
	bool ok = writer_close(dump->writer) && !dump->failed;

	ok = conclude(dump, sink) && ok;
	if (!output_flush(&dump->out)) {
		message("cannot write to standard output: %s", strerror(dump->out.error));
		ok = false;
	}
	return ok;
}

static void free_printers(struct dump *dump)
{
	if (dump->report)
		dump->report->free(dump->report);
	track_free(&dump->track);
	json_free(dump->json);
	free(dump->marks.mark);
}

static void announce(pcap_t *pcap, const char *verb, const char *name, const char *unit)
{
	int linktype = pcap_datalink(pcap);

	fprintf(stderr, "%s %s, link-type %s (%s), snapshot length %d%s\n", verb, name,
		pcap_datalink_val_to_name(linktype),
		pcap_datalink_val_to_description(linktype), pcap_snapshot(pcap), unit);
}

/* What is known about a complete file beforehand. Lines of text do with what is known
 * when they are printed: they come at once, and in half the time. */
static bool prepare_file(struct dump *dump, const char *path, struct sink *sink)
{
	if (!dump->tracked || !file_is_complete(path))
		return true;
	dump->file_lost = pcapng_loss(path) > 0;
	if (dump->options->format != FORMAT_PACKETS || !dump->options->json)
		return true;
	return scan(dump, path, sink->show_progress);
}

static bool dump_file(struct dump *dump, struct sink *sink)
{
	const char *path = dump->options->read_file;
	const char *write_file = dump->options->write_file;
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
	/* A bar between lines on the same screen would be in their way. */
	sink->show_progress =
		!isatty(STDOUT_FILENO) || (dump->report && !dump->report->packet);
	ok = prepare_file(dump, path, sink) && open_printers(dump, pcap, precision);
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

	if (!interfaces_choose(dump->options->interface, name))
		return false;
	pcap = live_open(name, dump->options->snaplen);
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

static bool is_tracked(const struct options *options)
{
	return (options->format != FORMAT_COUNT && options->format != FORMAT_PCAP) ||
	       options->fail_on != TRACK_NEVER;
}

static int64_t interval_ms(const struct options *options)
{
	if (options->interval > 0)
		return (int64_t)options->interval * 1000;
	return options->format == FORMAT_FINDINGS ? FINDINGS_INTERVAL * 1000 : 0;
}

bool dump(struct options *options)
{
	static struct dump dump;
	struct sink sink = {
		.packet = on_packet,
		.idle = on_idle,
		.interval = on_interval,
		.interval_ms = interval_ms(options),
		.context = &dump,
		.wanted = true,
	};
	bool ok;

	dump.options = options;
	dump.tracked = is_tracked(options);
	signals_install();
	output_init(&dump.out, STDOUT_FILENO, wants_lines(options));
	ok = options->read_file ? dump_file(&dump, &sink) : dump_live(&dump, &sink);
	free_printers(&dump);
	return ok;
}
