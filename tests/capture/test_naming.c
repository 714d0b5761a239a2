/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Names of CIDs and ports: files that are right and wrong, machines that are made up,
 * and which source wins.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <vsockhdr/hdr.h>

#include "naming.h"
#include "naming_file.h"
#include "naming_words.h"

static char *dir;

static int make_dir(void **state)
{
	(void)state;
	dir = g_dir_make_tmp("vsockdump-naming-XXXXXX", NULL);
	return dir ? 0 : -1;
}

static int remove_dir(void **state)
{
	gchar rm[] = "rm", option[] = "-r";
	char *argv[] = { rm, option, dir, NULL };

	(void)state;
	g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
		     NULL);
	g_free(dir);
	return 0;
}

/* A file below the directory, with its own directories; its path is for g_free() */
static char *write_file(const char *name, const char *bytes, size_t size)
{
	char *path = g_build_filename(dir, name, NULL);
	char *parent = g_path_get_dirname(path);
	FILE *file;

	assert_int_equal(g_mkdir_with_parents(parent, 0700), 0);
	/* Not g_file_set_contents(), which waits for the disk */
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	g_free(parent);
	return path;
}

static struct naming *read_bytes(const char *bytes, size_t size, bool unqualified)
{
	char *path = write_file("cids", bytes, size);
	const struct naming_options options = {
		.cids_file = path,
		.unqualified = unqualified,
	};
	struct naming *names = naming_new(&options);

	g_free(path);
	return names;
}

static struct naming *read_text(const char *text)
{
	return read_bytes(text, strlen(text), false);
}

/* What was written on standard error meanwhile is to be compared */
static int saved_stderr;

static void catch_messages(void)
{
	char *path = g_build_filename(dir, "stderr", NULL);

	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	assert_non_null(freopen(path, "w", stderr));
	g_free(path);
}

static char *caught_messages(void)
{
	char *path = g_build_filename(dir, "stderr", NULL);
	char *text;

	fflush(stderr);
	assert_int_equal(dup2(saved_stderr, STDERR_FILENO), STDERR_FILENO);
	close(saved_stderr);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_free(path);
	return text;
}

static void test_well_known(void **state)
{
	struct naming *names = read_text("");
	uint32_t port;
	uint64_t cid;

	(void)state;
	assert_non_null(names);
	assert_string_equal(naming_cid(names, 0), "hypervisor");
	assert_string_equal(naming_cid(names, 1), "local");
	assert_string_equal(naming_cid(names, 2), "host");
	assert_null(naming_cid(names, 3));
	assert_null(naming_cid(names, 4));
	assert_string_equal(naming_cid(names, VSOCKHDR_CID_ANY), "any");
	assert_null(naming_cid(names, UINT64_MAX));
	assert_null(naming_cid(NULL, 2));
	assert_true(naming_find_cid(names, "HOST", &cid));
	assert_int_equal(cid, 2);
	assert_true(naming_find_cid(NULL, "any", &cid));
	assert_int_equal(cid, VSOCKHDR_CID_ANY);
	assert_false(naming_find_cid(names, "web1", &cid));
	assert_false(naming_find_cid(names, "", &cid));

	assert_string_equal(naming_port(names, 22), "ssh");
	assert_null(naming_port(NULL, 22));
	assert_null(naming_port(names, 23));
	assert_true(naming_find_port(NULL, "SSH", &port));
	assert_int_equal(port, 22);
	naming_free(names);
	naming_free(NULL);
}

/* Ports that the kernel gives to clients, too, can be asked for, but are not printed. */
static void test_ports_of_clients(void **state)
{
	static const struct {
		const char *name;
		uint32_t port;
	} rows[] = {
		{ "kata-agent", 1024 }, { "kata-logs", 1025 }, { "kata-console", 1026 },
		{ "iperf3", 5201 },     { "adb", 5555 },
	};
	struct naming *names = read_text("");
	uint32_t port;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_null(naming_port(names, rows[i].port));
		assert_true(naming_find_port(names, rows[i].name, &port));
		assert_int_equal(port, rows[i].port);
	}
	naming_free(names);
}

static void test_file(void **state)
{
	struct naming *names = read_text("# who is who\n"
					 "\n"
					 "3 web1 # the first\n"
					 "\t0x10\tdb.example.org\r\n"
					 "2 myhost\n"
					 "4294967296 beyond\n"
					 "18446744073709551615 last\n"
					 "port 9999 metrics\n"
					 "PORT 0x16 shell#no blank\n"
					 "port 4294967295 anywhere");
	uint32_t port;
	uint64_t cid;

	(void)state;
	assert_non_null(names);
	assert_string_equal(naming_cid(names, 3), "web1");
	assert_string_equal(naming_cid(names, 16), "db.example.org");
	assert_string_equal(naming_cid(names, 2), "myhost");
	assert_string_equal(naming_cid(names, 4294967296), "beyond");
	assert_string_equal(naming_cid(names, UINT64_MAX), "last");
	assert_null(naming_cid(names, 17));
	assert_string_equal(naming_cid(names, 1), "local");
	assert_true(naming_find_cid(names, "WEB1", &cid));
	assert_int_equal(cid, 3);
	assert_true(naming_find_cid(names, "host", &cid));
	assert_int_equal(cid, 2);
	assert_true(naming_find_cid(names, "myhost", &cid));
	assert_int_equal(cid, 2);
	assert_false(naming_find_cid(names, "db", &cid));

	assert_string_equal(naming_port(names, 9999), "metrics");
	assert_string_equal(naming_port(names, 22), "shell");
	assert_string_equal(naming_port(names, UINT32_MAX), "anywhere");
	assert_true(naming_find_port(names, "Metrics", &port));
	assert_int_equal(port, 9999);
	/* The service has another name now; the old one still finds it. */
	assert_true(naming_find_port(names, "ssh", &port));
	assert_int_equal(port, 22);
	/* CIDs and ports have nothing to do with each other. */
	assert_false(naming_find_port(names, "web1", &port));
	assert_false(naming_find_cid(names, "metrics", &cid));
	naming_free(names);
}

static void test_unqualified(void **state)
{
	static const char text[] = "3 web1.example.org\n"
				   "4 a.one\n"
				   "5 a.two\n"
				   "6 host.example.org\n"
				   "port 99 x.y\n";
	struct naming *names = read_bytes(text, strlen(text), true);
	uint32_t port;
	uint64_t cid;

	(void)state;
	assert_string_equal(naming_cid(names, 3), "web1");
	assert_string_equal(naming_cid(names, 4), "a");
	assert_string_equal(naming_cid(names, 5), "a");
	/* "host" alone is another machine. */
	assert_string_equal(naming_cid(names, 6), "host.example.org");
	assert_string_equal(naming_port(names, 99), "x");
	assert_true(naming_find_cid(names, "web1", &cid));
	assert_int_equal(cid, 3);
	assert_true(naming_find_cid(names, "web1.example.org", &cid));
	assert_int_equal(cid, 3);
	assert_true(naming_find_cid(names, "a.two", &cid));
	assert_int_equal(cid, 5);
	/* It may mean either. */
	assert_false(naming_find_cid(names, "a", &cid));
	assert_true(naming_find_cid(names, "host", &cid));
	assert_int_equal(cid, 2);
	assert_true(naming_find_port(names, "x", &port));
	assert_int_equal(port, 99);
	naming_free(names);
}

#define FORM    "a line is \"CID NAME\" or \"port NUMBER NAME\""
#define CHARS   "a name consists of letters, digits, '.', '_' and '-'"
#define FIRST   "a name begins with a letter"
#define WORD    "this word has a meaning of its own in filters"
#define CID     "the CID is no number of 64 bits"
#define PORT    "the port is no number of 32 bits"
#define NAME_63 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"

static void test_wrong_lines(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *fault;
	} rows[] = {
		{ "3", 1, FORM },
		{ "3 web1 web2", 1, FORM },
		{ "port 3", 1, FORM },
		{ "port 3 a b", 1, FORM },
		{ "port", 1, FORM },
		{ "\n\nweb1 3\n", 3, CID },
		{ "-3 web1", 1, CID },
		{ "+3 web1", 1, CID },
		{ "3x web1", 1, CID },
		{ "0x web1", 1, CID },
		{ "0x-1 web1", 1, CID },
		{ "18446744073709551616 web1", 1, CID },
		{ "port 4294967296 web1", 1, PORT },
		{ "port -1 web1", 1, PORT },
		{ "3 4", 1, FIRST },
		{ "3 0x4", 1, FIRST },
		{ "3 -n", 1, FIRST },
		{ "3 .web", 1, FIRST },
		{ "3 \xc3\xa4", 1, FIRST },
		{ "3 w\x1b[2J", 1, CHARS },
		{ "3 web/1", 1, CHARS },
		{ "3 web:1", 1, CHARS },
		{ "3 a\xc3\xa4", 1, CHARS },
		{ "3 " NAME_63 "d", 1, "the name is longer than 63 characters" },
		{ "3 and", 1, WORD },
		{ "3 Port", 1, WORD },
		{ "3 host", 1, WORD },
		{ "1 local", 1, WORD },
		{ "3 rst", 1, WORD },
		{ "3 stream", 1, WORD },
		{ "3 a\n4 b\n3 c\n", 3, "a line above has a name for this CID" },
		{ "3 a\n4 A\n", 2, "a line above has this name" },
		{ "port 3 a\nport 3 b\n", 2, "a line above has a name for this port" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *expected = g_strdup_printf("vsockdump: %s/cids:%u: %s\n", dir,
						 rows[i].line, rows[i].fault);
		char *caught;

		catch_messages();
		assert_null(read_text(rows[i].text));
		caught = caught_messages();
		assert_string_equal(caught, expected);
		g_free(caught);
		g_free(expected);
	}
}

static void test_longest_name(void **state)
{
	struct naming *names = read_text("3 " NAME_63 "\n");

	(void)state;
	assert_string_equal(naming_cid(names, 3), NAME_63);
	assert_int_equal(strlen(NAME_63), NAMING_MAX);
	naming_free(names);
}

static void expect_failure(const char *path, const char *before, const char *behind)
{
	const struct naming_options options = { .cids_file = path };
	char *expected = g_strconcat("vsockdump: ", before, path, behind, "\n", NULL);
	char *caught;

	catch_messages();
	assert_null(naming_new(&options));
	caught = caught_messages();
	assert_string_equal(caught, expected);
	g_free(caught);
	g_free(expected);
}

static void test_wrong_files(void **state)
{
	char *big = g_malloc(NAMING_FILE_MAX + 1);
	char *path;

	(void)state;
	expect_failure("/nonexistent/cids", "cannot open ",
		       ": No such file or directory");
	expect_failure(dir, "cannot read ", ": Is a directory");
	expect_failure("/dev/zero", "", " is longer than 1048576 bytes");

	path = write_file("nul", "3 a\n4 b\0c\n", 10);
	expect_failure(path, "", ":2: a NUL character");
	g_free(path);

	memset(big, '\n', NAMING_FILE_MAX + 1);
	path = write_file("big", big, NAMING_FILE_MAX + 1);
	expect_failure(path, "", " is longer than 1048576 bytes");
	g_free(path);
	naming_free(read_bytes(big, NAMING_FILE_MAX, false));
	memset(big, 'x', NAMING_FILE_MAX);
	catch_messages();
	assert_null(read_bytes(big, NAMING_FILE_MAX, false));
	g_free(caught_messages());
	g_free(big);
}

/* Any bytes: no crash, and what is accepted is harmless. */
static void test_random_files(void **state)
{
	static const char alphabet[] = "0123456789x abport#.\n\n\n-_\t\r\x1b\x80";
	GRand *random = g_rand_new_with_seed(1);
	char bytes[200];

	(void)state;
	catch_messages();
	for (int round = 0; round < 2000; round++) {
		size_t size = (size_t)g_rand_int_range(random, 0, sizeof(bytes));
		struct naming *names;

		for (size_t i = 0; i < size; i++)
			bytes[i] =
				alphabet[g_rand_int_range(random, 0, sizeof(alphabet))];
		names = read_bytes(bytes, size, round & 1);
		for (uint64_t cid = 3; names && cid < 100; cid++) {
			const char *name = naming_cid(names, cid);

			assert_true(!name || !naming_fault(name));
		}
		naming_free(names);
	}
	g_free(caught_messages());
	g_rand_free(random);
}

/* The user's own file, wherever the environment puts it */
static void test_own_file(void **state)
{
	static const struct naming_options options = { .cids_file = NULL };
	char *home = write_file("home/.config/vsockdump/cids", "70001 athome\n", 13);
	char *config = write_file("xdg/vsockdump/cids", "70001 inconfig\n", 15);
	char *home_dir = g_build_filename(dir, "home", NULL);
	char *config_dir = g_build_filename(dir, "xdg", NULL);
	struct naming *names;

	(void)state;
	g_setenv("HOME", home_dir, TRUE);
	g_unsetenv("XDG_CONFIG_HOME");
	names = naming_new(&options);
	assert_string_equal(naming_cid(names, 70001), "athome");
	naming_free(names);

	g_setenv("XDG_CONFIG_HOME", "relative", TRUE);
	names = naming_new(&options);
	assert_string_equal(naming_cid(names, 70001), "athome");
	naming_free(names);

	g_setenv("XDG_CONFIG_HOME", config_dir, TRUE);
	names = naming_new(&options);
	assert_string_equal(naming_cid(names, 70001), "inconfig");
	naming_free(names);

	/* It need not be there, but must be right. */
	g_setenv("XDG_CONFIG_HOME", dir, TRUE);
	names = naming_new(&options);
	assert_null(naming_cid(names, 70001));
	naming_free(names);
	assert_true(g_file_set_contents(config, "wrong\n", -1, NULL));
	g_setenv("XDG_CONFIG_HOME", config_dir, TRUE);
	catch_messages();
	assert_null(naming_new(&options));
	g_free(caught_messages());

	g_unsetenv("XDG_CONFIG_HOME");
	g_unsetenv("HOME");
	names = naming_new(&options);
	assert_null(naming_cid(names, 70001));
	naming_free(names);
	g_free(config_dir);
	g_free(home_dir);
	g_free(config);
	g_free(home);
}

/* A process of a made-up /proc; words are parted by blanks. held: what it has open;
 * NULL: that is hidden */
static void add_process(int pid, const char *words, const char *held)
{
	char *name = g_strdup_printf("proc/%d/cmdline", pid);
	char *cmdline = g_strdelimit(g_strdup(words), " ", '\0');
	char *fd_dir = g_strdup_printf("%s/proc/%d/fd", dir, pid);
	char *link = g_build_filename(fd_dir, "7", NULL);

	g_free(write_file(name, cmdline, strlen(words) + 1));
	if (held) {
		char *path = held[0] == '/' ? g_strdup(held)
					    : g_build_filename(dir, held, NULL);

		assert_int_equal(g_mkdir_with_parents(fd_dir, 0700), 0);
		assert_int_equal(symlink(path, link), 0);
		g_free(path);
	}
	g_free(link);
	g_free(fd_dir);
	g_free(cmdline);
	g_free(name);
}

/* Stands for the device that it is called after; its whole path is made below */
#define VHOST "vhost-vsock"
#define QEMU  "/usr/bin/qemu-system-x86_64 "

static void test_machines(void **state)
{
	struct naming *names = read_text("10 fromfile\n11 taken\n");
	char *proc = g_build_filename(dir, "proc", NULL);
	char *device = g_build_filename(dir, VHOST, NULL);
	uint64_t cid;

	(void)state;
	assert_int_equal(symlink("/dev/null", device), 0);
	g_free(device);
	g_free(write_file("plain/vhost-vsock", "", 0));
	add_process(1, "/sbin/init", VHOST);
	add_process(100,
		    QEMU "-name guest=web1,debug-threads=on "
			 "-device vhost-vsock-pci,guest-cid=3",
		    VHOST);
	/* The user's file knows better. */
	add_process(101, QEMU "-name other -device vhost-vsock-pci,guest-cid=10", VHOST);
	add_process(102, QEMU "-name taken -device vhost-vsock-pci,guest-cid=12", VHOST);
	add_process(103, QEMU "-device vhost-vsock-pci,guest-cid=13", VHOST);
	/* Two say that they have the CID: neither can be believed. */
	add_process(104, QEMU "-name one -device vhost-vsock-pci,guest-cid=14", NULL);
	add_process(105, QEMU "-name two -device vhost-vsock-pci,guest-cid=14", NULL);
	/* One of them is seen to have it. */
	add_process(106, QEMU "-name liar -device vhost-vsock-pci,guest-cid=15", NULL);
	add_process(107, QEMU "-name real -device vhost-vsock-pci,guest-cid=15", VHOST);
	add_process(108, QEMU "-name none -device vhost-vsock-pci,guest-cid=16",
		    "/dev/null");
	add_process(109, QEMU "-name hidden -device vhost-vsock-pci,guest-cid=17", NULL);
	/* Another one of the same name */
	add_process(110, QEMU "-name WEB1 -device vhost-vsock-pci,guest-cid=18", VHOST);
	/* A program of several processes */
	add_process(111, "crosvm run --cid 19 k", VHOST);
	add_process(112, "crosvm run --cid 19 k", VHOST);
	/* Not the device, but a file of its name */
	add_process(113, QEMU "-name x -device vhost-vsock-pci,guest-cid=20",
		    "plain/vhost-vsock");
	naming_add_machines(names, proc);

	assert_null(naming_cid(names, 20));
	assert_string_equal(naming_cid(names, 3), "web1");
	assert_string_equal(naming_cid(names, 10), "fromfile");
	assert_string_equal(naming_cid(names, 11), "taken");
	assert_string_equal(naming_cid(names, 12), "qemu-pid102");
	assert_string_equal(naming_cid(names, 13), "qemu-pid103");
	assert_null(naming_cid(names, 14));
	assert_string_equal(naming_cid(names, 15), "real");
	assert_null(naming_cid(names, 16));
	assert_string_equal(naming_cid(names, 17), "hidden");
	assert_string_equal(naming_cid(names, 18), "qemu-pid110");
	assert_string_equal(naming_cid(names, 19), "crosvm-pid111");
	assert_true(naming_find_cid(names, "web1", &cid));
	assert_int_equal(cid, 3);
	assert_false(naming_find_cid(names, "other", &cid));
	naming_free(names);
	g_free(proc);
}

/* This machine, whatever runs on it: nothing but that it ends */
static void test_this_machine(void **state)
{
	static const struct naming_options options = { .machines = true };
	struct naming *names = naming_new(&options);

	(void)state;
	assert_non_null(names);
	assert_string_equal(naming_cid(names, 0), "hypervisor");
	naming_add_machines(names, "/nonexistent");
	naming_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well_known),
		cmocka_unit_test(test_ports_of_clients),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_unqualified),
		cmocka_unit_test(test_wrong_lines),
		cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_wrong_files),
		cmocka_unit_test(test_random_files),
		cmocka_unit_test(test_own_file),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_this_machine),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
