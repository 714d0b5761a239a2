/* SPDX-License-Identifier: BSD-2-Clause */

#include "probe_look.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vsockhdr/record.h>

/* Where a Wireshark keeps its plugins and capture programs */
static const char *const global_folders[] = {
	"/usr/lib/*/wireshark",     "/usr/lib/wireshark",         "/usr/lib64/wireshark",
	"/usr/local/lib/wireshark", "/usr/local/lib/*/wireshark",
};

static const char *const module_names[PROBE_MODULES] = {
	[PROBE_VSOCK] = "vsock",
	[PROBE_LOOPBACK] = "vsock_loopback",
	[PROBE_VHOST] = "vhost_vsock",
	[PROBE_DIAG] = "vsock_diag",
};

const char *probe_module_name(enum probe_module module)
{
	return module_names[module];
}

/* Whether a list of modules has this one; UNKNOWN where it cannot be read */
static enum vsockhdr_answer has_module(const char *release, const char *list,
				       const char *module)
{
	char *path = g_build_filename("/lib/modules", release, list, NULL);
	char *wanted = g_strdup_printf("/%s.ko", module);
	enum vsockhdr_answer answer = VSOCKHDR_UNKNOWN;
	char *rest = NULL;
	char *text = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL)) {
		answer = VSOCKHDR_NO;
		for (char *line = strtok_r(text, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest)) {
			/* Behind the colon are the modules that it needs. */
			line[strcspn(line, ":")] = '\0';
			if (strstr(line, wanted))
				answer = VSOCKHDR_YES;
		}
	}
	g_free(text);
	g_free(wanted);
	g_free(path);
	return answer;
}

static enum vsockhdr_module look_for_module(const char *release, const char *module)
{
	char *path = g_build_filename("/sys/module", module, NULL);
	bool loaded = access(path, F_OK) == 0;

	g_free(path);
	if (loaded || has_module(release, "modules.builtin", module) == VSOCKHDR_YES)
		return VSOCKHDR_MODULE_LOADED;
	switch (has_module(release, "modules.dep", module)) {
	case VSOCKHDR_YES:
		return VSOCKHDR_MODULE_AVAILABLE;
	case VSOCKHDR_NO:
		return VSOCKHDR_MODULE_ABSENT;
	default:
		return VSOCKHDR_MODULE_UNKNOWN;
	}
}

static void look_at_kernel(struct probe *seen)
{
	struct utsname kernel;

	if (uname(&kernel) == 0)
		g_strlcpy(seen->release, kernel.release, sizeof(seen->release));
	vsockhdr_host_probe(&seen->host);
	for (size_t i = 0; i < PROBE_MODULES; i++)
		seen->modules[i] = look_for_module(seen->release, module_names[i]);
}

static void on_link(const struct link_info *link, void *context)
{
	struct probe *seen = context;

	if (link->type != VSOCKHDR_ARPHRD_VSOCKMON)
		return;
	for (size_t i = 0; i < seen->device_count && i < PROBE_MAX_DEVICES; i++) {
		if (seen->devices[i].index == link->index)
			return;
	}
	if (seen->device_count < PROBE_MAX_DEVICES)
		seen->devices[seen->device_count] = *link;
	seen->device_count++;
}

static bool file_has(const char *path, unsigned int capability)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool has;

	if (fd < 0)
		return false;
	has = capng_get_caps_fd(fd) == 0 &&
	      capng_have_capability(CAPNG_PERMITTED, capability);
	close(fd);
	return has;
}

static enum probe_permission look_for_permission(unsigned int capability)
{
	if (capng_get_caps_process() < 0)
		return PROBE_PERMISSION_UNKNOWN;
	if (capng_have_capability(CAPNG_EFFECTIVE, capability))
		return PROBE_PERMITTED;
	return file_has("/proc/self/exe", capability) ? PROBE_IN_FILE_ONLY
						      : PROBE_NOT_PERMITTED;
}

static void look_at_self(struct probe *seen)
{
	ssize_t size = readlink("/proc/self/exe", seen->self, sizeof(seen->self) - 1);

	seen->self[size > 0 ? size : 0] = '\0';
	seen->capture = look_for_permission(CAP_NET_RAW);
	seen->make = look_for_permission(CAP_NET_ADMIN);
}

/* Note a file in a folder, if it is there and none was noted before */
static void note_file(char to[PATH_MAX], const char *folder, const char *name)
{
	char *path = g_build_filename(folder, name, NULL);

	if (to[0] == '\0' && access(path, F_OK) == 0)
		g_strlcpy(to, path, PATH_MAX);
	g_free(path);
}

/* Versions as X.Y; -1 for anything else, such as Wireshark's plugins in Lua */
static gint64 version_number(const char *name)
{
	char *rest;
	guint64 major = g_ascii_strtoull(name, &rest, 10);
	guint64 minor = *rest == '.' ? g_ascii_strtoull(rest + 1, &rest, 10) : 0;

	if (!g_ascii_isdigit(name[0]) || *rest != '\0' || major > 999 || minor > 999)
		return -1;
	return (gint64)(major * 1000 + minor);
}

/* A folder of plugins, with one for each version in it */
static void look_at_plugins(struct probe *seen, const char *plugins)
{
	GDir *versions = g_dir_open(plugins, 0, NULL);
	const char *name;

	if (!versions)
		return;
	while ((name = g_dir_read_name(versions))) {
		char *folder = g_build_filename(plugins, name, "epan", NULL);

		if (version_number(name) >= 0)
			note_file(seen->plugin, folder, PROBE_PLUGIN);
		if (version_number(name) > version_number(seen->wireshark_version) &&
		    g_file_test(folder, G_FILE_TEST_IS_DIR)) {
			g_strlcpy(seen->wireshark_version, name,
				  sizeof(seen->wireshark_version));
			g_strlcpy(seen->plugin_folder, folder,
				  sizeof(seen->plugin_folder));
		}
		g_free(folder);
	}
	g_dir_close(versions);
}

/* A folder of Wireshark's, global or a user's */
static void look_at_folder(struct probe *seen, const char *folder, bool is_global)
{
	char *plugins = g_build_filename(folder, "plugins", NULL);
	char *extcap = g_build_filename(folder, "extcap", NULL);

	look_at_plugins(seen, plugins);
	note_file(seen->extcap, extcap, PROBE_EXTCAP);
	if (is_global)
		note_file(seen->extcap_folder, folder, "extcap");
	g_free(extcap);
	g_free(plugins);
}

static void look_at_wireshark(struct probe *seen)
{
	static const char *const programs[] = { "wireshark", "tshark", "dumpcap" };
	const char *home = g_get_home_dir();
	glob_t found;

	for (size_t i = 0; i < G_N_ELEMENTS(programs) && seen->wireshark[0] == '\0';
	     i++) {
		char *path = g_find_program_in_path(programs[i]);

		if (path)
			g_strlcpy(seen->wireshark, path, sizeof(seen->wireshark));
		g_free(path);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(global_folders); i++) {
		if (glob(global_folders[i], 0, NULL, &found) != 0)
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			look_at_folder(seen, found.gl_pathv[j], true);
		globfree(&found);
	}
	if (home) {
		char *own = g_build_filename(home, ".local/lib/wireshark", NULL);

		look_at_folder(seen, own, false);
		g_free(own);
	}
}

void probe_look(struct probe *seen)
{
	*seen = (struct probe) { .release = "" };
	look_at_kernel(seen);
	seen->devices_err = links_each(on_link, seen);
	look_at_self(seen);
	look_at_wireshark(seen);
}
