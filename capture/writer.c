/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: libpcap writes records into a stdio stream whose buffer is larger
 * than any packet. It is emptied before a packet that has no room in it, so that
 * stdio never has to split one: each write() that the kernel sees consists of whole
 * packets, and whatever kills the program, the file ends with one.
 *
 * The stream's other end is a function here (fopencookie()), because when a write is cut
 * short (a full disk), somebody must know which packets arrived: those stay, and the
 * torn one behind them is cut off.
 *
 * Files are opened with a bare open(), without a stat() or rename() by name, because
 * the sandbox allows no more; the order at a switch is: end the file, hand it to the
 * command, open the next.
 */

#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "signals.h"

/* A pcap file's header and that of a record in it: pcap-savefile(5) */
#define FILE_HEADER   24
#define RECORD_HEADER 16
#define RECORD_CAPLEN 8
#define BUFFER_BYTES  ((size_t)512 * 1024)
#define FILE_MODE     0666

/* By how much packets may come later than the clock says: the kernel keeps them until a
 * block is full or old enough */
#define LATE_NS (NSEC_PER_SEC / 2)

/**
 * struct writer - A capture being written
 * @options:	How
 * @rotation:	Which file it is
 * @pcap:	libpcap's idea of what is in it
 * @dumper:	libpcap's writer; NULL: no file is open
 * @buffer:	The stream's
 * @buffered:	How much is in it
 * @bytes:	How much is in the file, with what is in the buffer
 * @fd:		The file
 * @read:	The file that must not be overwritten; st_ino is 0 where there is none
 * @begun:	There has been a file
 * @failed:	A message has been given
 * @done:	There will be no other file
 * @name:	The file's name, for messages and for the command
 */
struct writer {
	struct writer_options options;
	struct rotation rotation;
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	char *buffer;
	size_t buffered;
	uint64_t bytes;
	int fd;
	struct stat read;
	bool begun;
	bool failed;
	bool done;
	char name[PATH_MAX];
};

/* One message a capture, however many writes fail */
static bool fail(struct writer *writer, const char *what)
{
	if (!writer->failed)
		message("%s: %s%s", writer->name, what, strerror(errno));
	writer->failed = true;
	return false;
}

/* How many of the first @size bytes are whole packets; or the file's header, which is
 * handed over alone */
static size_t whole_packets(const struct writer *writer, const char *data, size_t size)
{
	size_t end = 0;
	uint32_t caplen;

	if (writer->bytes == FILE_HEADER)
		return 0;
	while (size - end >= RECORD_HEADER) {
		memcpy(&caplen, data + end + RECORD_CAPLEN, sizeof(caplen));
		if (size - end - RECORD_HEADER < caplen)
			break;
		end += RECORD_HEADER + caplen;
	}
	return end;
}

/* Cut the end of a file off, where it is one that has an end */
static void cut_off(int fd, size_t torn)
{
	off_t end = lseek(fd, 0, SEEK_CUR);

	if (torn == 0 || end < (off_t)torn || lseek(fd, 0, SEEK_END) != end)
		return;
	/* What is no regular file refuses: it keeps what it got. */
	if (ftruncate(fd, end - (off_t)torn) == 0)
		lseek(fd, 0, SEEK_END);
}

/* The stream empties its buffer. Return: @size, or 0 after a message */
static ssize_t on_write(void *cookie, const char *data, size_t size)
{
	struct writer *writer = cookie;
	size_t done = 0;

	while (done < size && !writer->failed && !writer->done) {
		ssize_t n = write(writer->fd, data + done, size - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EPIPE && writer->options.reader_may_leave)
			writer->done = true;
		else if (errno != EINTR || signals_stops() > 1)
			fail(writer, "cannot write: ");
	}
	if (done == size)
		return (ssize_t)size;
	cut_off(writer->fd, done - whole_packets(writer, data, done));
	return 0;
}

static int on_close(void *cookie)
{
	struct writer *writer = cookie;

	/* Some file systems tell only now that there was no room. */
	if (close(writer->fd) < 0)
		fail(writer, "cannot write: ");
	return 0;
}

bool writer_flush(struct writer *writer)
{
	if (writer->dumper && writer->buffered > 0) {
		pcap_dump_flush(writer->dumper);
		writer->buffered = 0;
	}
	return !writer->failed;
}

/* Begin the file in @fd */
static bool begin(struct writer *writer)
{
	const cookie_io_functions_t functions = { .write = on_write, .close = on_close };
	FILE *file = fopencookie(writer, "w", functions);

	if (!file) {
		fail(writer, "");
		close(writer->fd);
		return false;
	}
	setvbuf(file, writer->buffer, _IOFBF, BUFFER_BYTES);
	__fsetlocking(file, FSETLOCKING_BYCALLER);
	writer->dumper = pcap_dump_fopen(writer->pcap, file);
	if (!writer->dumper) {
		/* libpcap has closed it. */
		message("%s: %s", writer->name, pcap_geterr(writer->pcap));
		writer->failed = true;
		return false;
	}
	writer->begun = true;
	writer->bytes = FILE_HEADER;
	writer->buffered = FILE_HEADER;
	return writer_flush(writer);
}

/* What a regular file had in it goes, but not if somebody is reading that. */
static bool empty(struct writer *writer)
{
	const struct stat *read = &writer->read;
	struct stat st;

	if (fstat(writer->fd, &st) < 0)
		return fail(writer, "");
	if (!S_ISREG(st.st_mode))
		return true;
	if (read->st_ino == st.st_ino && read->st_dev == st.st_dev) {
		message("%s: -w would overwrite the file that -r reads", writer->name);
		writer->failed = true;
		return false;
	}
	return ftruncate(writer->fd, 0) == 0 || fail(writer, "");
}

static bool open_file(struct writer *writer)
{
	if (!rotation_name(&writer->rotation, writer->name, sizeof(writer->name))) {
		message("%s: makes a name that is empty or too long",
			writer->options.rotation.path);
		writer->failed = true;
		return false;
	}
	if (strcmp(writer->options.rotation.path, "-") == 0) {
		writer->fd = STDOUT_FILENO;
		return begin(writer);
	}
	writer->fd = open(writer->name, O_WRONLY | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (writer->fd < 0)
		return fail(writer, "");
	if (!empty(writer)) {
		close(writer->fd);
		return false;
	}
	return begin(writer);
}

static bool close_file(struct writer *writer)
{
	if (!writer->dumper)
		return !writer->failed;
	writer_flush(writer);
	pcap_dump_close(writer->dumper);
	writer->dumper = NULL;
	return !writer->failed;
}

/* Hand the file to the command, unless it is still to be written to */
static bool complete(struct writer *writer, enum rotation_step step)
{
	if (step == ROTATION_STAY || !writer->dumper)
		return true;
	if (!close_file(writer))
		return false;
	command_run(writer->options.command, writer->name);
	if (step == ROTATION_DONE) {
		message("maximum file limit reached: %u", writer->options.rotation.files);
		writer->done = true;
	}
	return true;
}

static enum writer_result result(const struct writer *writer)
{
	if (writer->failed)
		return WRITER_FAILED;
	return writer->done ? WRITER_DONE : WRITER_OK;
}

/* See to it that the file is open that a packet of this time belongs into */
static enum writer_result find_file(struct writer *writer, int64_t sec)
{
	enum rotation_step step = ROTATION_STAY;

	if (result(writer) != WRITER_OK)
		return result(writer);
	if (!writer->begun)
		rotation_begin(&writer->rotation, sec);
	else
		step = rotation_by_time(&writer->rotation, sec);
	if (step == ROTATION_STAY && writer->dumper)
		step = rotation_by_size(&writer->rotation, writer->bytes);
	if (complete(writer, step) && !writer->dumper && !writer->done)
		open_file(writer);
	return result(writer);
}

enum writer_result writer_packet(struct writer *writer, const struct packet *pkt)
{
	const bool nano = writer->options.precision == PCAP_TSTAMP_PRECISION_NANO;
	const struct pcap_pkthdr header = {
		.ts = { .tv_sec = pkt->sec,
			.tv_usec = (suseconds_t)(nano ? pkt->nsec : pkt->nsec / 1000) },
		.caplen = (bpf_u_int32)pkt->caplen,
		.len = (bpf_u_int32)pkt->wirelen,
	};
	const size_t size = RECORD_HEADER + pkt->caplen;
	enum writer_result found = find_file(writer, pkt->sec);

	if (found != WRITER_OK)
		return found;
	if (writer->buffered + size > BUFFER_BYTES && !writer_flush(writer))
		return WRITER_FAILED;
	pcap_dump((u_char *)writer->dumper, &header, pkt->data);
	writer->buffered += size;
	writer->bytes += size;
	if (writer->options.unbuffered)
		writer_flush(writer);
	return result(writer);
}

enum writer_result writer_tick(struct writer *writer, int64_t now_ns)
{
	const int64_t sec = (now_ns - LATE_NS) / NSEC_PER_SEC;

	if (result(writer) != WRITER_OK)
		return result(writer);
	if (writer->options.live && writer->dumper)
		complete(writer, rotation_by_time(&writer->rotation, sec));
	writer_flush(writer);
	return result(writer);
}

static void free_writer(struct writer *writer)
{
	if (writer->pcap)
		pcap_close(writer->pcap);
	free(writer->buffer);
	free(writer);
}

static void note_read_file(struct writer *writer)
{
	const char *path = writer->options.read_file;
	int err = -1;

	if (path && strcmp(path, "-") == 0)
		err = fstat(STDIN_FILENO, &writer->read);
	else if (path)
		err = stat(path, &writer->read);
	if (err < 0)
		writer->read.st_ino = 0;
}

struct writer *writer_open(const struct writer_options *options)
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (writer) {
		writer->options = *options;
		writer->buffer = malloc(BUFFER_BYTES);
		writer->pcap = pcap_open_dead_with_tstamp_precision(
			DLT_VSOCK, options->snaplen, (u_int)options->precision);
	}
	if (!writer || !writer->buffer || !writer->pcap) {
		message("%s: out of memory", options->rotation.path);
		if (writer)
			free_writer(writer);
		return NULL;
	}
	rotation_init(&writer->rotation, &options->rotation);
	note_read_file(writer);
	if (options->rotation.seconds > 0 && !options->live)
		return writer;
	rotation_begin(&writer->rotation, time(NULL));
	if (open_file(writer))
		return writer;
	close_file(writer);
	free_writer(writer);
	return NULL;
}

bool writer_close(struct writer *writer)
{
	bool ok;

	if (!writer)
		return true;
	if (!writer->begun && !writer->failed) {
		rotation_begin(&writer->rotation, time(NULL));
		open_file(writer);
	}
	ok = close_file(writer);
	free_writer(writer);
	return ok;
}
