/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: a source adds names in the order in which sources win, and what
 * has a name, or is one, by then keeps it: no two CIDs have the same name, so that a
 * name in a line says which CID it is. Printing asks for a name two times a packet: CIDs
 * below 4, which most are, are looked up in an array, others in a hash table.
 */

#include "naming.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsockhdr/names.h>

#include "machines.h"
#include "naming_file.h"
#include "naming_words.h"
#include "services.h"

#define SYSTEM_FILE "/etc/vsockdump/cids"

/** CIDs that are looked up without a hash table */
#define LOW_CIDS 4

/** enum origin - Where a name comes from */
enum origin {
	ORIGIN_USER,
	ORIGIN_SYSTEM,
	ORIGIN_MACHINE,
};

/**
 * struct entry - A name
 * @number:	The CID or port
 * @origin:	Where it comes from
 * @name:	The name
 * @shown:	The same as it is printed
 */
struct entry {
	uint64_t number;
	enum origin origin;
	char name[NAMING_MAX + 1];
	char shown[NAMING_MAX + 1];
};

/**
 * struct table - Names of CIDs, or of ports
 * @by_number:	Its entries, which belong to it
 * @by_name:	The same by name in lower case
 */
struct table {
	GHashTable *by_number;
	GHashTable *by_name;
};

struct naming {
	bool unqualified;
	/** Which file is being read */
	enum origin origin;
	struct table cids;
	struct table ports;
	const char *low[LOW_CIDS];
};

static void init_table(struct table *table)
{
	table->by_number =
		g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	table->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void clear_table(struct table *table)
{
	g_hash_table_destroy(table->by_name);
	g_hash_table_destroy(table->by_number);
}

static const struct entry *find_number(const struct table *table, uint64_t number)
{
	return g_hash_table_lookup(table->by_number, &number);
}

static const struct entry *find_name(const struct table *table, const char *name)
{
	char *key = g_ascii_strdown(name, -1);
	const struct entry *entry = g_hash_table_lookup(table->by_name, key);

	g_free(key);
	return entry;
}

static void add(const struct naming *names, struct table *table, uint64_t number,
		const char *name, enum origin origin)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->number = number;
	entry->origin = origin;
	g_strlcpy(entry->name, name, sizeof(entry->name));
	g_strlcpy(entry->shown, name, sizeof(entry->shown));
	if (names->unqualified) {
		entry->shown[strcspn(name, ".")] = '\0';
		/* What is left of host.example.org would be another machine. */
		if (naming_fault(entry->shown))
			g_strlcpy(entry->shown, name, sizeof(entry->shown));
	}
	g_hash_table_insert(table->by_number, &entry->number, entry);
	g_hash_table_insert(table->by_name, g_ascii_strdown(name, -1), entry);
}

/* One line of a file. What an earlier file says is no fault of this one. */
static const char *take(void *context, bool port, uint64_t number, const char *name)
{
	struct naming *names = context;
	struct table *table = port ? &names->ports : &names->cids;
	const struct entry *same_number = find_number(table, number);
	const struct entry *same_name = find_name(table, name);

	if (same_number && same_number->origin == names->origin)
		return port ? "a line above has a name for this port"
			    : "a line above has a name for this CID";
	if (same_name && same_name->origin == names->origin)
		return "a line above has this name";
	if (!same_number && !same_name)
		add(names, table, number, name, names->origin);
	return NULL;
}

/* The user's own file of names, for g_free(); NULL: there is no place for it */
static char *user_file(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	/* The XDG Base Directory Specification wants relative ones ignored. */
	if (config && config[0] == '/')
		return g_strconcat(config, "/vsockdump/cids", NULL);
	if (home && home[0] == '/')
		return g_strconcat(home, "/.config/vsockdump/cids", NULL);
	return NULL;
}

static bool read_files(struct naming *names, const char *asked)
{
	char *own;
	bool good;

	if (asked)
		return naming_file_read(asked, true, take, names);
	own = user_file();
	good = !own || naming_file_read(own, false, take, names);
	g_free(own);
	names->origin = ORIGIN_SYSTEM;
	return good && naming_file_read(SYSTEM_FILE, false, take, names);
}

static void collect(void *context, const struct machine *machine)
{
	g_array_append_vals(context, machine, 1);
}

/* By CID, those that are known to run first, then by process */
static gint compare(gconstpointer a, gconstpointer b)
{
	const struct machine *left = a;
	const struct machine *right = b;

	if (left->cid != right->cid)
		return left->cid < right->cid ? -1 : 1;
	if (left->proven != right->proven)
		return left->proven ? -1 : 1;
	return (left->pid > right->pid) - (left->pid < right->pid);
}

static void add_machine(struct naming *names, const struct machine *machine)
{
	char name[NAMING_MAX + 1];

	if (find_number(&names->cids, machine->cid))
		return;
	g_strlcpy(name, machine->name, sizeof(name));
	if (name[0] == '\0' || find_name(&names->cids, name))
		g_snprintf(name, sizeof(name), "%s-pid%d", machine->program,
			   (int)machine->pid);
	if (!find_name(&names->cids, name))
		add(names, &names->cids, machine->cid, name, ORIGIN_MACHINE);
}

/* Whether the second machine, which has the first one's CID, makes its name doubtful.
 * The processes of one machine have one command line. */
static bool disputes(const struct machine *first, const struct machine *other)
{
	return first->proven == other->proven && (first->program != other->program ||
						  strcmp(first->name, other->name) != 0);
}

static const char *look_up(const struct naming *names, uint64_t cid)
{
	const struct entry *entry = find_number(&names->cids, cid);

	return entry ? entry->shown : vsockhdr_cid_name(cid);
}

static void fill_low(struct naming *names)
{
	for (uint64_t cid = 0; cid < LOW_CIDS; cid++)
		names->low[cid] = look_up(names, cid);
}

void naming_add_machines(struct naming *names, const char *proc)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct machine));

	machines_scan(proc, collect, found);
	g_array_sort(found, compare);
	for (guint i = 0, next; i < found->len; i = next) {
		const struct machine *first = &g_array_index(found, struct machine, i);
		bool disputed = false;

		for (next = i + 1; next < found->len; next++) {
			const struct machine *other =
				&g_array_index(found, struct machine, next);

			if (other->cid != first->cid)
				break;
			disputed = disputed || disputes(first, other);
		}
		if (!disputed)
			add_machine(names, first);
	}
	g_array_free(found, TRUE);
	fill_low(names);
}

struct naming *naming_new(const struct naming_options *options)
{
	struct naming *names = g_new0(struct naming, 1);

	names->unqualified = options->unqualified;
	init_table(&names->cids);
	init_table(&names->ports);
	if (!read_files(names, options->cids_file)) {
		naming_free(names);
		return NULL;
	}
	fill_low(names);
	if (options->machines)
		naming_add_machines(names, "/proc");
	return names;
}

void naming_free(struct naming *names)
{
	if (!names)
		return;
	clear_table(&names->cids);
	clear_table(&names->ports);
	g_free(names);
}

const char *naming_cid(const struct naming *names, uint64_t cid)
{
	if (!names)
		return NULL;
	return cid < LOW_CIDS ? names->low[cid] : look_up(names, cid);
}

const char *naming_port(const struct naming *names, uint32_t port)
{
	const struct entry *entry;

	if (!names)
		return NULL;
	if (g_hash_table_size(names->ports.by_number) > 0) {
		entry = find_number(&names->ports, port);
		if (entry)
			return entry->shown;
	}
	return services_name(port);
}

/* A name in full or, where it is the only one that is printed so, as it is printed */
static bool find(const struct table *table, const char *name, uint64_t *number)
{
	const struct entry *found = find_name(table, name);
	unsigned int matches = 0;
	GHashTableIter iter;
	gpointer value;

	if (!found) {
		g_hash_table_iter_init(&iter, table->by_number);
		while (g_hash_table_iter_next(&iter, NULL, &value)) {
			const struct entry *entry = value;

			if (g_ascii_strcasecmp(entry->shown, name) == 0) {
				found = entry;
				matches++;
			}
		}
	}
	if (!found || matches > 1)
		return false;
	*number = found->number;
	return true;
}

bool naming_find_cid(const struct naming *names, const char *name, uint64_t *cid)
{
	return vsockhdr_cid_parse(name, cid) == VSOCKHDR_OK ||
	       (names && find(&names->cids, name, cid));
}

bool naming_find_port(const struct naming *names, const char *name, uint32_t *port)
{
	uint64_t number;

	if (names && find(&names->ports, name, &number)) {
		*port = (uint32_t)number;
		return true;
	}
	return services_find(name, port);
}
