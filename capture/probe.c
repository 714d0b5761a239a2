/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: probe_look() has seen what there is; here each row of the table
 * is one function that judges one thing of it. A row that is not ok may name one command
 * that makes it so. Only permission and the interface decide whether vsockdump can
 * capture: packets of transports that are missing now are seen when these come.
 */

#include "probe.h"

#include <errno.h>
#include <glib.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vsockhdr/vsockhdr.h>

#include "json.h"
#include "message.h"
#include "vsockmon.h"

/** enum state - How a row stands; order of state_names */
enum state {
	STATE_OK,
	STATE_MISSING,
	STATE_UNKNOWN,
};

static const char *const state_names[] = { "ok", "missing", "unknown" };

/**
 * struct row - A row of the table
 * @state:	How it stands
 * @text:	What was seen
 * @todo:	What to do about it, or empty
 */
struct row {
	enum state state;
	GString *text;
	GString *todo;
};

static void judge_kernel(struct row *row, const struct probe *seen)
{
	row->state = seen->release[0] ? STATE_OK : STATE_UNKNOWN;
	g_string_assign(row->text, seen->release);
}

/* Something that a module would bring */
static void want_module(struct row *row, enum vsockhdr_module module, const char *name)
{
	switch (module) {
	case VSOCKHDR_MODULE_LOADED:
		break;
	case VSOCKHDR_MODULE_ABSENT:
		g_string_append_printf(row->todo,
				       "a kernel with the module %s, such as Debian's "
				       "linux-image-amd64",
				       name);
		break;
	default:
		g_string_append_printf(row->todo, "modprobe %s", name);
		break;
	}
}

static void judge_af_vsock(struct row *row, const struct probe *seen)
{
	switch (seen->host.af_vsock) {
	case VSOCKHDR_YES:
		g_string_assign(row->text, "yes");
		return;
	case VSOCKHDR_NO:
		row->state = STATE_MISSING;
		g_string_assign(row->text, "no: the module vsock is not loaded");
		break;
	default:
		row->state = STATE_UNKNOWN;
		g_string_printf(row->text, "/proc/net/protocols: %s",
				strerror(seen->host.af_vsock_errno));
		break;
	}
	want_module(row, seen->modules[PROBE_VSOCK], "vsock");
}

static void judge_cid(struct row *row, const struct probe *seen)
{
	if (seen->host.cid != VSOCKHDR_YES) {
		row->state =
			seen->host.cid == VSOCKHDR_NO ? STATE_MISSING : STATE_UNKNOWN;
		g_string_printf(row->text, "/dev/vsock: %s",
				strerror(seen->host.cid_errno));
		want_module(row, seen->modules[PROBE_VSOCK], "vsock");
	} else if (seen->host.local_cid == VSOCKHDR_CID_ANY) {
		row->state = STATE_MISSING;
		g_string_assign(row->text, "none: no transport gives this machine one");
	} else {
		g_string_printf(row->text, "%u", seen->host.local_cid);
	}
}

static void judge_transport(struct row *row, enum vsockhdr_answer answer)
{
	static const enum state states[] = { STATE_MISSING, STATE_OK };

	row->state = answer == VSOCKHDR_UNKNOWN ? STATE_UNKNOWN : states[answer];
	g_string_assign(row->text, row->state == STATE_OK        ? "yes"
				   : row->state == STATE_MISSING ? "no"
								 : "cannot tell");
}

static void judge_loopback(struct row *row, const struct probe *seen)
{
	judge_transport(row, seen->host.loopback);
	if (row->state != STATE_OK)
		want_module(row, seen->modules[PROBE_LOOPBACK], "vsock_loopback");
}

static void judge_host_side(struct row *row, const struct probe *seen)
{
	judge_transport(row, seen->host.host_side);
	if (row->state != STATE_OK)
		want_module(row, seen->modules[PROBE_VHOST], "vhost_vsock");
}

static void judge_guest_side(struct row *row, const struct probe *seen)
{
	judge_transport(row, seen->host.guest_side);
	if (row->state == STATE_MISSING)
		g_string_assign(row->todo,
				"only a virtual machine has one, started with: "
				"qemu-system-x86_64 ... -device "
				"vhost-vsock-pci,guest-cid=3");
}

static void judge_driver(struct row *row, const struct probe *seen)
{
	switch (seen->host.vsockmon) {
	case VSOCKHDR_MODULE_LOADED:
		g_string_assign(row->text, "yes");
		break;
	case VSOCKHDR_MODULE_AVAILABLE:
		row->state = STATE_MISSING;
		g_string_assign(row->text, "installed, not loaded");
		break;
	case VSOCKHDR_MODULE_ABSENT:
		row->state = STATE_MISSING;
		g_string_assign(row->text, "not part of this kernel");
		break;
	case VSOCKHDR_MODULE_UNKNOWN:
		row->state = STATE_UNKNOWN;
		g_string_assign(row->text, "the list of modules cannot be read");
		break;
	}
	want_module(row, seen->host.vsockmon, "vsockmon");
}

static size_t listed(const struct probe *seen)
{
	return MIN(seen->device_count, PROBE_MAX_DEVICES);
}

static bool any_is_up(const struct probe *seen)
{
	for (size_t i = 0; i < listed(seen); i++) {
		if (seen->devices[i].up)
			return true;
	}
	return false;
}

/* Whether vsockdump can get itself an interface that is up */
static bool can_make(const struct probe *seen)
{
	return seen->make == PROBE_PERMITTED &&
	       (seen->device_count > 0 || seen->host.vsockmon == VSOCKHDR_MODULE_LOADED);
}

static void list_devices(GString *text, const struct probe *seen)
{
	for (size_t i = 0; i < listed(seen); i++) {
		const struct link_info *device = &seen->devices[i];
		pid_t owner = vsockmon_owner(device);

		g_string_append_printf(text, "%s%s (%s", i > 0 ? ", " : "", device->name,
				       device->up ? "up" : "down");
		if (owner > 0)
			g_string_append_printf(text, ", temporary, of vsockdump %d",
					       (int)owner);
		g_string_append_c(text, ')');
	}
	if (seen->device_count > PROBE_MAX_DEVICES)
		g_string_append(text, ", ...");
}

static void judge_devices(struct row *row, const struct probe *seen)
{
	if (seen->devices_err < 0) {
		row->state = STATE_UNKNOWN;
		g_string_assign(row->text, strerror(-seen->devices_err));
		return;
	}
	list_devices(row->text, seen);
	if (seen->device_count == 0)
		g_string_assign(row->text, "none");
	if (any_is_up(seen))
		return;
	if (can_make(seen)) {
		g_string_append(row->text, seen->device_count > 0
						   ? ": vsockdump brings one up"
						   : ": vsockdump makes one");
		return;
	}
	row->state = STATE_MISSING;
	if (seen->device_count > 0)
		g_string_printf(row->todo, "ip link set %s up", seen->devices[0].name);
	else if (seen->host.vsockmon == VSOCKHDR_MODULE_LOADED)
		g_string_assign(row->todo, "ip link add type vsockmon && ip link set "
					   "vsockmon0 up");
}

static void judge_diag(struct row *row, const struct probe *seen)
{
	static const char *const texts[] = {
		[VSOCKHDR_MODULE_ABSENT] = "not part of this kernel",
		[VSOCKHDR_MODULE_AVAILABLE] = "installed, not loaded",
		[VSOCKHDR_MODULE_LOADED] = "yes",
	};
	enum vsockhdr_module module = seen->modules[PROBE_DIAG];

	if (module == VSOCKHDR_MODULE_UNKNOWN)
		row->state = STATE_UNKNOWN;
	else if (module != VSOCKHDR_MODULE_LOADED)
		row->state = STATE_MISSING;
	g_string_assign(row->text, module == VSOCKHDR_MODULE_UNKNOWN
					   ? "the list of modules cannot be read"
					   : texts[module]);
	want_module(row, module, "vsock_diag");
}

static void judge_permission(struct row *row, const struct probe *seen,
			     enum probe_permission permission, const char *capability)
{
	static const char *const texts[] = {
		[PROBE_PERMITTED] = "yes",
		[PROBE_IN_FILE_ONLY] = ("no: the program's file has it, but is mounted "
					"nosuid, or privileges may not grow here"),
		[PROBE_NOT_PERMITTED] = "no",
		[PROBE_PERMISSION_UNKNOWN] = "cannot tell",
	};
	char *quoted = g_shell_quote(seen->self[0] ? seen->self : "vsockdump");

	g_string_printf(row->text, "%s (%s)", texts[permission], capability);
	if (permission == PROBE_PERMISSION_UNKNOWN)
		row->state = STATE_UNKNOWN;
	else if (permission != PROBE_PERMITTED)
		row->state = STATE_MISSING;
	/* Both at once, for both rows: setcap replaces what a file has. */
	if (permission == PROBE_NOT_PERMITTED)
		g_string_printf(row->todo, "setcap cap_net_raw,cap_net_admin+ep %s",
				quoted);
	else if (row->state != STATE_OK)
		g_string_assign(row->todo, "run vsockdump as root");
	g_free(quoted);
}

static void judge_capture(struct row *row, const struct probe *seen)
{
	judge_permission(row, seen, seen->capture, "CAP_NET_RAW");
}

static void judge_make(struct row *row, const struct probe *seen)
{
	judge_permission(row, seen, seen->make, "CAP_NET_ADMIN");
}

static void judge_version(struct row *row, const struct probe *seen)
{
	(void)seen;
	g_string_assign(row->text, vsockhdr_version());
}

static void judge_libpcap(struct row *row, const struct probe *seen)
{
	(void)seen;
	g_string_assign(row->text, pcap_lib_version());
}

static void judge_wireshark(struct row *row, const struct probe *seen)
{
	if (seen->wireshark[0] == '\0') {
		row->state = STATE_MISSING;
		g_string_assign(row->text, "not in PATH");
		g_string_assign(row->todo, "to look at captures in it: apt-get install "
					   "wireshark");
		return;
	}
	g_string_assign(row->text, seen->wireshark);
	if (seen->wireshark_version[0])
		g_string_append_printf(row->text, " (%s, by its plugins)",
				       seen->wireshark_version);
}

/* A file that Wireshark finds in a folder of its own */
static void judge_installed(struct row *row, const struct probe *seen, const char *file,
			    const char *folder, const char *todo)
{
	if (file[0]) {
		g_string_assign(row->text, file);
		return;
	}
	row->state = STATE_MISSING;
	g_string_assign(row->text, "not installed");
	if (seen->wireshark[0] && folder[0] && todo) {
		char *quoted = g_shell_quote(folder);

		g_string_printf(row->todo, "%s %s", todo, quoted);
		g_free(quoted);
	}
}

static void judge_plugin(struct row *row, const struct probe *seen)
{
	judge_installed(row, seen, seen->plugin, seen->plugin_folder,
			"install -m 644 " PROBE_PLUGIN);
}

static void judge_extcap(struct row *row, const struct probe *seen)
{
	char *quoted = g_shell_quote(seen->self);
	char *todo = seen->self[0] ? g_strdup_printf("ln -s %s", quoted) : NULL;

	judge_installed(row, seen, seen->extcap, seen->extcap_folder, todo);
	g_free(todo);
	g_free(quoted);
}

/* The rows, in their order */
static const struct {
	const char *key;
	const char *label;
	void (*judge)(struct row *row, const struct probe *seen);
} rows[] = {
	{ "kernel", "kernel", judge_kernel },
	{ "af_vsock", "vsock sockets", judge_af_vsock },
	{ "cid", "CID of this machine", judge_cid },
	{ "loopback", "transport: loopback", judge_loopback },
	{ "host_side", "transport: to guests", judge_host_side },
	{ "guest_side", "transport: to the host", judge_guest_side },
	{ "vsockmon", "vsockmon driver", judge_driver },
	{ "interfaces", "vsockmon interfaces", judge_devices },
	{ "vsock_diag", "list of sockets", judge_diag },
	{ "may_capture", "permission to capture", judge_capture },
	{ "may_make", "permission to make one", judge_make },
	{ "vsockdump", "vsockdump", judge_version },
	{ "libpcap", "libpcap", judge_libpcap },
	{ "wireshark", "Wireshark", judge_wireshark },
	{ "plugin", "Wireshark's plugin", judge_plugin },
	{ "extcap", "Wireshark captures", judge_extcap },
};

#define ROWS G_N_ELEMENTS(rows)

static void print_table(const struct row made[ROWS], bool can_capture)
{
	for (size_t i = 0; i < ROWS; i++) {
		printf("%-24s%-9s%s\n", rows[i].label, state_names[made[i].state],
		       made[i].text->str);
		if (made[i].todo->len > 0)
			printf("%33s-> %s\n", "", made[i].todo->str);
	}
	printf("\nvsockdump can%s capture here as things are. What stands behind -> is to "
	       "be done as root.\n",
	       can_capture ? "" : "not");
}

static void json_string_or_null(struct json *json, const GString *string)
{
	if (string->len > 0)
		json_text(json, string->str, string->len);
	else
		json_null(json);
}

static void json_devices(struct json *json, const struct probe *seen)
{
	json_open_array(json);
	for (size_t i = 0; i < listed(seen); i++) {
		pid_t owner = vsockmon_owner(&seen->devices[i]);

		json_open(json);
		json_key(json, "name");
		json_string(json, seen->devices[i].name);
		json_key(json, "up");
		json_bool(json, seen->devices[i].up);
		json_key(json, "temporary_of");
		if (owner > 0)
			json_u64(json, (uint64_t)owner);
		else
			json_null(json);
		json_close(json);
	}
	json_close_array(json);
}

static void json_rows(struct json *json, const struct row made[ROWS])
{
	json_open(json);
	for (size_t i = 0; i < ROWS; i++) {
		json_string(json, rows[i].key);
		json_open(json);
		json_key(json, "state");
		json_string(json, state_names[made[i].state]);
		json_key(json, "text");
		json_string_or_null(json, made[i].text);
		json_key(json, "todo");
		json_string_or_null(json, made[i].todo);
		json_close(json);
	}
	json_close(json);
}

static bool print_json(const struct row made[ROWS], const struct probe *seen,
		       bool can_capture)
{
	static struct output out;
	struct json *json;

	output_init(&out, STDOUT_FILENO, false);
	json = json_new(&out);
	if (!json) {
		message("out of memory");
		return false;
	}
	json_open(json);
	json_key(json, "can_capture");
	json_bool(json, can_capture);
	json_key(json, "cid");
	if (seen->host.cid == VSOCKHDR_YES && seen->host.local_cid != VSOCKHDR_CID_ANY)
		json_u64(json, seen->host.local_cid);
	else
		json_null(json);
	json_key(json, "interfaces");
	json_devices(json, seen);
	json_key(json, "checks");
	json_rows(json, made);
	json_close(json);
	json_end_line(json);
	json_free(json);
	if (!output_flush(&out))
		message("cannot write to standard output: %s", strerror(out.error));
	return out.error == 0;
}

bool probe_judge(const struct probe *seen, bool json)
{
	bool can_capture =
		seen->capture == PROBE_PERMITTED && (any_is_up(seen) || can_make(seen));
	struct row made[ROWS];
	bool printed = true;

	for (size_t i = 0; i < ROWS; i++) {
		made[i] = (struct row) { .text = g_string_new(NULL),
					 .todo = g_string_new(NULL) };
		rows[i].judge(&made[i], seen);
	}
	if (json)
		printed = print_json(made, seen, can_capture);
	else
		print_table(made, can_capture);
	for (size_t i = 0; i < ROWS; i++) {
		g_string_free(made[i].text, TRUE);
		g_string_free(made[i].todo, TRUE);
	}
	return can_capture && printed;
}

bool probe_print(bool json)
{
	static struct probe seen;

	probe_look(&seen);
	return probe_judge(&seen, json);
}
