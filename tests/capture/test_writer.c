/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files as others find them: at every moment, and whatever fails, what is in a file is
 * whole packets, each once, in the order of their coming.
 */

#include "writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* A pcap file's header, and a record's */
#define HEADER 24
#define RECORD 16

/* The writer's buffer is smaller than a few of these. */
#define LARGE 200000

static char folder[] = "/tmp/test_writer.XXXXXX";
static uint8_t bytes[LARGE];

static void remove_files(void)
{
	struct dirent *entry;
	DIR *dir = opendir(".");

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		unlink(entry->d_name);
	closedir(dir);
}

static int enter_folder(void **state)
{
	(void)state;
	/* A file that may not grow is a failed write, not a signal. */
	signal(SIGXFSZ, SIG_IGN);
	setenv("TZ", "UTC0", 1);
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int empty_folder(void **state)
{
	(void)state;
	remove_files();
	return 0;
}

static int leave_folder(void **state)
{
	(void)state;
	remove_files();
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static struct writer_options options(const char *path)
{
	return (struct writer_options) {
		.rotation = { .path = path },
		.snaplen = 262144,
		.precision = PCAP_TSTAMP_PRECISION_NANO,
	};
}

/* Packet @number, whose bytes and length on the wire tell which one it is */
static enum writer_result write_one(struct writer *writer, unsigned int number,
				    int64_t sec, size_t caplen)
{
	const struct packet pkt = {
		.sec = sec,
		.nsec = 123456789,
		.data = bytes,
		.caplen = caplen,
		.wirelen = LARGE + number,
	};

	memset(bytes, (int)(number % 251), caplen);
	return writer_packet(writer, &pkt);
}

static uint64_t file_size(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	return (uint64_t)st.st_size;
}

/* Read a file of packets that are numbered from @first. Return: how many it has */
static unsigned int read_file(const char *name, unsigned int first)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(name, error);
	struct pcap_pkthdr *header;
	const u_char *data;
	unsigned int n = 0;
	int status;

	assert_non_null(pcap);
	assert_int_equal(pcap_datalink(pcap), DLT_VSOCK);
	while ((status = pcap_next_ex(pcap, &header, &data)) == 1) {
		assert_int_equal(header->len, LARGE + first + n);
		for (size_t i = 0; i < header->caplen; i++)
			assert_int_equal(data[i], (first + n) % 251);
		n++;
	}
	assert_int_equal(status, PCAP_ERROR_BREAK);
	pcap_close(pcap);
	return n;
}

/* Where what is said meanwhile can be read: no file, as those may be limited */
static int messages;

static int catch_messages(void)
{
	int saved = dup(STDERR_FILENO);
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	messages = fds[0];
	return saved;
}

static void release_messages(int saved, const char *want)
{
	char text[2 * PATH_MAX];
	ssize_t size;

	dup2(saved, STDERR_FILENO);
	close(saved);
	size = read(messages, text, sizeof(text) - 1);
	close(messages);
	assert_in_range(size, 0, sizeof(text) - 1);
	text[size] = '\0';
	assert_string_equal(text, want);
}

static void test_file(void **state)
{
	struct writer_options how = options("file");
	struct writer *writer;
	struct stat st;

	(void)state;
	umask(027);
	writer = writer_open(&how);
	assert_non_null(writer);
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	umask(022);
	/* It is an empty capture from the beginning. */
	assert_int_equal(read_file("file", 0), 0);
	assert_int_equal(write_one(writer, 0, 1700000000, 100), WRITER_OK);
	assert_int_equal(write_one(writer, 1, 1700000000, 0), WRITER_OK);
	assert_int_equal(file_size("file"), HEADER);
	assert_true(writer_flush(writer));
	assert_int_equal(read_file("file", 0), 2);
	assert_int_equal(write_one(writer, 2, 1700000000, 10), WRITER_OK);
	assert_int_equal(writer_tick(writer, 0), WRITER_OK);
	assert_int_equal(read_file("file", 0), 3);
	assert_true(writer_close(writer));
	assert_true(writer_close(NULL));
	/* It replaces what was there. */
	writer = writer_open(&how);
	assert_non_null(writer);
	assert_true(writer_close(writer));
	assert_int_equal(file_size("file"), HEADER);
}

/* The file never ends within a packet, so it does not after SIGKILL either. */
static void write_whole_packets(const size_t *sizes, size_t n_sizes)
{
	struct writer_options how = options("file");
	uint64_t ends[601] = { HEADER };
	size_t at = 0;
	struct writer *writer = writer_open(&how);

	assert_non_null(writer);
	for (unsigned int i = 0; i < 600; i++) {
		size_t size = sizes[i % n_sizes];

		ends[i + 1] = ends[i] + RECORD + size;
		assert_int_equal(write_one(writer, i, 0, size), WRITER_OK);
		while (ends[at] < file_size("file"))
			assert_in_range(++at, 0, i + 1);
		assert_int_equal(ends[at], file_size("file"));
		assert_in_range(ends[i + 1] - ends[at], 0, 262144);
	}
	assert_true(writer_close(writer));
	assert_int_equal(read_file("file", 0), 600);
	assert_int_equal(file_size("file"), ends[600]);
}

/* Large ones that go past the buffer, small ones that fill it to the last byte, and both
 */
static void test_whole_packets(void **state)
{
	static const size_t large[] = { LARGE, 65536, 8192 - RECORD };
	static const size_t small[] = { 1, 77, 4096, 8191 - RECORD, 0, 4096 - RECORD };
	static const size_t exact[] = { 4096 - RECORD };
	static const size_t both[] = {
		LARGE, 1, 77, 4096, 8191 - RECORD, LARGE, 0, 65536
	};

	(void)state;
	write_whole_packets(large, sizeof(large) / sizeof(large[0]));
	write_whole_packets(small, sizeof(small) / sizeof(small[0]));
	write_whole_packets(exact, sizeof(exact) / sizeof(exact[0]));
	write_whole_packets(both, sizeof(both) / sizeof(both[0]));
}

/* To a socket that keeps writes apart, -U sends the header, and then a packet each. */
static void test_unbuffered(void **state)
{
	struct writer_options how = options("-");
	int saved = dup(STDOUT_FILENO);
	uint8_t got[4096];
	struct writer *writer;
	int fds[2];

	(void)state;
	fflush(stdout);
	how.unbuffered = true;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	writer = writer_open(&how);
	for (unsigned int i = 0; writer && i < 20; i++)
		write_one(writer, i, 0, (size_t)i * 100);
	writer_close(writer);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_non_null(writer);
	assert_int_equal(recv(fds[0], got, sizeof(got), 0), HEADER);
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(recv(fds[0], got, sizeof(got), 0), RECORD + i * 100);
	assert_int_equal(recv(fds[0], got, sizeof(got), 0), 0);
	close(fds[0]);
}

static void limit_files(uint64_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Wherever a file cannot grow any more, the packets before that stay. */
static void fill(uint64_t room, bool unbuffered)
{
	const unsigned int packets = 5;
	const size_t size = 30;
	struct writer_options how = options("file");
	enum writer_result last = WRITER_OK;
	unsigned int whole = (unsigned int)((room - HEADER) / (RECORD + size));
	struct writer *writer;
	bool closed;

	how.unbuffered = unbuffered;
	limit_files(room);
	writer = writer_open(&how);
	for (unsigned int i = 0; i < packets; i++) {
		enum writer_result result = write_one(writer, i, 0, size);

		/* Nothing is written behind a gap. */
		assert_true(last == WRITER_OK || result == WRITER_FAILED);
		last = result;
	}
	closed = writer_close(writer);
	limit_files(RLIM_INFINITY);
	whole = whole < packets ? whole : packets;
	assert_int_equal(closed, whole == packets);
	assert_int_equal(last, unbuffered && whole < packets ? WRITER_FAILED : WRITER_OK);
	assert_int_equal(read_file("file", 0), whole);
	assert_int_equal(file_size("file"), HEADER + whole * (RECORD + size));
}

static void test_full(void **state)
{
	const uint64_t all = HEADER + 5 * (RECORD + 30);

	(void)state;
	for (uint64_t room = HEADER; room <= all; room++) {
		for (int unbuffered = 0; unbuffered < 2; unbuffered++) {
			int saved = catch_messages();

			fill(room, unbuffered);
			release_messages(saved,
					 room < all ? "vsockdump: file: cannot write: "
						      "File too large\n"
						    : "");
		}
	}
}

static void test_full_at_once(void **state)
{
	struct writer_options how = options("file");

	(void)state;
	for (uint64_t room = 0; room < HEADER; room++) {
		int saved = catch_messages();
		struct writer *writer;

		limit_files(room);
		writer = writer_open(&how);
		limit_files(RLIM_INFINITY);
		release_messages(saved,
				 "vsockdump: file: cannot write: File too large\n");
		assert_null(writer);
		assert_int_equal(file_size("file"), 0);
	}
}

/* What somebody else has written before us is not touched. */
static void test_full_output(void **state)
{
	struct writer_options how = options("-");
	int saved = dup(STDOUT_FILENO);
	int saved_messages = catch_messages();
	struct writer *writer;
	enum writer_result result = WRITER_OK;
	bool closed;
	int fd;

	(void)state;
	fflush(stdout);
	fd = open("file", O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_int_equal(write(fd, "before", 6), 6);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	limit_files(6 + HEADER + RECORD + 20 + 7);
	writer = writer_open(&how);
	if (writer) {
		write_one(writer, 0, 0, 20);
		result = write_one(writer, 1, 0, 20);
	}
	closed = writer_close(writer);
	limit_files(RLIM_INFINITY);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_non_null(writer);
	assert_int_equal(result, WRITER_OK);
	assert_false(closed);
	assert_int_equal(file_size("file"), 6 + HEADER + RECORD + 20);
	release_messages(saved_messages, "vsockdump: -: cannot write: File too large\n");
}

static void test_cannot_open(void **state)
{
	struct writer_options how = options("no-such-folder/file");
	int saved = catch_messages();
	struct writer *writer;
	struct writer *at_packet;
	enum writer_result result;
	bool closed;

	(void)state;
	writer = writer_open(&how);
	/* Where the name waits for the first packet, so does the message. */
	how.rotation.seconds = 10;
	at_packet = writer_open(&how);
	result = write_one(at_packet, 0, 0, 10);
	closed = writer_close(at_packet);
	release_messages(saved,
			 "vsockdump: no-such-folder/file: No such file or directory\n"
			 "vsockdump: no-such-folder/file: No such file or directory\n");
	assert_null(writer);
	assert_int_equal(result, WRITER_FAILED);
	assert_false(closed);
}

static void test_bad_names(void **state)
{
	char path[PATH_MAX + 1];
	char want[PATH_MAX + 100];
	struct writer_options how = options("");
	int saved = catch_messages();

	(void)state;
	assert_null(writer_open(&how));
	release_messages(saved, "vsockdump: : makes a name that is empty or too long\n");
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	how.rotation.path = path;
	saved = catch_messages();
	assert_null(writer_open(&how));
	snprintf(want, sizeof(want),
		 "vsockdump: %s: makes a name that is empty or too long\n", path);
	release_messages(saved, want);
	/* The file system's limit is another. */
	path[300] = '\0';
	saved = catch_messages();
	assert_null(writer_open(&how));
	snprintf(want, sizeof(want), "vsockdump: %s: File name too long\n", path);
	release_messages(saved, want);
}

/* Every file is a capture of its own, and together they are the whole one. */
static void test_by_size(void **state)
{
	struct writer_options how = options("f");
	struct writer *writer;
	unsigned int n = 0;
	char name[16];

	(void)state;
	how.rotation.max_bytes = 1000;
	how.rotation.files = 5000;
	writer = writer_open(&how);
	assert_non_null(writer);
	for (unsigned int i = 0; i < 20000; i++)
		assert_int_equal(write_one(writer, i, 0, i % 300), WRITER_OK);
	assert_true(writer_close(writer));
	for (unsigned int i = 0; n < 20000; i++) {
		snprintf(name, sizeof(name), "f%04u", i);
		assert_in_range(file_size(name), n < 19990 ? 1001 : HEADER + 1, 1316);
		n += read_file(name, n);
	}
	assert_int_equal(n, 20000);
}

static void test_by_time(void **state)
{
	struct writer_options how = options("f%s");
	struct writer *writer;

	(void)state;
	how.rotation.seconds = 10;
	writer = writer_open(&how);
	assert_non_null(writer);
	assert_int_equal(access("f5", F_OK), -1);
	assert_int_equal(write_one(writer, 0, 5, 10), WRITER_OK);
	assert_int_equal(write_one(writer, 1, 14, 10), WRITER_OK);
	/* The clock is not the packets'. */
	assert_int_equal(writer_tick(writer, INT64_MAX), WRITER_OK);
	assert_int_equal(write_one(writer, 2, 14, 10), WRITER_OK);
	assert_int_equal(write_one(writer, 3, 38, 10), WRITER_OK);
	assert_int_equal(write_one(writer, 4, 2, 10), WRITER_OK);
	assert_true(writer_close(writer));
	assert_int_equal(read_file("f5", 0), 3);
	assert_int_equal(read_file("f35", 3), 2);
}

/* A capture without packets is a file, too. */
static void test_by_time_empty(void **state)
{
	struct writer_options how = options("f");
	struct writer *writer;

	(void)state;
	how.rotation.seconds = 10;
	writer = writer_open(&how);
	assert_non_null(writer);
	assert_int_equal(access("f", F_OK), -1);
	assert_true(writer_close(writer));
	assert_int_equal(read_file("f", 0), 0);
}

static unsigned int count_files(void)
{
	struct dirent *entry;
	DIR *dir = opendir(".");
	unsigned int n = 0;

	while ((entry = readdir(dir)))
		n += entry->d_name[0] == 'f';
	closedir(dir);
	return n;
}

/* Live, a file ends with its window, and half a second for packets on their way. */
static void test_live(void **state)
{
	struct writer_options how = options("f%s");
	int64_t start = time(NULL);
	struct writer *writer;
	char name[32];

	(void)state;
	how.rotation.seconds = 1000;
	how.live = true;
	writer = writer_open(&how);
	assert_non_null(writer);
	snprintf(name, sizeof(name), "f%lld", (long long)start);
	if (access(name, F_OK) < 0)
		snprintf(name, sizeof(name), "f%lld", (long long)++start);
	assert_int_equal(read_file(name, 0), 0);
	assert_int_equal(write_one(writer, 0, start, 10), WRITER_OK);
	assert_int_equal(writer_tick(writer, (start + 1000) * NSEC_PER_SEC), WRITER_OK);
	assert_int_equal(write_one(writer, 1, start + 999, 10), WRITER_OK);
	assert_int_equal(writer_tick(writer, (start + 1001) * NSEC_PER_SEC), WRITER_OK);
	/* Time without packets makes no files. */
	for (int64_t sec = 1002; sec < 9000; sec += 100)
		assert_int_equal(writer_tick(writer, (start + sec) * NSEC_PER_SEC),
				 WRITER_OK);
	assert_int_equal(count_files(), 1);
	assert_int_equal(read_file(name, 0), 2);
	/* Later than late is not lost. */
	assert_int_equal(write_one(writer, 2, start + 999, 10), WRITER_OK);
	assert_int_equal(write_one(writer, 3, start + 1999, 10), WRITER_OK);
	assert_int_equal(write_one(writer, 4, start + 9876, 10), WRITER_OK);
	assert_true(writer_close(writer));
	assert_int_equal(count_files(), 3);
	snprintf(name, sizeof(name), "f%lld", (long long)start + 1000);
	assert_int_equal(read_file(name, 2), 2);
	snprintf(name, sizeof(name), "f%lld", (long long)start + 9000);
	assert_int_equal(read_file(name, 4), 1);
}

/* -G with -W is how long a capture lasts, also where nothing happens. */
static void test_live_ends(void **state)
{
	struct writer_options how = options("f%s");
	int64_t start = time(NULL);
	int saved = catch_messages();
	struct writer *writer;

	(void)state;
	how.rotation.seconds = 1000;
	how.rotation.files = 2;
	how.live = true;
	writer = writer_open(&how);
	assert_int_equal(writer_tick(writer, (start + 999) * NSEC_PER_SEC), WRITER_OK);
	assert_int_equal(write_one(writer, 0, start + 1500, 10), WRITER_OK);
	assert_int_equal(writer_tick(writer, (start + 1999) * NSEC_PER_SEC), WRITER_OK);
	assert_int_equal(writer_tick(writer, (start + 2002) * NSEC_PER_SEC), WRITER_DONE);
	assert_int_equal(writer_tick(writer, (start + 2003) * NSEC_PER_SEC), WRITER_DONE);
	assert_int_equal(write_one(writer, 1, start + 2004, 10), WRITER_DONE);
	assert_true(writer_close(writer));
	assert_int_equal(count_files(), 2);
	release_messages(saved, "vsockdump: maximum file limit reached: 2\n");
}

/* The file that is being read is not overwritten, whichever name comes to it. */
static void test_keeps_what_is_read(void **state)
{
	struct writer_options how = options("f");
	struct writer *writer;
	int saved;

	(void)state;
	writer = writer_open(&how);
	assert_int_equal(write_one(writer, 0, 0, 500), WRITER_OK);
	assert_true(writer_close(writer));
	assert_int_equal(rename("f", "f1"), 0);
	how.read_file = "f1";
	how.rotation.max_bytes = 100;
	saved = catch_messages();
	writer = writer_open(&how);
	assert_int_equal(write_one(writer, 0, 0, 100), WRITER_OK);
	assert_int_equal(write_one(writer, 1, 0, 100), WRITER_FAILED);
	assert_false(writer_close(writer));
	release_messages(saved,
			 "vsockdump: f1: -w would overwrite the file that -r reads\n");
	assert_int_equal(read_file("f1", 0), 1);
	assert_int_equal(file_size("f1"), HEADER + RECORD + 500);
	assert_int_equal(read_file("f", 0), 1);
}

/* The command gets the files that rotation has completed, not the last. */
static void test_command(void **state)
{
	struct writer_options how = options("f");
	struct command command;
	struct writer *writer;
	int fds[2];
	char name[16];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	command = (struct command) { .program = "test",
				     .child = { .pid = getpid(), .fd = fds[0] } };
	how.command = &command;
	how.rotation.max_bytes = 500;
	writer = writer_open(&how);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(write_one(writer, i, 0, 300), WRITER_OK);
		if (i == 2) {
			/* It is complete when the command hears of it. */
			assert_int_equal(recv(fds[1], name, sizeof(name), 0), 1);
			assert_memory_equal(name, "f", 1);
			assert_int_equal(read_file("f", 0), 2);
		}
	}
	assert_true(writer_close(writer));
	command_end(&command);
	assert_int_equal(recv(fds[1], name, sizeof(name), 0), 2);
	assert_memory_equal(name, "f1", 2);
	assert_int_equal(recv(fds[1], name, sizeof(name), 0), 0);
	close(fds[1]);
	assert_int_equal(read_file("f2", 4), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_file, empty_folder),
		cmocka_unit_test_teardown(test_whole_packets, empty_folder),
		cmocka_unit_test_teardown(test_unbuffered, empty_folder),
		cmocka_unit_test_teardown(test_full, empty_folder),
		cmocka_unit_test_teardown(test_full_at_once, empty_folder),
		cmocka_unit_test_teardown(test_full_output, empty_folder),
		cmocka_unit_test_teardown(test_cannot_open, empty_folder),
		cmocka_unit_test_teardown(test_bad_names, empty_folder),
		cmocka_unit_test_teardown(test_by_size, empty_folder),
		cmocka_unit_test_teardown(test_by_time, empty_folder),
		cmocka_unit_test_teardown(test_by_time_empty, empty_folder),
		cmocka_unit_test_teardown(test_live, empty_folder),
		cmocka_unit_test_teardown(test_live_ends, empty_folder),
		cmocka_unit_test_teardown(test_keeps_what_is_read, empty_folder),
		cmocka_unit_test_teardown(test_command, empty_folder),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
