/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The list of sockets. All of it is known before its first line, so that each column is
 * as wide as what stands in it.
 */

#include "sockets.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vsockhdr/hdr.h>

#include "json.h"
#include "message.h"
#include "output.h"
#include "sockets_diag.h"
#include "sockets_owners.h"

/** Processes of a socket that a line of text names; the others are counted */
#define MAX_SHOWN 8

#define COLUMNS 7

/** Room for a cell: "shutdown" needs the fewest, the processes the most */
#define CELL_LEN 320

/** struct row - A line of text, cell by cell */
struct row {
	char cell[COLUMNS][CELL_LEN];
};

static const struct row head = { { "Type", "State", "Local", "Peer", "Inode", "Shutdown",
				   "Processes" } };

static const char *type_name(uint8_t type)
{
	static const char *const names[] = {
		[SOCK_STREAM] = "stream",
		[SOCK_DGRAM] = "dgram",
		[SOCK_SEQPACKET] = "seqpacket",
	};

	return type < G_N_ELEMENTS(names) ? names[type] : NULL;
}

/* As ss prints those of TCP, which the kernel uses for vsock, too */
static const char *state_name(uint8_t state)
{
	static const char *const names[] = {
		NULL,         "ESTAB",      "SYN-SENT",  "SYN-RECV",
		"FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "UNCONN",
		"CLOSE-WAIT", "LAST-ACK",   "LISTEN",    "CLOSING",
	};

	return state < G_N_ELEMENTS(names) ? names[state] : NULL;
}

/* Bits of the kernel's sk_shutdown, which are those of SHUTDOWN packets */
static const struct {
	uint8_t bit;
	const char *name;
} shutdowns[] = {
	{ 1, "RECEIVE" },
	{ 2, "SEND" },
};

static bool has_peer(const struct socket_info *info)
{
	return info->peer.cid != VSOCKHDR_CID_ANY || info->peer.port != VSOCKHDR_PORT_ANY;
}

/* Ports, then CIDs: what belongs to a service stands together, its listener first */
static gint compare(gconstpointer a, gconstpointer b)
{
	const struct socket_info *left = a;
	const struct socket_info *right = b;
	const uint64_t keys[][2] = {
		{ left->state != SOCKET_STATE_LISTEN,
		  right->state != SOCKET_STATE_LISTEN },
		{ left->local.port, right->local.port },
		{ left->local.cid, right->local.cid },
		{ left->peer.cid, right->peer.cid },
		{ left->peer.port, right->peer.port },
		{ left->inode, right->inode },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	}
	return 0;
}

static void format_address(char cell[CELL_LEN], const struct vsockhdr_addr *addr,
			   const struct naming *names)
{
	const char *cid_name = naming_cid(names, addr->cid);
	const char *port_name = naming_port(names, addr->port);
	char cid[24], port[24];

	g_snprintf(cid, sizeof(cid), "%" PRIu64, addr->cid);
	g_snprintf(port, sizeof(port), "%" PRIu32, addr->port);
	if (addr->cid == VSOCKHDR_CID_ANY)
		cid_name = "*";
	if (addr->port == VSOCKHDR_PORT_ANY)
		port_name = "*";
	g_snprintf(cell, CELL_LEN, "%s:%s", cid_name ? cid_name : cid,
		   port_name ? port_name : port);
}

static void format_name(char cell[CELL_LEN], const char *name, uint8_t number)
{
	if (name)
		g_strlcpy(cell, name, CELL_LEN);
	else
		g_snprintf(cell, CELL_LEN, "%u", (unsigned int)number);
}

static void format_shutdown(char cell[CELL_LEN], uint8_t shutdown)
{
	cell[0] = '\0';
	for (size_t i = 0; i < G_N_ELEMENTS(shutdowns); i++) {
		if (!(shutdown & shutdowns[i].bit))
			continue;
		g_strlcat(cell, cell[0] ? "," : "", CELL_LEN);
		g_strlcat(cell, shutdowns[i].name, CELL_LEN);
	}
	if (cell[0] == '\0')
		g_strlcpy(cell, "-", CELL_LEN);
}

static void format_owners(char cell[CELL_LEN], const GArray *owners)
{
	char one[64];

	g_strlcpy(cell, owners ? "" : "-", CELL_LEN);
	for (guint i = 0; owners && i < owners->len; i++) {
		const struct owner *owner = &g_array_index(owners, struct owner, i);

		if (i == MAX_SHOWN) {
			g_snprintf(one, sizeof(one), "+%u", owners->len - i);
			g_strlcat(cell, one, CELL_LEN);
			break;
		}
		g_snprintf(one, sizeof(one), "%s%s/%d", i > 0 ? "," : "", owner->name,
			   (int)owner->pid);
		g_strlcat(cell, one, CELL_LEN);
	}
}

static void fill_row(struct row *row, const struct socket_info *info,
		     const struct owners *owners, const struct naming *names)
{
	format_name(row->cell[0], type_name(info->type), info->type);
	format_name(row->cell[1], state_name(info->state), info->state);
	format_address(row->cell[2], &info->local, names);
	format_address(row->cell[3], &info->peer, names);
	g_snprintf(row->cell[4], CELL_LEN, "%" PRIu32, info->inode);
	format_shutdown(row->cell[5], info->shutdown);
	format_owners(row->cell[6], owners_get(owners, info->inode));
}

static void print_row(struct output *out, const struct row *row, const size_t *widths)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t length = strlen(row->cell[i]);

		output_bytes(out, row->cell[i], length);
		/* The last column is as long as it likes. */
		for (; i + 1 < COLUMNS && length < widths[i] + 2; length++)
			output_bytes(out, " ", 1);
	}
	output_bytes(out, "\n", 1);
}

static void widen(size_t *widths, const struct row *row)
{
	for (size_t i = 0; i < COLUMNS; i++)
		widths[i] = MAX(widths[i], strlen(row->cell[i]));
}

static void print_text(struct output *out, const GArray *sockets,
		       const struct owners *owners, const struct naming *names)
{
	size_t widths[COLUMNS] = { 0 };
	struct row row;

	widen(widths, &head);
	for (guint i = 0; i < sockets->len; i++) {
		fill_row(&row, &g_array_index(sockets, struct socket_info, i), owners,
			 names);
		widen(widths, &row);
	}
	print_row(out, &head, widths);
	for (guint i = 0; i < sockets->len; i++) {
		fill_row(&row, &g_array_index(sockets, struct socket_info, i), owners,
			 names);
		print_row(out, &row, widths);
	}
}

static void add_peer(struct json *json, const struct socket_info *info)
{
	bool known = has_peer(info);

	json_key(json, "peer");
	if (known)
		json_address(json, &info->peer);
	else
		json_null(json);
	json_key(json, "peer_cid");
	json_known_u64(json, known ? info->peer.cid : VSOCKHDR_UNKNOWN_NUMBER);
	json_key(json, "peer_port");
	json_known_u64(json, known ? info->peer.port : VSOCKHDR_UNKNOWN_NUMBER);
}

static void add_owners(struct json *json, const GArray *owners)
{
	json_key(json, "processes");
	json_open_array(json);
	for (guint i = 0; owners && i < owners->len; i++) {
		const struct owner *owner = &g_array_index(owners, struct owner, i);

		json_open(json);
		json_key(json, "name");
		json_string(json, owner->name);
		json_key(json, "pid");
		json_u64(json, (uint64_t)owner->pid);
		json_close(json);
	}
	json_close_array(json);
}

static void print_object(struct json *json, const struct socket_info *info,
			 const struct owners *owners)
{
	json_open(json);
	json_key(json, "type");
	json_name(json, type_name(info->type), info->type);
	json_key(json, "state");
	json_name(json, state_name(info->state), info->state);
	json_key(json, "local");
	json_address(json, &info->local);
	json_key(json, "local_cid");
	json_u64(json, info->local.cid);
	json_key(json, "local_port");
	json_u64(json, info->local.port);
	add_peer(json, info);
	json_key(json, "inode");
	json_u64(json, info->inode);
	json_key(json, "shutdown");
	json_open_array(json);
	for (size_t i = 0; i < G_N_ELEMENTS(shutdowns); i++) {
		if (info->shutdown & shutdowns[i].bit)
			json_string(json, shutdowns[i].name);
	}
	json_close_array(json);
	add_owners(json, owners_get(owners, info->inode));
	json_close(json);
	json_end_line(json);
}

static bool print(const GArray *sockets, const struct owners *owners, bool as_json,
		  const struct naming *names)
{
	struct output *out = g_new(struct output, 1);
	struct json *json = NULL;
	bool good;

	output_init(out, STDOUT_FILENO, false);
	if (as_json)
		json = json_new(out);
	for (guint i = 0; json && i < sockets->len; i++)
		print_object(json, &g_array_index(sockets, struct socket_info, i),
			     owners);
	if (!as_json)
		print_text(out, sockets, owners, names);
	json_free(json);
	good = output_flush(out);
	if (!good)
		message("cannot write to standard output: %s", strerror(out->error));
	g_free(out);
	return good;
}

static void report_hidden(const GArray *sockets, const struct owners *owners)
{
	unsigned int count = 0;

	for (guint i = 0; i < sockets->len; i++) {
		uint32_t inode = g_array_index(sockets, struct socket_info, i).inode;

		if (inode != 0 && !owners_get(owners, inode))
			count++;
	}
	if (count > 0 && owners_hidden(owners))
		message("%u socket%s: the processes may not be seen: root sees them all",
			count, count == 1 ? "" : "s");
}

bool sockets_print(bool json, const struct naming *names)
{
	enum sockets_offer offer = sockets_offer();
	struct owners *owners;
	GArray *sockets;
	bool good = false;
	int err = 0;

	if (offer == SOCKETS_NO_MODULE)
		return false;
	sockets = g_array_new(FALSE, FALSE, sizeof(struct socket_info));
	if (offer == SOCKETS_OFFERED)
		err = sockets_read(sockets);
	if (err != 0) {
		message("the kernel does not tell of its vsock sockets: %s",
			strerror(err));
	} else {
		g_array_sort(sockets, compare);
		owners = owners_find("/proc", sockets);
		good = print(sockets, owners, json, names);
		report_hidden(sockets, owners);
		owners_free(owners);
	}
	g_array_free(sockets, TRUE);
	return good;
}
