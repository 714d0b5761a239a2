/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: small packets are collected in a buffer, which is written before
 * one that has no room in it. A large packet is not copied there first: one writev()
 * writes the buffer and the packet. So each write that the kernel sees consists of whole
 * packets, and whatever kills the program, the file ends with one. libpcap and stdio
 * would do the same work in more than twice as many instructions, and split packets.
 *
 * When a write is cut short (a full disk), the packets that arrived stay, and the torn
 * one behind them is cut off.
 *
 * Files are opened with a bare open(), without a stat() or rename() by name, because
 * the sandbox allows no more; the order at a switch is: end the file, hand it to the
 * command, open the next.
 */

#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "signals.h"

/* A pcap file: pcap-savefile(5), in the byte order of the machine */
#define MAGIC_MICRO   0xa1b2c3d4
#define MAGIC_NANO    0xa1b23c4d
#define RECORD_HEADER sizeof(struct record_header)
#define RECORD_CAPLEN offsetof(struct record_header, caplen)

/* What is collected before it is written, and how large a packet is not copied for that
 */
#define BUFFER_BYTES ((size_t)256 * 1024)
#define DIRECT_BYTES ((size_t)8 * 1024)

#define FILE_MODE 0666

/* By how much packets may come later than the clock says: the kernel keeps them until a
 * block is full or old enough */
#define LATE_NS (NSEC_PER_SEC / 2)

/**
 * struct record_header - What is in front of a packet in a pcap file
 * @sec:	When it was captured
 * @fraction:	The same: microseconds or nanoseconds
 * @caplen:	How many bytes of it follow
 * @len:	How many it had
 */
struct record_header {
	uint32_t sec;
	uint32_t fraction;
	uint32_t caplen;
	uint32_t len;
};

/**
 * struct writer - A capture being written
 * @options:	How
 * @rotation:	Which file it is
 * @open:	A file is open
 * @buffer:	Whole packets that are not yet in it
 * @buffered:	How many bytes of them
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
	bool open;
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

/* How many of the first @size bytes are whole packets */
static size_t whole_packets(const char *data, size_t size)
{
	size_t end = 0;
	uint32_t caplen;

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

/* Take the first @n bytes out of @parts. Return: how many parts are left, at the end */
static int skip(struct iovec *parts, int count, size_t n)
{
	int gone = 0;

	while (gone < count && n >= parts[gone].iov_len)
		n -= parts[gone++].iov_len;
	if (gone < count) {
		parts[gone].iov_base = (char *)parts[gone].iov_base + n;
		parts[gone].iov_len -= n;
	}
	return count - gone;
}

/**
 * write_parts() - Write bytes to the file with as few calls as it takes
 * @writer:	The writer
 * @parts:	The bytes; spoilt
 * @count:	How many parts
 * @written:	How many bytes the file has taken
 *
 * Return: whether they are all written; if not, there has been a message, unless who
 * reads the pipe may leave
 */
static bool write_parts(struct writer *writer, struct iovec *parts, int count,
			size_t *written)
{
	const struct iovec *end = parts + count;
	int left = skip(parts, count, 0);

	*written = 0;
	while (left > 0 && !writer->failed && !writer->done) {
		ssize_t n = writev(writer->fd, (const struct iovec *)(end - left), left);

		if (n >= 0) {
			*written += (size_t)n;
			left = skip(parts + count - left, left, (size_t)n);
		} else if (errno == EPIPE && writer->options.reader_may_leave) {
			writer->done = true;
		} else if (errno != EINTR || signals_stops() > 1) {
			fail(writer, "cannot write: ");
		}
	}
	return left == 0;
}

/* Bytes to be written: writev() takes no const ones, though it does not change them */
static struct iovec part(const void *bytes, size_t len)
{
	struct iovec iov = { .iov_len = len };

	memcpy(&iov.iov_base, &bytes, sizeof(bytes));
	return iov;
}

/* Write what is buffered, and then a packet that is not, if there is one */
static bool write_out(struct writer *writer, const struct record_header *header,
		      const uint8_t *data)
{
	struct iovec parts[] = {
		part(writer->buffer, writer->buffered),
		part(header, RECORD_HEADER),
		part(data, header ? header->caplen : 0),
	};
	size_t buffered = writer->buffered;
	size_t written;

	writer->buffered = 0;
	if (write_parts(writer, parts, header ? 3 : 1, &written))
		return true;
	if (written > buffered)
		cut_off(writer->fd, written - buffered);
	else
		cut_off(writer->fd, written - whole_packets(writer->buffer, written));
	return false;
}

bool writer_flush(struct writer *writer)
{
	if (writer->open && writer->buffered > 0)
		write_out(writer, NULL, NULL);
	return !writer->failed;
}

/* Begin the file in @fd */
static bool begin(struct writer *writer)
{
	struct pcap_file_header header = {
		.magic = MAGIC_MICRO,
		.version_major = PCAP_VERSION_MAJOR,
		.version_minor = PCAP_VERSION_MINOR,
		.snaplen = (bpf_u_int32)writer->options.snaplen,
		.linktype = DLT_VSOCK,
	};
	struct iovec part = { .iov_base = &header, .iov_len = sizeof(header) };
	size_t written;

	if (writer->options.precision == PCAP_TSTAMP_PRECISION_NANO)
		header.magic = MAGIC_NANO;
	writer->open = true;
	writer->begun = true;
	writer->bytes = sizeof(header);
	if (!write_parts(writer, &part, 1, &written))
		cut_off(writer->fd, written);
	return !writer->failed;
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
	if (!writer->open)
		return !writer->failed;
	writer_flush(writer);
	writer->open = false;
	/* Some file systems tell only now that there was no room. */
	if (close(writer->fd) < 0)
		fail(writer, "cannot write: ");
	return !writer->failed;
}

/* Hand the file to the command, unless it is still to be written to */
static bool complete(struct writer *writer, enum rotation_step step)
{
	if (step == ROTATION_STAY || !writer->open)
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
	if (step == ROTATION_STAY && writer->open)
		step = rotation_by_size(&writer->rotation, writer->bytes);
	if (complete(writer, step) && !writer->open && !writer->done)
		open_file(writer);
	return result(writer);
}

enum writer_result writer_packet(struct writer *writer, const struct packet *pkt)
{
	const bool nano = writer->options.precision == PCAP_TSTAMP_PRECISION_NANO;
	const struct record_header header = {
		.sec = (uint32_t)pkt->sec,
		.fraction = nano ? pkt->nsec : pkt->nsec / 1000,
		.caplen = (uint32_t)pkt->caplen,
		.len = (uint32_t)pkt->wirelen,
	};
	const size_t size = RECORD_HEADER + pkt->caplen;
	enum writer_result found = find_file(writer, pkt->sec);

	if (found != WRITER_OK)
		return found;
	writer->bytes += size;
	if (size >= DIRECT_BYTES || writer->options.unbuffered) {
		write_out(writer, &header, pkt->data);
		return result(writer);
	}
	if (writer->buffered + size > BUFFER_BYTES && !write_out(writer, NULL, NULL))
		return result(writer);
	memcpy(writer->buffer + writer->buffered, &header, RECORD_HEADER);
	memcpy(writer->buffer + writer->buffered + RECORD_HEADER, pkt->data, pkt->caplen);
	writer->buffered += size;
	return WRITER_OK;
}

enum writer_result writer_tick(struct writer *writer, int64_t now_ns)
{
	const int64_t sec = (now_ns - LATE_NS) / NSEC_PER_SEC;

	if (result(writer) != WRITER_OK)
		return result(writer);
	if (writer->options.live && writer->open)
		complete(writer, rotation_by_time(&writer->rotation, sec));
	writer_flush(writer);
	return result(writer);
}

static void free_writer(struct writer *writer)
{
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
	}
	if (!writer || !writer->buffer) {
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
