/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What --probe concludes from machines that are made up, and that it can look at this
 * one.
 */

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vsockhdr/vsockhdr.h>
#include <yajl/yajl_tree.h>

#include <cmocka.h>

#include "probe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Everything is there */
static const struct probe full = {
	.release = "6.1.0-56-amd64",
	.host = {
		.af_vsock = VSOCKHDR_YES,
		.cid = VSOCKHDR_YES,
		.local_cid = 3,
		.loopback = VSOCKHDR_YES,
		.host_side = VSOCKHDR_YES,
		.guest_side = VSOCKHDR_YES,
		.vsockmon = VSOCKHDR_MODULE_LOADED,
		.devices = 1,
		.device = "vsockmon0",
	},
	.modules = { VSOCKHDR_MODULE_LOADED, VSOCKHDR_MODULE_LOADED,
		     VSOCKHDR_MODULE_LOADED, VSOCKHDR_MODULE_LOADED },
	.devices = { { .index = 4, .up = true, .name = "vsockmon0", .kind = "vsockmon" } },
	.device_count = 1,
	.capture = PROBE_PERMITTED,
	.make = PROBE_PERMITTED,
	.self = "/usr/bin/vsockdump",
	.wireshark = "/usr/bin/wireshark",
	.wireshark_version = "4.0",
	.plugin_folder = "/usr/lib/wireshark/plugins/4.0/epan",
	.plugin = "/usr/lib/wireshark/plugins/4.0/epan/vsockhdr.so",
	.extcap_folder = "/usr/lib/wireshark/extcap",
	.extcap = "/usr/lib/wireshark/extcap/vsockdump",
};

static bool possible;

/* What is printed of a machine */
static char *print(const struct probe *seen, bool json)
{
	static char text[16384];
	FILE *file = tmpfile();
	int saved = dup(STDOUT_FILENO);
	size_t size;

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	possible = probe_judge(seen, json);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	fclose(file);
	return text;
}

static void has(const struct probe *seen, const char *wanted)
{
	const char *text = print(seen, false);

	if (!strstr(text, wanted))
		fail_msg("no \"%s\" in:\n%s", wanted, text);
}

static void test_full(void **state)
{
	const char *text = print(&full, false);
	size_t lines = 0;

	(void)state;
	assert_true(possible);
	assert_null(strstr(text, " missing "));
	assert_null(strstr(text, " unknown "));
	assert_null(strstr(text, "   -> "));
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 16 + 2);
	has(&full, "kernel                  ok       6.1.0-56-amd64\n");
	has(&full, "CID of this machine     ok       3\n");
	has(&full, "vsockmon interfaces     ok       vsockmon0 (up)\n");
	has(&full, "vsockdump can capture here ");
}

#define TODO "\n                                 -> "

/* Each gap says what to do */
static void test_modules(void **state)
{
	struct probe seen = full;

	(void)state;
	seen.host.af_vsock = VSOCKHDR_NO;
	seen.host.cid = VSOCKHDR_NO;
	seen.host.cid_errno = ENOENT;
	seen.host.loopback = VSOCKHDR_NO;
	seen.host.host_side = VSOCKHDR_UNKNOWN;
	seen.host.guest_side = VSOCKHDR_NO;
	seen.modules[PROBE_VSOCK] = VSOCKHDR_MODULE_AVAILABLE;
	seen.modules[PROBE_LOOPBACK] = VSOCKHDR_MODULE_ABSENT;
	seen.modules[PROBE_VHOST] = VSOCKHDR_MODULE_UNKNOWN;
	seen.modules[PROBE_DIAG] = VSOCKHDR_MODULE_AVAILABLE;
	has(&seen,
	    "vsock sockets           missing  no: the module vsock is not loaded" TODO
	    "modprobe vsock\n");
	has(&seen,
	    "CID of this machine     missing  /dev/vsock: No such file or directory" TODO
	    "modprobe vsock\n");
	has(&seen, "transport: loopback     missing  no" TODO
		   "a kernel with the module vsock_loopback, ");
	has(&seen,
	    "transport: to guests    unknown  cannot tell" TODO "modprobe vhost_vsock\n");
	has(&seen, "transport: to the host  missing  no" TODO "only a virtual machine ");
	has(&seen, "list of sockets         missing  installed, not loaded" TODO
		   "modprobe vsock_diag\n");
	/* None of that is in the way of a capture. */
	assert_true(possible);
	seen.host.cid = VSOCKHDR_YES;
	seen.host.local_cid = (uint32_t)VSOCKHDR_CID_ANY;
	has(&seen, "CID of this machine     missing  none: ");
}

static void test_driver(void **state)
{
	static const struct {
		enum vsockhdr_module module;
		const char *text;
	} cases[] = {
		{ VSOCKHDR_MODULE_AVAILABLE,
		  "missing  installed, not loaded" TODO "modprobe vsockmon\n" },
		{ VSOCKHDR_MODULE_ABSENT, "missing  not part of this kernel" TODO
					  "a kernel with the module vsockmon, " },
		{ VSOCKHDR_MODULE_UNKNOWN,
		  "unknown  the list of modules cannot be read" TODO
		  "modprobe vsockmon\n" },
	};
	struct probe seen = full;

	(void)state;
	seen.device_count = 0;
	for (size_t i = 0; i < COUNT(cases); i++) {
		seen.host.vsockmon = cases[i].module;
		has(&seen, cases[i].text);
		has(&seen, "vsockmon interfaces     missing  none\n");
		assert_false(possible);
		has(&seen, "vsockdump cannot capture here ");
	}
}

static void test_devices(void **state)
{
	struct probe seen = full;

	(void)state;
	seen.device_count = 0;
	has(&seen, "vsockmon interfaces     ok       none: vsockdump makes one\n");
	assert_true(possible);
	seen.make = PROBE_NOT_PERMITTED;
	has(&seen, "vsockmon interfaces     missing  none" TODO
		   "ip link add type vsockmon && ip link set vsockmon0 up\n");
	assert_false(possible);

	seen.device_count = 2;
	seen.devices[0].up = false;
	seen.devices[1] = seen.devices[0];
	strcpy(seen.devices[1].name, "second");
	has(&seen,
	    "missing  vsockmon0 (down), second (down)" TODO "ip link set vsockmon0 up\n");
	assert_false(possible);
	seen.make = PROBE_PERMITTED;
	has(&seen, "ok       vsockmon0 (down), second (down): vsockdump brings one up\n");
	assert_true(possible);
	seen.devices[1].up = true;
	strcpy(seen.devices[1].alias, "vsockdump temporary 42");
	has(&seen,
	    "ok       vsockmon0 (down), second (up, temporary, of vsockdump 42)\n");
	assert_true(possible);

	for (size_t i = 0; i < PROBE_MAX_DEVICES; i++)
		seen.devices[i] = full.devices[0];
	seen.device_count = PROBE_MAX_DEVICES + 1;
	has(&seen, "vsockmon0 (up), ...\n");
	seen.device_count = 0;
	seen.devices_err = -ENOBUFS;
	has(&seen, "vsockmon interfaces     unknown  No buffer space available\n");
}

static void test_permissions(void **state)
{
	struct probe seen = full;

	(void)state;
	seen.capture = PROBE_NOT_PERMITTED;
	strcpy(seen.self, "/opt/it's/vsockdump");
	has(&seen, "permission to capture   missing  no (CAP_NET_RAW)" TODO
		   "setcap cap_net_raw,cap_net_admin+ep '/opt/it'\\''s/vsockdump'\n");
	assert_false(possible);
	seen.capture = PROBE_IN_FILE_ONLY;
	has(&seen, "(CAP_NET_RAW)" TODO "run vsockdump as root\n");
	assert_false(possible);
	seen.capture = PROBE_PERMITTED;
	seen.make = PROBE_PERMISSION_UNKNOWN;
	has(&seen, "permission to make one  unknown  cannot tell (CAP_NET_ADMIN)");
	assert_true(possible);
}

static void test_wireshark(void **state)
{
	struct probe seen = full;

	(void)state;
	seen.plugin[0] = '\0';
	seen.extcap[0] = '\0';
	has(&seen, "Wireshark's plugin      missing  not installed" TODO
		   "install -m 644 vsockhdr.so '/usr/lib/wireshark/plugins/4.0/epan'\n");
	has(&seen, "Wireshark captures      missing  not installed" TODO
		   "ln -s '/usr/bin/vsockdump' '/usr/lib/wireshark/extcap'\n");
	seen.wireshark[0] = '\0';
	has(&seen, "Wireshark               missing  not in PATH" TODO);
	has(&seen, "Wireshark's plugin      missing  not installed\nWireshark captures");
	assert_true(possible);
}

static yajl_val value(yajl_val tree, const char *key, const char *inner, yajl_type type)
{
	const char *path[] = { key, inner, NULL };
	yajl_val found = yajl_tree_get(tree, path, type);

	if (!found)
		fail_msg("no %s.%s", key, inner ? inner : "");
	return found;
}

static yajl_val parse(const struct probe *seen)
{
	char error[256];
	const char *text = print(seen, true);
	yajl_val tree = yajl_tree_parse(text, error, sizeof(error));

	/* An object, and a line */
	if (!tree)
		fail_msg("%s: %s", error, text);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	return tree;
}

static void test_json(void **state)
{
	static const char *const keys[] = {
		"kernel",     "af_vsock",    "cid",      "loopback",
		"host_side",  "guest_side",  "vsockmon", "interfaces",
		"vsock_diag", "may_capture", "may_make", "vsockdump",
		"libpcap",    "wireshark",   "plugin",   "extcap",
	};
	struct probe seen = full;
	yajl_val tree = parse(&seen);
	yajl_val list;

	(void)state;
	assert_true(YAJL_IS_TRUE(value(tree, "can_capture", NULL, yajl_t_true)));
	assert_int_equal(YAJL_GET_INTEGER(value(tree, "cid", NULL, yajl_t_number)), 3);
	list = value(tree, "interfaces", NULL, yajl_t_array);
	assert_int_equal(YAJL_GET_ARRAY(list)->len, 1);
	list = YAJL_GET_ARRAY(list)->values[0];
	assert_string_equal(YAJL_GET_STRING(value(list, "name", NULL, yajl_t_string)),
			    "vsockmon0");
	value(list, "up", NULL, yajl_t_true);
	value(list, "temporary_of", NULL, yajl_t_null);
	list = value(tree, "checks", NULL, yajl_t_object);
	assert_int_equal(list->u.object.len, COUNT(keys));
	for (size_t i = 0; i < COUNT(keys); i++) {
		assert_string_equal(list->u.object.keys[i], keys[i]);
		assert_string_equal(
			YAJL_GET_STRING(value(list, keys[i], "state", yajl_t_string)),
			"ok");
		value(list, keys[i], "text", yajl_t_string);
		value(list, keys[i], "todo", yajl_t_null);
	}
	yajl_tree_free(tree);

	seen.host.loopback = VSOCKHDR_NO;
	seen.modules[PROBE_LOOPBACK] = VSOCKHDR_MODULE_AVAILABLE;
	seen.capture = PROBE_NOT_PERMITTED;
	seen.host.cid = VSOCKHDR_UNKNOWN;
	seen.host.cid_errno = EACCES;
	strcpy(seen.devices[0].alias, "vsockdump temporary 42");
	tree = parse(&seen);
	value(tree, "can_capture", NULL, yajl_t_false);
	value(tree, "cid", NULL, yajl_t_null);
	list = value(tree, "interfaces", NULL, yajl_t_array);
	list = YAJL_GET_ARRAY(list)->values[0];
	assert_int_equal(
		YAJL_GET_INTEGER(value(list, "temporary_of", NULL, yajl_t_number)), 42);
	list = value(tree, "checks", NULL, yajl_t_object);
	assert_string_equal(
		YAJL_GET_STRING(value(list, "loopback", "state", yajl_t_string)),
		"missing");
	assert_string_equal(
		YAJL_GET_STRING(value(list, "loopback", "todo", yajl_t_string)),
		"modprobe vsock_loopback");
	assert_string_equal(YAJL_GET_STRING(value(list, "cid", "state", yajl_t_string)),
			    "unknown");
	yajl_tree_free(tree);
}

/* Files of a user's own are found: one of Wireshark's programs, its plugin */
static void test_look(void **state)
{
	static const char *const folders[] = {
		".local/lib/wireshark/plugins/0.10/epan",
		".local/lib/wireshark/plugins/9.9",
		".local/lib/wireshark/plugins/98.7/epan",
		".local/lib/wireshark/plugins/98.10/epan",
		".local/lib/wireshark/plugins/tools/epan",
		".local/lib/wireshark/extcap",
	};
	static struct probe seen;
	const char *home = *state;
	char *plugin = g_build_filename(home, folders[0], PROBE_PLUGIN, NULL);
	char *extcap = g_build_filename(home, folders[5], PROBE_EXTCAP, NULL);
	char *newest = g_build_filename(home, folders[3], NULL);
	char *program = g_build_filename(home, "tshark", NULL);

	for (size_t i = 0; i < COUNT(folders); i++) {
		char *folder = g_build_filename(home, folders[i], NULL);

		assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
		g_free(folder);
	}
	assert_true(g_file_set_contents(plugin, "", 0, NULL));
	assert_true(g_file_set_contents(extcap, "", 0, NULL));
	assert_true(g_file_set_contents(program, "#!/bin/sh\n", -1, NULL));
	assert_int_equal(chmod(program, 0700), 0);
	memset(&seen, 0xa5, sizeof(seen));
	probe_look(&seen);
	assert_string_equal(seen.wireshark, program);
	assert_string_equal(seen.wireshark_version, "98.10");
	assert_string_equal(seen.plugin_folder, newest);
	/* Unless they are installed for everybody */
	assert_string_equal(strrchr(seen.plugin, '/'), "/" PROBE_PLUGIN);
	assert_string_equal(strrchr(seen.extcap, '/'), "/" PROBE_EXTCAP);
	assert_string_not_equal(seen.release, "");
	assert_string_equal(strrchr(seen.self, '/'), "/test_probe");
	assert_int_equal(seen.devices_err, 0);
	assert_int_equal(seen.device_count, seen.host.devices);
	assert_true(strlen(print(&seen, false)) > 0);
	yajl_tree_free(parse(&seen));
	g_free(plugin);
	g_free(extcap);
	g_free(newest);
	g_free(program);
}

/* A home that is empty, before anybody asks for it: glib asks once */
static int make_home(void **state)
{
	char *home = g_dir_make_tmp("vsockhdr-test.XXXXXX", NULL);

	if (!home || setenv("HOME", home, 1) < 0 || setenv("PATH", home, 1) < 0)
		return -1;
	*state = home;
	return 0;
}

static void remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *inner = g_build_filename(path, name, NULL);

		remove_tree(inner);
		g_free(inner);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

static int remove_home(void **state)
{
	remove_tree(*state);
	g_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),        cmocka_unit_test(test_modules),
		cmocka_unit_test(test_driver),      cmocka_unit_test(test_devices),
		cmocka_unit_test(test_permissions), cmocka_unit_test(test_wireshark),
		cmocka_unit_test(test_json),        cmocka_unit_test(test_look),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
