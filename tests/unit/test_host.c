/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the library says of a machine, on machines that are made up, and on this one.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "helper.h"
#include "machine.h"

#define PROTOCOLS_HEAD "protocol  size sockets  memory press maxhdr  slab module\n"
#define PROTOCOLS_UNIX "UNIX-STREAM 1024     27      -1   NI       0   yes  kernel\n"
#define PROTOCOLS_VSOCK \
	"AF_VSOCK   1360      0      -1   NI       0   no   vsock       n  n\n"

/* Nothing of vsock, but all of it could be looked at; with an Ethernet device */
static const struct machine bare = {
	.protocols = { .text = PROTOCOLS_HEAD PROTOCOLS_UNIX },
	.builtin = { .text = "kernel/net/unix/unix.ko\n" },
	.dep = { .text = "kernel/drivers/net/veth.ko:\n" },
	.open_errno = ENOENT,
	.devices = { { "lo", 772 }, { "eth0", 1 } },
	.device_count = 2,
};

/* Everything of vsock, this machine being a guest with guests of its own */
static const struct machine full = {
	.protocols = { .text = PROTOCOLS_HEAD PROTOCOLS_VSOCK PROTOCOLS_UNIX },
	.cid = 3,
	.has_loopback = true,
	.has_host_side = true,
	.devices = { { "lo", 772 }, { "vsockmon0", 826 }, { "eth0", 1 }, { "vm1", 826 } },
	.device_count = 4,
	.module_loaded = true,
};

static void probe(struct vsockhdr_host *host, const struct machine *on)
{
	memset(host, 0xa5, sizeof(*host));
	machine = on;
	vsockhdr_host_probe(host);
	machine = NULL;
	assert_int_equal(open_fds, 0);
}

static void test_bare(void **state)
{
	struct vsockhdr_host host;

	(void)state;
	probe(&host, &bare);
	assert_int_equal(host.af_vsock, VSOCKHDR_NO);
	assert_int_equal(host.af_vsock_errno, 0);
	assert_int_equal(host.cid, VSOCKHDR_NO);
	assert_int_equal(host.cid_errno, ENOENT);
	assert_int_equal(host.local_cid, UINT32_MAX);
	assert_int_equal(host.loopback, VSOCKHDR_NO);
	assert_int_equal(host.host_side, VSOCKHDR_NO);
	assert_int_equal(host.guest_side, VSOCKHDR_NO);
	assert_int_equal(host.vsockmon, VSOCKHDR_MODULE_ABSENT);
	assert_int_equal(host.devices, 0);
	assert_string_equal(host.device, "");
}

static void test_full(void **state)
{
	struct vsockhdr_host host;

	(void)state;
	probe(&host, &full);
	assert_int_equal(host.af_vsock, VSOCKHDR_YES);
	assert_int_equal(host.af_vsock_errno, 0);
	assert_int_equal(host.cid, VSOCKHDR_YES);
	assert_int_equal(host.cid_errno, 0);
	assert_int_equal(host.local_cid, 3);
	assert_int_equal(host.loopback, VSOCKHDR_YES);
	assert_int_equal(host.host_side, VSOCKHDR_YES);
	assert_int_equal(host.guest_side, VSOCKHDR_YES);
	assert_int_equal(host.vsockmon, VSOCKHDR_MODULE_LOADED);
	assert_int_equal(host.devices, 2);
	assert_string_equal(host.device, "vsockmon0");
	assert_int_equal(bound_family, AF_VSOCK);
}

static void test_protocols(void **state)
{
	/* The name counts only as a line's beginning, and only whole. */
	static const char *const without[] = {
		"", "\n", "AF_VSOCK", "AF_VSOCKET 1360\n", "a_line:of AF_VSOCK 1360\n",
	};
	struct machine m = full;
	struct vsockhdr_host host;

	(void)state;
	for (size_t i = 0; i < COUNT(without); i++) {
		m.protocols.text = without[i];
		probe(&host, &m);
		assert_int_equal(host.af_vsock, VSOCKHDR_NO);
		assert_int_equal(host.loopback, VSOCKHDR_NO);
		assert_int_equal(host.host_side, VSOCKHDR_NO);
		assert_int_equal(host.guest_side, VSOCKHDR_NO);
	}
	m.protocols.text = PROTOCOLS_VSOCK;
	probe(&host, &m);
	assert_int_equal(host.af_vsock, VSOCKHDR_YES);
}

static void test_protocols_unreadable(void **state)
{
	struct machine m = full;
	struct vsockhdr_host host;

	(void)state;
	m.protocols.open_errno = EACCES;
	probe(&host, &m);
	assert_int_equal(host.af_vsock, VSOCKHDR_UNKNOWN);
	assert_int_equal(host.af_vsock_errno, EACCES);
	assert_int_equal(host.loopback, VSOCKHDR_UNKNOWN);
	assert_int_equal(host.host_side, VSOCKHDR_UNKNOWN);
	assert_int_equal(host.guest_side, VSOCKHDR_UNKNOWN);
	/* What does not depend on it is answered. */
	assert_int_equal(host.cid, VSOCKHDR_YES);
	assert_int_equal(host.devices, 2);

	m.protocols.open_errno = 0;
	m.protocols.read_errno = EISDIR;
	probe(&host, &m);
	assert_int_equal(host.af_vsock, VSOCKHDR_UNKNOWN);
	assert_int_equal(host.af_vsock_errno, EISDIR);
}

static void test_local_cid(void **state)
{
	static const struct {
		int open_errno;
		int cid_errno;
		unsigned int cid;
		enum vsockhdr_answer answer;
		int answer_errno;
		uint32_t local_cid;
		enum vsockhdr_answer guest_side;
	} rows[] = {
		{ ENOENT, 0, 3, VSOCKHDR_NO, ENOENT, UINT32_MAX, VSOCKHDR_UNKNOWN },
		{ EACCES, 0, 3, VSOCKHDR_UNKNOWN, EACCES, UINT32_MAX, VSOCKHDR_UNKNOWN },
		{ 0, ENOTTY, 3, VSOCKHDR_UNKNOWN, ENOTTY, UINT32_MAX, VSOCKHDR_UNKNOWN },
		{ 0, 0, 0, VSOCKHDR_YES, 0, 0, VSOCKHDR_NO },
		{ 0, 0, 1, VSOCKHDR_YES, 0, 1, VSOCKHDR_NO },
		{ 0, 0, 2, VSOCKHDR_YES, 0, 2, VSOCKHDR_NO },
		{ 0, 0, 3, VSOCKHDR_YES, 0, 3, VSOCKHDR_YES },
		{ 0, 0, UINT32_MAX - 1, VSOCKHDR_YES, 0, UINT32_MAX - 1, VSOCKHDR_YES },
		{ 0, 0, UINT32_MAX, VSOCKHDR_YES, 0, UINT32_MAX, VSOCKHDR_NO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine m = full;
		struct vsockhdr_host host;

		m.open_errno = rows[i].open_errno;
		m.cid_errno = rows[i].cid_errno;
		m.cid = rows[i].cid;
		probe(&host, &m);
		assert_int_equal(host.cid, rows[i].answer);
		assert_int_equal(host.cid_errno, rows[i].answer_errno);
		assert_int_equal(host.local_cid, rows[i].local_cid);
		assert_int_equal(host.guest_side, rows[i].guest_side);
	}
}

static void test_transports(void **state)
{
	struct machine m = full;
	struct vsockhdr_host host;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		m.has_loopback = i & 1;
		m.has_host_side = i & 2;
		probe(&host, &m);
		assert_int_equal(host.loopback, i & 1 ? VSOCKHDR_YES : VSOCKHDR_NO);
		assert_int_equal(host.host_side, i & 2 ? VSOCKHDR_YES : VSOCKHDR_NO);
	}
	m.bind_errno = EACCES;
	probe(&host, &m);
	assert_int_equal(host.loopback, VSOCKHDR_UNKNOWN);
	assert_int_equal(host.host_side, VSOCKHDR_UNKNOWN);
	m.bind_errno = 0;
	m.socket_errno = EMFILE;
	probe(&host, &m);
	assert_int_equal(host.loopback, VSOCKHDR_UNKNOWN);
	assert_int_equal(host.host_side, VSOCKHDR_UNKNOWN);
	assert_int_equal(host.devices, 0);
}

static void test_devices(void **state)
{
	struct machine m = full;
	struct vsockhdr_host host;

	(void)state;
	m.devices[0] = (struct device) { "fifteen-letters", 826 };
	probe(&host, &m);
	assert_int_equal(host.devices, 3);
	assert_string_equal(host.device, "fifteen-letters");

	m.device_count = 0;
	probe(&host, &m);
	assert_int_equal(host.devices, 0);
	assert_string_equal(host.device, "");

	m.device_count = 4;
	m.nameindex_errno = ENOBUFS;
	probe(&host, &m);
	assert_int_equal(host.devices, 0);
	assert_string_equal(host.device, "");
}

#define LONG_PATH_PART "0123456789abcdef/0123456789abcdef/0123456789abcdef/0123456789abc/"
#define LONG_PATH                                                                  \
	LONG_PATH_PART LONG_PATH_PART LONG_PATH_PART LONG_PATH_PART LONG_PATH_PART \
		LONG_PATH_PART LONG_PATH_PART LONG_PATH_PART

static void test_module(void **state)
{
	static const char other[] = "kernel/net/unix/unix.ko:\n";
	static const char line[] =
		"kernel/drivers/net/vsockmon.ko: kernel/net/vsock.ko\n";
	static const char packed[] = "kernel/a.ko:\nkernel/drivers/net/vsockmon.ko.xz:\n";
	/* It is needed by another module, at a line's start and far behind it */
	static const char needed[] = "kernel/x.ko: kernel/drivers/net/vsockmon.ko\n";
	static const char far[] = "kernel/x.ko: " LONG_PATH LONG_PATH LONG_PATH
				  " kernel/drivers/net/vsockmon.ko\nkernel/y.ko:\n";
	static const char behind[] = "kernel/x.ko: " LONG_PATH LONG_PATH LONG_PATH
				     "\nkernel/drivers/net/vsockmon.ko:\n";
	static const struct {
		bool loaded;
		int uname_errno;
		struct file builtin;
		struct file dep;
		enum vsockhdr_module expected;
	} rows[] = {
		{ true, EFAULT, { 0 }, { 0 }, VSOCKHDR_MODULE_LOADED },
		{ false, EFAULT, { 0 }, { 0 }, VSOCKHDR_MODULE_UNKNOWN },
		{ false, 0, { line, 0, 0 }, { other, 0, 0 }, VSOCKHDR_MODULE_LOADED },
		{ false, 0, { other, 0, 0 }, { line, 0, 0 }, VSOCKHDR_MODULE_AVAILABLE },
		{ false,
		  0,
		  { other, 0, 0 },
		  { packed, 0, 0 },
		  VSOCKHDR_MODULE_AVAILABLE },
		{ false,
		  0,
		  { other, 0, 0 },
		  { behind, 0, 0 },
		  VSOCKHDR_MODULE_AVAILABLE },
		{ false,
		  0,
		  { NULL, ENOENT, 0 },
		  { line, 0, 0 },
		  VSOCKHDR_MODULE_AVAILABLE },
		{ false, 0, { other, 0, 0 }, { other, 0, 0 }, VSOCKHDR_MODULE_ABSENT },
		{ false, 0, { other, 0, 0 }, { "", 0, 0 }, VSOCKHDR_MODULE_ABSENT },
		{ false, 0, { other, 0, 0 }, { needed, 0, 0 }, VSOCKHDR_MODULE_ABSENT },
		{ false, 0, { other, 0, 0 }, { far, 0, 0 }, VSOCKHDR_MODULE_ABSENT },
		{ false,
		  0,
		  { other, 0, 0 },
		  { NULL, ENOENT, 0 },
		  VSOCKHDR_MODULE_UNKNOWN },
		{ false, 0, { other, 0, 0 }, { NULL, 0, EIO }, VSOCKHDR_MODULE_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine m = bare;
		struct vsockhdr_host host;

		m.module_loaded = rows[i].loaded;
		m.uname_errno = rows[i].uname_errno;
		m.builtin = rows[i].builtin;
		m.dep = rows[i].dep;
		probe(&host, &m);
		assert_int_equal(host.vsockmon, rows[i].expected);
		assert_int_equal(host.devices, 0);
	}
}

/* A device shows that the driver is there, even where /sys does not. */
static void test_module_by_its_device(void **state)
{
	struct machine m = full;
	struct vsockhdr_host host;

	(void)state;
	m.module_loaded = false;
	probe(&host, &m);
	assert_int_equal(host.vsockmon, VSOCKHDR_MODULE_LOADED);
}

static void check_device(const struct machine *on, const char *name,
			 enum vsockhdr_answer expected, int expected_errno)
{
	enum vsockhdr_answer answer;

	machine = on;
	errno = 0;
	answer = vsockhdr_host_is_vsockmon(name);
	machine = NULL;
	assert_int_equal(answer, expected);
	if (expected == VSOCKHDR_UNKNOWN)
		assert_int_equal(errno, expected_errno);
	assert_int_equal(open_fds, 0);
}

static void test_is_vsockmon(void **state)
{
	struct machine m = full;

	(void)state;
	check_device(&m, "vsockmon0", VSOCKHDR_YES, 0);
	check_device(&m, "vm1", VSOCKHDR_YES, 0);
	check_device(&m, "eth0", VSOCKHDR_NO, 0);
	check_device(&m, "lo", VSOCKHDR_NO, 0);
	check_device(&m, "vsockmon1", VSOCKHDR_UNKNOWN, ENODEV);
	check_device(&m, "", VSOCKHDR_UNKNOWN, ENODEV);
	check_device(&m, "sixteen-letters-", VSOCKHDR_UNKNOWN, ENODEV);
	/* Not even its beginning counts. */
	m.devices[0] = (struct device) { "fifteen-letters", 826 };
	check_device(&m, "fifteen-letters", VSOCKHDR_YES, 0);
	check_device(&m, "fifteen-letters-and-more", VSOCKHDR_UNKNOWN, ENODEV);
	m.socket_errno = EMFILE;
	check_device(&m, "vsockmon0", VSOCKHDR_UNKNOWN, EMFILE);
}

/* Whether this machine has AF_VSOCK loaded, asked in another way than the library's */
static bool family_is_loaded(void)
{
	bool loaded = false;
	char name[32];
	FILE *file = fopen("/proc/net/protocols", "re");

	if (!file)
		return false;
	while (!loaded && fscanf(file, "%31s%*[^\n]", name) == 1)
		loaded = strcmp(name, "AF_VSOCK") == 0;
	(void)fclose(file);
	return loaded;
}

static void assert_answer(enum vsockhdr_answer answer)
{
	assert_in_range(answer + 1, 0, 2);
}

static void test_this_machine(void **state)
{
	bool loaded = family_is_loaded();
	struct vsockhdr_host host;

	(void)state;
	memset(&host, 0xa5, sizeof(host));
	vsockhdr_host_probe(&host);
	assert_answer(host.af_vsock);
	assert_answer(host.cid);
	assert_answer(host.loopback);
	assert_answer(host.host_side);
	assert_answer(host.guest_side);
	assert_in_range(host.vsockmon + 1, 0, 3);
	assert_int_equal(host.af_vsock == VSOCKHDR_YES, loaded);
	assert_int_equal(host.devices > 0, host.device[0] != '\0');
	assert_non_null(memchr(host.device, '\0', sizeof(host.device)));
	/* Looking changed nothing. */
	assert_int_equal(family_is_loaded(), loaded);

	errno = 0;
	assert_int_equal(vsockhdr_host_is_vsockmon("no-such-device"), VSOCKHDR_UNKNOWN);
	assert_int_equal(errno, ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_protocols_unreadable),
		cmocka_unit_test(test_local_cid),
		cmocka_unit_test(test_transports),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_module_by_its_device),
		cmocka_unit_test(test_is_vsockmon),
		cmocka_unit_test(test_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
