/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: everything that needs a privilege is done first - the interface,
 * the capture handle, the files. Then the privileges go, then all system calls but those
 * that the packet loop needs, and only then is the first byte of a packet looked at.
 */

#include "dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interfaces.h"
#include "pcapng_loss.h"
#include "privileges.h"
#include "processes.h"
#include "run.h"
#include "sandbox.h"
#include "signals.h"

/* Longest list of files (-V), and longest name in it */
#define LIST_MAX      100000
#define LIST_LINE_MAX 4096

static void announce(pcap_t *pcap, const char *verb, const char *name, const char *unit)
{
	int linktype = pcap_datalink(pcap);

	inform("%s %s, link-type %s (%s), snapshot length %d%s\n", verb, name,
	       pcap_datalink_val_to_name(linktype),
	       pcap_datalink_val_to_description(linktype), pcap_snapshot(pcap), unit);
}

/* Give up all privileges that the packet loop does not need. Without -Z, root goes on
 * as root: files that are yet to be made must be made with root's rights. */
static bool give_up(const struct run *run)
{
	const struct options *options = run->options;
	bool rotates = options->rotate_bytes > 0 || options->rotate_seconds > 0;
	unsigned int kept = rotates && !options->user ? PRIVILEGE_FILES : 0;

	return privileges_drop(options->user, kept);
}

static bool lock_in(const struct run *run)
{
	const struct options *options = run->options;
	bool rotates = options->rotate_bytes > 0 || options->rotate_seconds > 0;

	if (options->no_sandbox)
		return true;
	return sandbox_enter(rotates ? SANDBOX_CREATE_FILES : 0);
}

/* As tcpdump: with -Z the file belongs to that user. Without it, root may write where
 * only root can, as long as it is root. */
static bool open_writer_and_give_up(struct run *run, int snaplen, int precision)
{
	if (run->options->user)
		return give_up(run) && run_open_writer(run, snaplen, precision);
	return run_open_writer(run, snaplen, precision) && give_up(run);
}

/* Files */

/**
 * struct files - The files of -r or -V
 * @file:	They
 * @count:	How many
 * @complete:	All of them are regular files
 * @names:	What holds their names
 */
struct files {
	struct capture_file *file;
	size_t count;
	bool complete;
	GStringChunk *names;
};

/* Writing to a file that is being read would destroy it */
static bool is_same_file(const char *a, const char *b)
{
	struct stat sa;
	struct stat sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && S_ISREG(sa.st_mode) &&
	       sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static bool add_file(struct files *files, const struct options *options, const char *path)
{
	struct capture_file *more;

	if (options->write_file && is_same_file(path, options->write_file)) {
		message("%s: -w would overwrite the file that %s reads",
			options->write_file, options->list_file ? "-V" : "-r");
		return false;
	}
	if (files->count == LIST_MAX) {
		message("%s: more than %d files", options->list_file, LIST_MAX);
		return false;
	}
	more = realloc(files->file, (files->count + 1) * sizeof(*more));
	if (!more) {
		message("out of memory");
		return false;
	}
	files->file = more;
	if (!file_open(&files->file[files->count], path))
		return false;
	if (!file_is_complete(&files->file[files->count]))
		files->complete = false;
	files->count++;
	return true;
}

/* The files that a file lists, a name a line */
static bool add_listed(struct files *files, const struct options *options)
{
	const char *path = options->list_file;
	FILE *list = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char line[LIST_LINE_MAX];
	bool ok = true;

	if (!list) {
		message("%s: %s", path, strerror(errno));
		return false;
	}
	while (ok && fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			ok = add_file(files, options,
				      g_string_chunk_insert(files->names, line));
	}
	if (ok && ferror(list)) {
		message("%s: cannot read: %s", path, strerror(errno));
		ok = false;
	}
	if (list != stdin)
		fclose(list);
	if (ok && files->count == 0) {
		message("%s: it lists no files", path);
		ok = false;
	}
	return ok;
}

/* All files are open at the same time, as none can be opened later. */
static bool open_files(struct files *files, const struct options *options)
{
	struct rlimit limit;

	*files = (struct files) { .complete = true };
	files->names = g_string_chunk_new(LIST_LINE_MAX);
	if (!options->list_file)
		return add_file(files, options, options->read_file);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	return add_listed(files, options);
}

static void close_files(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		file_close(&files->file[i]);
	free(files->file);
	g_string_chunk_free(files->names);
}

/* What is known about complete files beforehand. Lines of text do with what is known
 * when they are printed: they come at once, and in half the time. */
static bool prepare(struct run *run, const struct files *files)
{
	bool wants_later = run->selection.where ||
			   (run->options->format == FORMAT_PACKETS && run->json);

	if (!run->tracked)
		return true;
	for (size_t i = 0; i < files->count && !run->incomplete; i++)
		run->incomplete = pcapng_loss(&files->file[i]) > 0;
	return !wants_later || !files->complete ||
	       run_scan(run, files->file, files->count);
}

static pcap_t *read_file(const struct capture_file *file, int *precision)
{
	pcap_t *pcap = file_read(file, precision);

	if (pcap)
		announce(pcap, "reading from file", file->path, "");
	return pcap;
}

/* Read the files. The first one is open if it is a pipe, as it cannot be opened twice */
static bool run_files(struct run *run, const struct files *files, pcap_t *first)
{
	bool ok = true;

	for (size_t i = 0; i < files->count && run->sink.wanted; i++) {
		const struct capture_file *file = &files->file[i];
		int precision;
		pcap_t *pcap = i == 0 && first ? first : NULL;

		if (!pcap)
			pcap = i == 0 ? file_read(file, &precision)
				      : read_file(file, &precision);
		if (!pcap)
			return false;
		ok = file_run(pcap, file, &run->sink) && ok;
		pcap_close(pcap);
		if (signals_stops() > 0)
			break;
	}
	return ok;
}

static bool prepare_printers(struct run *run, const struct files *files, pcap_t *first,
			     int precision)
{
	bool ok = true;

	if (run->options->write_file)
		ok = open_writer_and_give_up(run, pcap_snapshot(first), precision) &&
		     lock_in(run);
	/* A bar between lines on the same screen would be in their way. */
	run->sink.show_progress =
		!isatty(STDOUT_FILENO) || (run->report && !run->report->packet);
	return ok && run_open_printers(run, files->complete);
}

/* What is written depends on the header of the file that is read. Where nothing is, not
 * even that is looked at with any privilege. */
static bool dump_open_files(struct run *run, const struct files *files)
{
	const struct capture_file *first = &files->file[0];
	int precision;
	pcap_t *pcap;
	bool ok;

	if (!run->options->write_file && (!give_up(run) || !lock_in(run)))
		return false;
	pcap = read_file(first, &precision);
	if (!pcap)
		return false;
	ok = prepare_printers(run, files, pcap, precision);
	/* Both passes over a file move the same offset. */
	if (!ok || file_is_complete(first)) {
		pcap_close(pcap);
		pcap = NULL;
	}
	if (!ok || !prepare(run, files)) {
		if (pcap)
			pcap_close(pcap);
		return false;
	}
	ok = run_files(run, files, pcap);
	return run_close_printers(run) && ok;
}

static bool dump_files(struct run *run)
{
	struct files files;
	bool ok = privileges_limit(PRIVILEGE_FILES, run->options->user);

	if (!ok)
		return false;
	ok = open_files(&files, run->options) && dump_open_files(run, &files);
	close_files(&files);
	return ok;
}

/* Live */

/* What the kernel passes must be all of a connection for it to be judged. */
static bool set_filter(struct run *run, pcap_t *pcap, const char *name)
{
	struct selection *selection = &run->selection;

	if (!selection->filter)
		return true;
	if (!live_filter(pcap, name, &selection->program))
		return false;
	selection->in_kernel = true;
	run->incomplete = !filter_keeps_connections(selection->filter);
	if (run->incomplete && options_is_report(run->options))
		message("the filter passes only some packets of a connection: what seems "
			"to be missing may not be, so findings are no more than notes");
	return true;
}

static bool capture(struct run *run, pcap_t *pcap, const char *name)
{
	bool ok;

	if (!set_filter(run, pcap, name) || !run_open_printers(run, false))
		return false;
	if (run->options->processes) {
		run->processes = processes_start();
		run->options->text.processes = run->processes;
	}
	/* The kernel has nanoseconds; files are tcpdump's unless asked otherwise. */
	if (!open_writer_and_give_up(run, pcap_snapshot(pcap),
				     PCAP_TSTAMP_PRECISION_MICRO) ||
	    !lock_in(run))
		return false;
	announce(pcap, "listening on", name, " bytes");
	ok = live_run(pcap, name, &run->sink);
	return run_close_printers(run) && ok;
}

/* Whether all that happens with packets is that they go into a file */
static bool only_writes_file(const struct options *options)
{
	struct stat st;

	if (!options->write_file || options->print || options->packet_buffered ||
	    options->rotate_seconds > 0 || options->interval > 0 ||
	    strcmp(options->write_file, "-") == 0)
		return false;
	/* What is not there will be a file. */
	return stat(options->write_file, &st) != 0 || S_ISREG(st.st_mode);
}

static enum live_delay find_delay(const struct options *options)
{
	if (options->immediate)
		return LIVE_DELAY_NONE;
	return only_writes_file(options) ? LIVE_DELAY_LONG : LIVE_DELAY_UNSEEN;
}

static bool dump_interface(struct run *run, const char *name)
{
	const struct options *options = run->options;
	const struct live_options live = {
		.snaplen = options->snaplen,
		.buffer_bytes = options->buffer_kib * 1024,
		.delay = find_delay(options),
		.tstamp_type = options->tstamp_type,
	};
	pcap_t *pcap = live_open(name, &live);
	bool ok;

	if (!pcap)
		return false;
	ok = capture(run, pcap, name);
	pcap_close(pcap);
	return ok;
}

static bool dump_live(struct run *run)
{
	const struct options *options = run->options;
	unsigned int needed = PRIVILEGE_CAPTURE | PRIVILEGE_INTERFACE | PRIVILEGE_FILES;
	struct vsockmon vsockmon;
	bool ok;

	if (options->processes)
		needed |= PRIVILEGE_PROCESSES;
	if (!privileges_limit(needed, options->user) ||
	    !interfaces_choose(options->interface, &vsockmon))
		return false;
	ok = dump_interface(run, vsockmon.name);
	return vsockmon_remove(&vsockmon) && ok;
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
	return options->format != FORMAT_NONE || options->where ||
	       options->fail_on != TRACK_NEVER;
}

/* Names are those of the machine where the packets were, as far as that is known */
static struct naming *learn_names(const struct options *options)
{
	const struct naming_options naming = {
		.cids_file = options->cids_file,
		.machines = options_is_live(options),
		.unqualified = options->unqualified,
	};

	return naming_new(&naming);
}

enum exit_status dump(struct options *options)
{
	static struct run run;
	enum exit_status status;
	bool ok;

	memset(&run, 0, sizeof(run));
	run.options = options;
	run.tracked = is_tracked(options);
	run.sink = (struct sink) {
		.packet = run_packet,
		.idle = run_idle,
		.flush = run_flush,
		.interval = run_second,
		.interval_ms = 1000,
		.minds_loss = run.tracked,
		.context = &run,
		.wanted = true,
	};
	signals_install();
	output_init(&run.out, STDOUT_FILENO, wants_lines(options));
	run.names = learn_names(options);
	if (!run.names)
		return STATUS_FAILED;
	if (!options->no_names)
		options->text.names = run.names;
	status = selection_open(&run.selection, options, run.names);
	if (status == STATUS_OK) {
		ok = options_is_live(options) ? dump_live(&run) : dump_files(&run);
		status = ok ? STATUS_OK : STATUS_FAILED;
	}
	run_free(&run);
	return status;
}

enum exit_status dump_print_filter(const struct options *options)
{
	struct naming *names = learn_names(options);
	struct selection selection = { 0 };
	enum exit_status status;

	if (!names)
		return STATUS_FAILED;
	status = selection_open(&selection, options, names);
	if (status == STATUS_OK && !selection.filter) {
		message("-d prints the program of a filter, and there is none");
		status = STATUS_USAGE;
	}
	if (status == STATUS_OK)
		filter_print_program(&selection.program, (int)options->program_style);
	selection_close(&selection);
	naming_free(names);
	return status;
}
