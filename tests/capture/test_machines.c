/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Command lines of virtual machine monitors, as they are found in /proc.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "machines.h"
#include "naming_words.h"

/* One command line, words parted by newlines, since some of them have blanks */
struct row {
	const char *words;
	uint64_t cid; /* 0: it is no machine with vsock */
	const char *program;
	const char *name;
};

#define QEMU "qemu-system-x86_64\n"

static const struct row rows[] = {
	/* By hand, as in many instructions */
	{ QEMU "-m\n2G\n-nographic\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu",
	  "" },
	{ QEMU "-device\nvhost-vsock-pci,id=vhost-vsock-pci0,guest-cid=123\n-name\nweb1",
	  123, "qemu", "web1" },
	/* libvirt: JSON, and a name with more to it */
	{ "/usr/bin/qemu-system-x86_64\n-name\nguest=web1,debug-threads=on\n-S\n-object\n"
	  "{\"qom-type\":\"secret\",\"id\":\"masterKey0\"}\n-device\n"
	  "{\"driver\":\"vhost-vsock-pci\",\"id\":\"vsock0\",\"guest-cid\":3,"
	  "\"vhostfd\":\"26\",\"bus\":\"pci.7\",\"addr\":\"0x0\"}\n-msg\ntimestamp=on",
	  3, "qemu", "web1" },
	/* libvirt before it used JSON */
	{ "/usr/libexec/qemu-kvm\n-name\nguest=db.example.org,debug-threads=on\n-device\n"
	  "vhost-vsock-pci,id=vsock0,guest-cid=7,vhostfd=25,bus=pci.7,addr=0x0",
	  7, "qemu", "db.example.org" },
	/* Kata Containers */
	{ "/opt/kata/bin/qemu-system-x86_64\n-name\nsandbox-3f1316b887ba\n-device\n"
	  "vhost-vsock-pci,disable-modern=false,vhostfd=3,id=vsock-2541,"
	  "guest-cid=2541\n-device\nvirtio-9p-pci,fsdev=extra-9p",
	  2541, "qemu", "sandbox-3f1316b887ba" },
	/* Proxmox VE */
	{ "/usr/bin/kvm\n-id\n100\n-name\nvm-100,debug-threads=on\n-device\n"
	  "vhost-vsock-pci,guest-cid=100",
	  100, "qemu", "vm-100" },
	/* Other machine types, other spellings */
	{ "qemu-system-s390x\n-device\nvhost-vsock-ccw,guest-cid=0x3", 3, "qemu", "" },
	{ "qemu-system-aarch64\n-device\nvhost-vsock-device,guest-cid=0XFF", 255, "qemu",
	  "" },
	{ QEMU "--device\nvhost-vsock-pci-non-transitional,guest-cid=4\n--name\nx", 4,
	  "qemu", "x" },
	{ QEMU "-device\ndriver=vhost-vsock-pci,guest-cid=5", 5, "qemu", "" },
	{ QEMU "-device\nguest-cid=5,driver=vhost-vsock-pci", 5, "qemu", "" },
	{ QEMU "-name\ndebug-threads=on,guest=web1\n-device\nvhost-vsock-pci,guest-cid=6",
	  6, "qemu", "web1" },
	{ QEMU "-name\ndebug-threads=on\n-device\nvhost-vsock-pci,guest-cid=6", 6, "qemu",
	  "" },
	{ QEMU "-name\nweb1,process=x\n-device\nvhost-vsock-pci,guest-cid=4294967294",
	  4294967294, "qemu", "web1" },
	/* Names that do harm, or mislead */
	{ QEMU "-name\nmy web server\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu",
	  "my_web_server" },
	{ QEMU "-name\n\x1b[2Jx\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu",
	  "__2Jx" },
	{ QEMU "-name\nm\xc3\xbcller\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu",
	  "m__ller" },
	{ QEMU "-name\n7\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu", "qemu-7" },
	{ QEMU "-name\nhost\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu",
	  "qemu-host" },
	{ QEMU "-name\nand\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu",
	  "qemu-and" },
	{ QEMU "-name\n\n-device\nvhost-vsock-pci,guest-cid=3", 3, "qemu", "" },
	/* No vsock, another process' vsock, or a CID that nobody can have */
	{ QEMU "-m\n2G", 0, NULL, NULL },
	{ QEMU "-device\nvirtio-net-pci,guest-cid=3", 0, NULL, NULL },
	{ QEMU "-device\nvhost-user-vsock-pci,chardev=char0", 0, NULL, NULL },
	{ QEMU "-device\nvhost-vsock-pci", 0, NULL, NULL },
	{ QEMU "-device\nvhost-vsock-pci,guest-cid=", 0, NULL, NULL },
	{ QEMU "-device\nvhost-vsock-pci,guest-cid=3x", 0, NULL, NULL },
	{ QEMU "-device\nvhost-vsock-pci,guest-cid=-3", 0, NULL, NULL },
	{ QEMU "-device\nvhost-vsock-pci,guest-cid=2", 0, NULL, NULL },
	{ QEMU "-device\nvhost-vsock-pci,guest-cid=4294967295", 0, NULL, NULL },
	{ QEMU "-device\nvhost-vsock-pci,guest-cid=99999999999999999999", 0, NULL, NULL },
	{ QEMU "-device\n{\"driver\":\"vhost-vsock-pci\",\"guest-cid\":", 0, NULL, NULL },
	{ QEMU "-device\n{\"driver\":\"vhost-vsock-pci\",\"guest-cid\":\"3\"}", 0, NULL,
	  NULL },
	{ QEMU "-device\n{\"driver\":\"vhost-vsock-pci\",\"guest-cid\":3.5}", 0, NULL,
	  NULL },
	{ QEMU "-device\n{\"driver\":3,\"guest-cid\":3}", 0, NULL, NULL },
	{ QEMU "-device\n{}", 0, NULL, NULL },
	{ QEMU "-device\n", 0, NULL, NULL },
	{ QEMU "-device", 0, NULL, NULL },
	{ QEMU "-append\nvhost-vsock-pci,guest-cid=3", 0, NULL, NULL },
	/* Who only speaks of machines */
	{ "grep\nqemu-system-x86_64 -device vhost-vsock-pci,guest-cid=3", 0, NULL, NULL },
	{ "sudo\n" QEMU "-device\nvhost-vsock-pci,guest-cid=3", 0, NULL, NULL },
	{ "/usr/bin/python3\n/usr/bin/qemu-kvm\n-device\nvhost-vsock-pci,guest-cid=3", 0,
	  NULL, NULL },
	{ "qemu-img\n-device\nvhost-vsock-pci,guest-cid=3", 0, NULL, NULL },
	{ "", 0, NULL, NULL },
	{ "qemu-system-x86_64", 0, NULL, NULL },
	/* crosvm */
	{ "crosvm\nrun\n--cid\n3\n/boot/bzImage", 3, "crosvm", "" },
	{ "/usr/bin/crosvm\nrun\n--vsock\n4\n/boot/bzImage", 4, "crosvm", "" },
	{ "crosvm\nrun\n--vsock\ncid=5,device=/dev/vhost-vsock\nk", 5, "crosvm", "" },
	{ "crosvm\n--log-level\ndebug\nrun\n--vsock=device=/dev/v,cid=6\nk", 6, "crosvm",
	  "" },
	{ "crosvm\ndevices\n--vsock\nvhost=/tmp/s,cid=7", 0, NULL, NULL },
	{ "crosvm\nrun\n--vsock", 0, NULL, NULL },
	{ "crosvm\nrun\n--cidr\n3", 0, NULL, NULL },
	{ "crosvm\nstop\n/tmp/crosvm.sock", 0, NULL, NULL },
	/* kvmtool */
	{ "lkvm\nrun\n--kernel\n./bzImage\n--disk\ntest\n--vsock\n3", 3, "lkvm", "" },
	{ "./lkvm\nrun\n--vsock=9\n--name\nweb1", 9, "lkvm", "web1" },
	{ "lkvm\nlist\n--vsock\n3", 0, NULL, NULL },
	{ "lkvm", 0, NULL, NULL },
};

static void test_command_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char **argv = g_strsplit(rows[i].words, "\n", -1);
		struct machine machine;
		bool found = machines_parse(&machine, (const char *const *)argv,
					    g_strv_length(argv));

		if (found != (rows[i].cid != 0))
			fail_msg("row %zu: %s", i, rows[i].words);
		if (found) {
			assert_int_equal(machine.cid, rows[i].cid);
			assert_string_equal(machine.program, rows[i].program);
			assert_string_equal(machine.name, rows[i].name);
			assert_false(machine.proven);
		}
		g_strfreev(argv);
	}
}

/* Every beginning of every command line, and each with a byte changed: no crash, and
 * only names that are fit to be printed */
static void test_broken_command_lines(void **state)
{
	GRand *random = g_rand_new_with_seed(2);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		size_t length = strlen(rows[i].words);

		for (size_t cut = 0; cut < 2 * length; cut++) {
			char *text =
				g_strndup(rows[i].words, cut < length ? cut : length);
			struct machine machine;
			char **argv;

			if (cut >= length)
				text[cut - length] =
					(char)g_rand_int_range(random, 1, 256);
			argv = g_strsplit(text, "\n", -1);
			if (machines_parse(&machine, (const char *const *)argv,
					   g_strv_length(argv))) {
				assert_in_range(machine.cid, 3, UINT32_MAX - 1);
				assert_true(machine.name[0] == '\0' ||
					    !naming_fault(machine.name));
			}
			g_strfreev(argv);
			g_free(text);
		}
	}
	g_rand_free(random);
}

/* Words as long as a process may make them */
static void test_long_words(void **state)
{
	size_t size = 200000;
	char *nested = g_malloc(size + 1);
	char *commas = g_malloc(size + 1);
	const char *const argv[] = { "qemu-system-x86_64",
				     "-device",
				     nested,
				     "-name",
				     commas,
				     "-device",
				     commas };
	struct machine machine;

	(void)state;
	memset(nested, '[', size);
	memcpy(nested, "{\"a\":", 5);
	memset(commas, ',', size);
	nested[size] = '\0';
	commas[size] = '\0';
	assert_false(machines_parse(&machine, argv, G_N_ELEMENTS(argv)));
	memset(commas, 'n', size);
	memcpy(nested, "vhost-vsock-pci,guest-cid=3,", 28);
	assert_true(machines_parse(&machine, argv, G_N_ELEMENTS(argv)));
	assert_int_equal(strlen(machine.name), NAMING_MAX);
	g_free(commas);
	g_free(nested);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_lines),
		cmocka_unit_test(test_broken_command_lines),
		cmocka_unit_test(test_long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
