/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Capture files.
 *
 * libpcap opens every file and says whether it is one. The records of a plain pcap file
 * are then read by savefile.c, as far as they are as they should be; whatever follows,
 * and every other file, is libpcap's.
 *
 * A damaged file is reported with the offset of the frame that is damaged. Keeping
 * the offset of every frame would cost something for each; instead the file is read
 * a second time, up to the frame in question, when there is something to report.
 */

#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "progress.h"
#include "savefile.h"
#include "signals.h"

/* Frames after which is asked again whether it is of use to tell of packets before */
#define EXPECT_AGAIN 1024

/* Magic number of a pcap file with time stamps in microseconds, and of libpcap's two
 * variants of it; anything else may hold nanoseconds */
static bool magic_is_micro(const unsigned char magic[4])
{
	static const unsigned char micro[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 },
		{ 0xd4, 0xc3, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0xcd, 0x34 },
		{ 0x34, 0xcd, 0xb2, 0xa1 },
	};

	for (size_t i = 0; i < sizeof(micro) / sizeof(micro[0]); i++)
		if (memcmp(magic, micro[i], sizeof(micro[i])) == 0)
			return true;
	return false;
}

/* The precision that a stream's first bytes tell. They are pushed back: more than one
 * byte at a time is beyond what C promises, and within what the C libraries of Linux
 * do after these very bytes have been read. */
static bool peek_precision(FILE *file, int *precision)
{
	unsigned char magic[4];
	size_t got = fread(magic, 1, sizeof(magic), file);

	*precision = PCAP_TSTAMP_PRECISION_NANO;
	if (got == sizeof(magic) && magic_is_micro(magic))
		*precision = PCAP_TSTAMP_PRECISION_MICRO;
	while (got > 0)
		if (ungetc(magic[--got], file) == EOF)
			return false;
	return true;
}

bool file_open(struct capture_file *file, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat st;

	if (is_stdin && isatty(STDIN_FILENO)) {
		message("standard input is a terminal: give a capture, as in: "
			"vsockdump -r - < FILE");
		return false;
	}
	*file = (struct capture_file) {
		.path = path,
		.fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC),
		.begin = -1,
	};
	if (file->fd < 0) {
		message("%s: %s", path, strerror(errno));
		return false;
	}
	if (fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode))
		file->begin = lseek(file->fd, 0, SEEK_CUR);
	return true;
}

void file_close(struct capture_file *file)
{
	if (file->fd > STDIN_FILENO)
		close(file->fd);
	file->fd = -1;
}

FILE *file_stream(const struct capture_file *file)
{
	int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	FILE *stream;

	if (fd < 0)
		return NULL;
	if (file_is_complete(file))
		lseek(fd, file->begin, SEEK_SET);
	stream = fdopen(fd, "rb");
	if (!stream)
		close(fd);
	return stream;
}

/* libpcap's handle for an open stream; on success it owns the stream */
static pcap_t *open_pcap(FILE *file, char *error)
{
	return pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO,
							error);
}

pcap_t *file_read(const struct capture_file *file, int *precision)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	FILE *stream = file_stream(file);
	pcap_t *pcap;

	if (!stream) {
		message("%s: %s", file->path, strerror(errno));
		return NULL;
	}
	if (!peek_precision(stream, precision)) {
		message("%s: cannot read: %s", file->path, strerror(errno));
		fclose(stream);
		return NULL;
	}
	pcap = open_pcap(stream, error);
	if (!pcap) {
		message("%s: %s: vsockdump reads pcap and pcapng files", file->path,
			error);
		fclose(stream);
		return NULL;
	}
	if (!source_check_linktype(pcap, file->path)) {
		pcap_close(pcap);
		return NULL;
	}
	return pcap;
}

/* Offset of the frame behind the first count ones; -1 where that cannot be told */
static long frame_offset(const struct capture_file *file, uint64_t count)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *bytes;
	long offset = -1;
	pcap_t *pcap;
	FILE *stream;

	if (!file_is_complete(file))
		return -1;
	stream = file_stream(file);
	if (!stream)
		return -1;
	pcap = open_pcap(stream, error);
	if (!pcap) {
		fclose(stream);
		return -1;
	}
	while (count > 0 && pcap_next_ex(pcap, &header, &bytes) == 1)
		count--;
	if (count == 0)
		offset = ftell(pcap_file(pcap)) - (long)file->begin;
	pcap_close(pcap);
	return offset;
}

static void report_damage(pcap_t *pcap, const struct capture_file *file, uint64_t good)
{
	long offset = frame_offset(file, good);
	char where[48] = "";

	if (offset >= 0)
		snprintf(where, sizeof(where), " at offset %ld", offset);
	message("%s: frame %" PRIu64 "%s: %s", file->path, good + 1, where,
		pcap_geterr(pcap));
}

/**
 * struct reading - A file being read
 * @pcap:	libpcap's handle
 * @file:	The file
 * @sink:	Who takes the packets
 * @read:	Frames read without an error
 * @expects:	That @sink is told of packets before they come is of use
 * @progress:	What shows how far it is
 */
struct reading {
	pcap_t *pcap;
	const struct capture_file *file;
	struct sink *sink;
	uint64_t read;
	bool expects;
	struct progress progress;
};

/* Return: false where there should be no more */
static bool take(struct reading *reading, const struct pcap_pkthdr *header,
		 const u_char *bytes)
{
	reading->read++;
	reading->sink->packet(reading->sink, header, bytes);
	return reading->sink->wanted && signals_stops() == 0;
}

static void on_record(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct reading *reading = (struct reading *)user;

	if (!take(reading, header, bytes))
		pcap_breakloop(reading->pcap);
	progress_packet(&reading->progress, PROGRESS_OF_FILE);
}

static void look_ahead(struct reading *reading, struct savefile *savefile)
{
	const u_char *headers;

	if (!reading->sink->expect ||
	    (!reading->expects && reading->read % EXPECT_AGAIN != 0))
		return;
	do {
		headers = savefile_ahead(savefile);
		if (headers)
			reading->expects = reading->sink->expect(reading->sink, headers);
	} while (headers && reading->expects);
}

/* Read what is plain. Return: false where there should be no more */
static bool read_plain(struct reading *reading)
{
	struct pcap_pkthdr header;
	struct savefile savefile;
	const u_char *bytes;
	bool more = true;

	if (!file_is_complete(reading->file) ||
	    !savefile_open(&savefile, reading->file->fd, reading->file->begin,
			   pcap_snapshot(reading->pcap), reading->sink->headers_only))
		return true;
	while (more && savefile_next(&savefile, &header, &bytes)) {
		look_ahead(reading, &savefile);
		more = take(reading, &header, bytes);
		progress_packet(&reading->progress, savefile.offset);
	}
	fseeko(pcap_file(reading->pcap), savefile.offset, SEEK_SET);
	savefile_close(&savefile);
	return more;
}

/* Return: libpcap's status */
static int read_all(struct reading *reading)
{
	int status = 0;

	progress_begin(&reading->progress, pcap_file(reading->pcap),
		       reading->sink->show_progress);
	if (read_plain(reading))
		status = pcap_loop(reading->pcap, -1, on_record, (u_char *)reading);
	progress_end(&reading->progress);
	return status;
}

bool file_run(pcap_t *pcap, const struct capture_file *file, struct sink *sink)
{
	struct reading reading = { .pcap = pcap, .file = file, .sink = sink };

	/* A signal makes a read from a pipe fail; that is no damage. */
	if (read_all(&reading) != PCAP_ERROR || signals_stops() > 0)
		return true;
	report_damage(pcap, file, reading.read);
	return false;
}

bool file_scan(const struct capture_file *file, struct sink *sink)
{
	struct reading reading = { .file = file, .sink = sink };
	int precision;

	reading.pcap = file_read(file, &precision);
	if (!reading.pcap)
		return false;
	read_all(&reading);
	pcap_close(reading.pcap);
	return true;
}
