/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Capture files give the same packets and the same words whether savefile.c reads them or
 * libpcap does: every capture in pcaps/, in both byte orders and precisions, whole, cut
 * and damaged. libpcap's opinion is asked of a stream of its own.
 */

#include "source.h"

#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vsockhdr/record.h>

#include <cmocka.h>

#define FILE_HEADER   24
#define RECORD_HEADER 16
#define MICRO         0xa1b2c3d4U
#define NANO          0xa1b23c4dU

/* Bytes of a capture that is tried, and frames */
#define MAX_BYTES  (8U << 20)
#define MAX_FRAMES 100000

/** struct capture - A file's contents */
struct capture {
	uint8_t *bytes;
	size_t size;
};

/** struct frame - What is compared of a packet; @sum is of its first bytes */
struct frame {
	struct pcap_pkthdr header;
	uint32_t sum;
};

/**
 * struct reading - What came of reading a file
 * @frames:	Its packets
 * @count:	How many
 * @ok:		It was not damaged
 * @words:	What was said
 */
struct reading {
	struct frame *frames;
	size_t count;
	bool ok;
	char words[1024];
};

static struct reading expected;
static struct reading got;

/* The file under test; what is said goes to another */
static char path[] = "/tmp/test_file.XXXXXX";
static int file_fd;
static int words_fd;

/* Of a record only so many bytes are compared */
static size_t looked_at;

static uint32_t sum_of(const u_char *bytes, size_t size)
{
	uint32_t sum = 2166136261U;

	for (size_t i = 0; i < size && i < looked_at; i++)
		sum = (sum ^ bytes[i]) * 16777619U;
	return sum;
}

static void add_frame(struct reading *reading, const struct pcap_pkthdr *header,
		      const u_char *bytes)
{
	assert_true(reading->count < MAX_FRAMES);
	reading->frames[reading->count++] =
		(struct frame) { *header, sum_of(bytes, header->caplen) };
}

static void on_packet(struct sink *sink, const struct pcap_pkthdr *header,
		      const u_char *bytes)
{
	add_frame(sink->context, header, bytes);
}

static void write_file(const struct capture *capture)
{
	assert_int_equal(ftruncate(file_fd, 0), 0);
	assert_int_equal(pwrite(file_fd, capture->bytes, capture->size, 0),
			 capture->size);
}

/* libpcap's opinion, in the words that vsockdump makes of it */
static void read_by_libpcap(const struct capture *capture, const char *name)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	FILE *stream = fmemopen(capture->bytes, capture->size, "rb");
	struct pcap_pkthdr *header;
	const u_char *bytes;
	long offset = 0;
	int status = 0;
	pcap_t *pcap;

	expected.count = 0;
	expected.words[0] = '\0';
	assert_non_null(stream);
	pcap = pcap_fopen_offline_with_tstamp_precision(
		stream, PCAP_TSTAMP_PRECISION_NANO, error);
	expected.ok = pcap && pcap_datalink(pcap) == DLT_VSOCK;
	if (!expected.ok) {
		if (pcap)
			pcap_close(pcap);
		else
			fclose(stream);
		return;
	}
	for (;;) {
		offset = ftell(stream);
		status = pcap_next_ex(pcap, &header, &bytes);
		if (status != 1)
			break;
		add_frame(&expected, header, bytes);
	}
	expected.ok = status != PCAP_ERROR;
	if (!expected.ok)
		snprintf(expected.words, sizeof(expected.words),
			 "vsockdump: %s: frame %zu at offset %ld: %s\n", name,
			 expected.count + 1, offset, pcap_geterr(pcap));
	pcap_close(pcap);
}

static void read_words(struct reading *reading)
{
	ssize_t n;

	fflush(stderr);
	n = pread(words_fd, reading->words, sizeof(reading->words) - 1, 0);
	assert_true(n >= 0);
	reading->words[n] = '\0';
	assert_int_equal(ftruncate(words_fd, 0), 0);
	lseek(words_fd, 0, SEEK_SET);
}

static void read_by_us(const struct capture_file *file, bool headers_only)
{
	struct sink sink = {
		.packet = on_packet,
		.context = &got,
		.wanted = true,
		.headers_only = headers_only,
	};
	int saved = dup(STDERR_FILENO);
	int precision;
	pcap_t *pcap;

	got.count = 0;
	dup2(words_fd, STDERR_FILENO);
	pcap = file_read(file, &precision);
	got.ok = pcap && file_run(pcap, file, &sink);
	read_words(&got);
	dup2(saved, STDERR_FILENO);
	close(saved);
	/* That a file cannot be read at all has words of its own. */
	if (!pcap)
		got.words[0] = '\0';
	else
		pcap_close(pcap);
}

static bool is_same(const struct frame *a, const struct frame *b)
{
	return a->header.ts.tv_sec == b->header.ts.tv_sec &&
	       a->header.ts.tv_usec == b->header.ts.tv_usec &&
	       a->header.caplen == b->header.caplen && a->header.len == b->header.len &&
	       a->sum == b->sum;
}

static void compare_file(const struct capture *capture, const struct capture_file *file)
{
	for (int headers_only = 0; headers_only < 2; headers_only++) {
		looked_at = headers_only ? VSOCKHDR_RECORD_HDRS_LEN : SIZE_MAX;
		read_by_libpcap(capture, file->path);
		read_by_us(file, headers_only);
		assert_int_equal(got.count, expected.count);
		for (size_t i = 0; i < got.count; i++)
			assert_true(is_same(&got.frames[i], &expected.frames[i]));
		assert_int_equal(got.ok, expected.ok);
		assert_string_equal(got.words, expected.words);
	}
}

static void compare(const struct capture *capture)
{
	const struct capture_file file = { .path = path, .fd = file_fd, .begin = 0 };

	write_file(capture);
	compare_file(capture, &file);
}

/* Captures in other forms */

static struct capture load(const char *name)
{
	struct capture capture = { .bytes = malloc(MAX_BYTES) };
	FILE *file = fopen(name, "rb");

	assert_non_null(file);
	assert_non_null(capture.bytes);
	capture.size = fread(capture.bytes, 1, MAX_BYTES, file);
	assert_true(capture.size < MAX_BYTES);
	fclose(file);
	return capture;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static void put32(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, sizeof(value));
}

static void swap(uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size / 2; i++) {
		uint8_t byte = p[i];

		p[i] = p[size - 1 - i];
		p[size - 1 - i] = byte;
	}
}

/* Into the other byte order */
static void swap_capture(struct capture *capture)
{
	static const size_t sizes[] = { 4, 2, 2, 4, 4, 4, 4 };
	size_t at = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); at += sizes[i++])
		swap(capture->bytes + at, sizes[i]);
	while (at < capture->size) {
		uint8_t *record = capture->bytes + at;

		at += RECORD_HEADER + get32(record + 8);
		for (size_t i = 0; i < RECORD_HEADER; i += 4)
			swap(record + i, 4);
	}
}

/* xorshift: the same numbers in every run */
static uint32_t draw(void)
{
	static uint32_t state = 1;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* A capture of large records and small ones, in which most is payload */
static struct capture make_large(uint32_t records)
{
	struct capture capture = { .bytes = calloc(1, MAX_BYTES), .size = FILE_HEADER };
	uint8_t *p = capture.bytes;

	assert_non_null(p);
	put32(p, MICRO);
	put32(p + 4, 2U | 4U << 16);
	put32(p + 16, SOURCE_MAX_SNAPLEN);
	put32(p + 20, 271);
	for (uint32_t i = 0; i < records; i++) {
		uint32_t caplen = draw() % 8 == 0 ? draw() % 200 : draw() % 32768;

		p = capture.bytes + capture.size;
		put32(p, i);
		put32(p + 4, draw() % 1000000);
		put32(p + 8, caplen);
		put32(p + 12, caplen + draw() % 2);
		for (uint32_t k = 0; k < caplen; k++)
			p[RECORD_HEADER + k] = (uint8_t)(i + k);
		capture.size += RECORD_HEADER + caplen;
		assert_true(capture.size + RECORD_HEADER + 32768 < MAX_BYTES);
	}
	return capture;
}

/* Tests */

static void test_recorded(void **state)
{
	static const char *const patterns[] = { PCAPS "/*.pcap", PCAPS "/*/*.pcap" };
	glob_t found;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 50);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct capture capture = load(found.gl_pathv[i]);

		compare(&capture);
		put32(capture.bytes, NANO);
		compare(&capture);
		swap_capture(&capture);
		compare(&capture);
		free(capture.bytes);
	}
	globfree(&found);
}

static void test_cut(void **state)
{
	struct capture capture = load(PCAPS "/stream.pcap");

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		size_t size = capture.size;

		if (swapped)
			swap_capture(&capture);
		for (capture.size = 1; capture.size <= 1024; capture.size++)
			compare(&capture);
		capture.size = size;
	}
	free(capture.bytes);
}

static void test_damaged(void **state)
{
	struct capture whole = load(PCAPS "/stream.pcap");
	struct capture capture = { malloc(whole.size), whole.size };

	(void)state;
	assert_non_null(capture.bytes);
	for (int i = 0; i < 2000; i++) {
		memcpy(capture.bytes, whole.bytes, whole.size);
		if (i % 2)
			swap_capture(&capture);
		for (uint32_t k = draw() % 4; k < 4; k++)
			capture.bytes[draw() % (i % 4 < 2 ? 64 : 1024)] = (uint8_t)draw();
		compare(&capture);
	}
	free(capture.bytes);
	free(whole.bytes);
}

/* The snap length of the file, and the largest that there is */
static void test_snaplen(void **state)
{
	static const uint32_t snaplens[] = { 0, 1, 60, 75, 76, 77, 262144, 262145, ~0U };
	struct capture capture = load(PCAPS "/sizes.pcap");

	(void)state;
	for (size_t i = 0; i < sizeof(snaplens) / sizeof(snaplens[0]); i++) {
		put32(capture.bytes + 16, snaplens[i]);
		compare(&capture);
	}
	free(capture.bytes);
}

/* Records that are passed over, and ends of the file in the middle of them */
static void test_large(void **state)
{
	struct capture capture = make_large(300);

	(void)state;
	compare(&capture);
	for (int i = 0; i < 50; i++) {
		capture.size -= draw() % 20000;
		compare(&capture);
	}
	free(capture.bytes);
}

/* Not at the beginning of the file, as standard input may be */
static void test_begin(void **state)
{
	const struct capture_file file = { .path = path, .fd = file_fd, .begin = 100 };
	struct capture capture = load(PCAPS "/many.pcap");

	(void)state;
	for (int i = 0; i < 2; i++) {
		memmove(capture.bytes + 100, capture.bytes, capture.size);
		capture.size += 100;
		write_file(&capture);
		capture.size -= 100;
		memmove(capture.bytes, capture.bytes + 100, capture.size);
		compare_file(&capture, &file);
		/* Once more, damaged */
		put32(capture.bytes + FILE_HEADER + 8, ~0U);
	}
	free(capture.bytes);
}

/* A packet comes, and the file changes its size */
static off_t new_size;

static void on_packet_resize(struct sink *sink, const struct pcap_pkthdr *header,
			     const u_char *bytes)
{
	if (got.count == 0)
		assert_int_equal(ftruncate(file_fd, new_size), 0);
	on_packet(sink, header, bytes);
}

static void read_resized(bool headers_only)
{
	const struct capture_file file = { .path = path, .fd = file_fd, .begin = 0 };
	struct sink sink = {
		.packet = on_packet_resize,
		.context = &got,
		.wanted = true,
		.headers_only = headers_only,
	};
	int precision;
	pcap_t *pcap = file_read(&file, &precision);

	assert_non_null(pcap);
	got.count = 0;
	got.ok = file_run(pcap, &file, &sink);
	pcap_close(pcap);
}

/* What is added while a file is read is read, and what is taken away is no crash */
static void test_resized(void **state)
{
	struct capture capture = make_large(100);
	size_t size = capture.size;

	(void)state;
	for (int headers_only = 0; headers_only < 2; headers_only++) {
		looked_at = headers_only ? VSOCKHDR_RECORD_HDRS_LEN : SIZE_MAX;
		write_file(&capture);
		/* An empty record of zeros */
		new_size = (off_t)size + RECORD_HEADER;
		read_resized(headers_only);
		assert_true(got.ok);
		assert_int_equal(got.count, 101);
		assert_int_equal(got.frames[100].header.caplen, 0);
		write_file(&capture);
		new_size = 24;
		read_resized(headers_only);
		assert_true(got.count < 100);
	}
	free(capture.bytes);
}

/* A sink that wants no more gets no more */
static void on_third(struct sink *sink, const struct pcap_pkthdr *header,
		     const u_char *bytes)
{
	on_packet(sink, header, bytes);
	sink->wanted = got.count < 3;
}

static void test_wanted(void **state)
{
	const struct capture_file file = { .path = path, .fd = file_fd, .begin = 0 };
	struct sink sink = { .packet = on_third, .context = &got, .wanted = true };
	struct capture capture = make_large(10);

	(void)state;
	write_file(&capture);
	looked_at = 0;
	got.count = 0;
	assert_true(file_scan(&file, &sink));
	assert_int_equal(got.count, 3);
	free(capture.bytes);
}

static int open_files(void **state)
{
	(void)state;
	expected.frames = calloc(MAX_FRAMES, sizeof(struct frame));
	got.frames = calloc(MAX_FRAMES, sizeof(struct frame));
	file_fd = mkstemp(path);
	words_fd = memfd_create("words", 0);
	return expected.frames && got.frames && file_fd >= 0 && words_fd >= 0 ? 0 : -1;
}

static int close_files(void **state)
{
	(void)state;
	free(expected.frames);
	free(got.frames);
	close(file_fd);
	close(words_fd);
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damaged),  cmocka_unit_test(test_snaplen),
		cmocka_unit_test(test_large),    cmocka_unit_test(test_begin),
		cmocka_unit_test(test_resized),  cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, open_files, close_files);
}
