/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json_packet.h"
#include "message.h"
#include "processes.h"
#include "run.h"

/* Findings of one packet that wait for its line at the most */
#define FOUND_MAX 64

static void on_finding(void *context, const struct vsockhdr_finding *finding)
{
	struct run *run = context;

	if (!selection_wants_finding(&run->selection, finding))
		return;
	if (finding->severity >= run->options->fail_on)
		run->bad = true;
	if (run->report && run->report->finding)
		run->report->finding(run->report, finding);
	if (run->found && run->found->len < FOUND_MAX)
		g_array_append_vals(run->found, finding, 1);
}

static void on_flow(void *context, const struct vsockhdr_flow *flow)
{
	struct run *run = context;

	run->report->flow(run->report, flow);
}

static struct report *open_report(struct run *run, bool complete)
{
	struct options *options = run->options;
	const struct view view = {
		.out = &run->out,
		.json = run->json,
		.timestamp = &options->text.timestamp,
		.names = options->text.names,
		.selection = &run->selection,
		.complete = complete,
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

/* Findings in full need lines of text to stand below */
static bool shows_findings(const struct options *options)
{
	return options->format == FORMAT_PACKETS && !options->json &&
	       options->text.verbose >= 3;
}

static bool on_expect(struct sink *sink, const u_char *headers)
{
	struct run *run = sink->context;

	return run_expect(&run->track, headers);
}

/* Whether nobody wants to see payload */
static bool does_with_headers(const struct run *run)
{
	const struct options *options = run->options;

	return !options->write_file && options->format != FORMAT_FOLLOW &&
	       options->text.bytes == TEXT_BYTES_NONE &&
	       selection_does_with_headers(&run->selection);
}

bool run_open_printers(struct run *run, bool complete)
{
	const struct options *options = run->options;

	run->sink.headers_only = does_with_headers(run);
	if (options->json) {
		run->json = json_new(&run->out);
		if (!run->json) {
			message("out of memory");
			return false;
		}
	}
	if (options_is_report(options)) {
		run->report = open_report(run, complete);
		if (!run->report) {
			message("out of memory");
			return false;
		}
	}
	if (!run->tracked)
		return true;
	run->sink.expect = on_expect;
	if (shows_findings(options))
		run->found = g_array_new(FALSE, FALSE, sizeof(struct vsockhdr_finding));
	run->track.context = run;
	run->track.on_finding = on_finding;
	run->track.on_flow = run->report && run->report->flow ? on_flow : NULL;
	return track_start(&run->track, &options->limits);
}

bool run_open_writer(struct run *run, int snaplen, int precision)
{
	const struct options *options = run->options;
	struct writer_options writer = {
		.rotation = {
			.path = options->write_file,
			.max_bytes = options->rotate_bytes,
			.seconds = (int64_t)options->rotate_seconds,
			.files = (unsigned int)options->rotate_files,
		},
		.read_file = options->read_file,
		.snaplen = options->snaplen,
		.precision = precision,
		.unbuffered = options->packet_buffered,
		.reader_may_leave = options->reader_may_leave,
		.live = options_is_live(options),
	};

	if (!options->write_file)
		return true;
	if (snaplen > 0 && snaplen < options->snaplen)
		writer.snaplen = snaplen;
	if (options->precision != OPTIONS_PRECISION_ANY)
		writer.precision = options->precision;
	if (options->rotate_command) {
		if (!command_start(&run->command, options->rotate_command))
			return false;
		writer.command = &run->command;
	}
	run->writer = writer_open(&writer);
	return run->writer != NULL;
}

/* What became of writing: nothing more is wanted once there is nothing more to write */
static void note_written(struct run *run, enum writer_result result)
{
	if (result == WRITER_FAILED)
		run->failed = true;
	if (result != WRITER_OK)
		run->sink.wanted = false;
}

static void print_found(struct run *run)
{
	for (guint i = 0; i < run->found->len; i++)
		text_print_finding(&run->out, &g_array_index(run->found,
							     struct vsockhdr_finding, i));
	g_array_set_size(run->found, 0);
}

/* A connection that begins may have the addresses of another, and other processes */
static void forget_processes(struct run *run, const struct packet *pkt)
{
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;

	if (!pkt->rec.has_hdr || pkt->rec.hdr.op != VSOCKHDR_OP_REQUEST)
		return;
	record_addresses(&pkt->rec, &src, &dst);
	processes_forget(run->processes, &src, &dst);
}

void run_print(struct run *run, const struct packet *pkt, const struct story *story)
{
	if (run->processes)
		forget_processes(run, pkt);
	if (run->writer) {
		note_written(run, writer_packet(run->writer, pkt));
		if (!run->sink.wanted)
			return;
	}
	if (run->report) {
		if (run->report->packet)
			run->report->packet(run->report, pkt, &story->told);
	} else if (run->options->format == FORMAT_PACKETS) {
		if (run->json)
			json_packet(run->json, pkt, story, run->processes);
		else
			text_print(&run->options->text, &run->out, pkt, story);
		if (run->found && run->found->len > 0)
			print_found(run);
	}
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

void run_idle(struct sink *sink)
{
	struct run *run = sink->context;

	/* Nobody should wait for a line because no other follows it. */
	if (run->out.used > 0 && isatty(STDOUT_FILENO))
		output_flush(&run->out);
	if (run->writer)
		note_written(run, writer_tick(run->writer, now_ns()));
}

/* How things stand, in the middle of a live capture */
static void print_interim(struct run *run)
{
	run->report->interval(run->report, run->track.tracker);
	/* For a person: where one report ends and the next begins */
	if (!run->json)
		output_bytes(&run->out, "\n", 1);
	output_flush(&run->out);
}

void run_second(struct sink *sink)
{
	struct run *run = sink->context;
	const struct options *options = run->options;

	run->seconds++;
	if (run->tracked)
		track_expire(&run->track, now_ns(), run_lost(run, sink));
	if (run->found && run->found->len > 0)
		print_found(run);
	if (options->interval > 0 && run->seconds % options->interval == 0 &&
	    run->report->interval)
		print_interim(run);
	if (options->format == FORMAT_FINDINGS || run->found)
		output_flush(&run->out);
	if (run->writer && options->text.verbose > 0)
		fprintf(stderr, "Got %llu\r", (unsigned long long)run->shown);
}

void run_flush(struct sink *sink)
{
	struct run *run = sink->context;

	output_flush(&run->out);
	if (run->writer && !writer_flush(run->writer))
		note_written(run, WRITER_FAILED);
}

/* What can only be said at the end. Return: false where that is that nothing can */
static bool conclude(struct run *run)
{
	bool ok = true;

	if (run->tracked)
		track_finish(&run->track, run_lost(run, &run->sink));
	if (run->found && run->found->len > 0)
		print_found(run);
	if (run->report)
		ok = run->report->end(run->report, run->track.tracker);
	if (run->options->print_count) {
		char *p = output_reserve(&run->out, 64);

		p = put_u64(p, run->shown);
		p = put_string(p, run->shown == 1 ? " packet\n" : " packets\n");
		output_commit(&run->out, p);
	}
	return ok && !run->bad;
}

bool run_close_printers(struct run *run)
{
	bool ok = writer_close(run->writer) && !run->failed;

	run->writer = NULL;
	command_end(&run->command);
	ok = conclude(run) && ok;
	if (!output_flush(&run->out)) {
		message("cannot write to standard output: %s", strerror(run->out.error));
		ok = false;
	}
	return ok;
}

void run_free(struct run *run)
{
	if (run->report)
		run->report->free(run->report);
	if (run->found)
		g_array_free(run->found, TRUE);
	track_free(&run->track);
	json_free(run->json);
	processes_end(run->processes);
	selection_close(&run->selection);
	naming_free(run->names);
	free(run->marks.mark);
	free(run->outcomes.outcome);
}
