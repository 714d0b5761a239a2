/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The protocol's constants and their names, one table a kind. A number that indexes
 * its table is found without a search: a capture tool asks for every record.
 */

#include <vsockhdr/names.h>

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <vsockhdr/event.h>
#include <vsockhdr/record.h>
#include <vsockhdr/tracker.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct op_info {
	const char *name;
	uint16_t mon_op;
};

static const struct op_info ops[] = {
	[VSOCKHDR_OP_INVALID] = { "INVALID", VSOCKHDR_MON_OP_UNKNOWN },
	[VSOCKHDR_OP_REQUEST] = { "REQUEST", VSOCKHDR_MON_OP_CONNECT },
	[VSOCKHDR_OP_RESPONSE] = { "RESPONSE", VSOCKHDR_MON_OP_CONNECT },
	[VSOCKHDR_OP_RST] = { "RST", VSOCKHDR_MON_OP_DISCONNECT },
	[VSOCKHDR_OP_SHUTDOWN] = { "SHUTDOWN", VSOCKHDR_MON_OP_DISCONNECT },
	[VSOCKHDR_OP_RW] = { "RW", VSOCKHDR_MON_OP_PAYLOAD },
	[VSOCKHDR_OP_CREDIT_UPDATE] = { "CREDIT_UPDATE", VSOCKHDR_MON_OP_CONTROL },
	[VSOCKHDR_OP_CREDIT_REQUEST] = { "CREDIT_REQUEST", VSOCKHDR_MON_OP_CONTROL },
};

static const char *const types[] = {
	[VSOCKHDR_TYPE_STREAM] = "stream",
	[VSOCKHDR_TYPE_SEQPACKET] = "seqpacket",
	[VSOCKHDR_TYPE_DGRAM] = "dgram",
};

static const char *const mon_ops[] = {
	[VSOCKHDR_MON_OP_UNKNOWN] = "unknown",
	[VSOCKHDR_MON_OP_CONNECT] = "connect",
	[VSOCKHDR_MON_OP_DISCONNECT] = "disconnect",
	[VSOCKHDR_MON_OP_CONTROL] = "control",
	[VSOCKHDR_MON_OP_PAYLOAD] = "payload",
};

static const char *const transports[] = {
	[VSOCKHDR_TRANSPORT_UNKNOWN] = "unknown",
	[VSOCKHDR_TRANSPORT_NO_INFO] = "no_info",
	[VSOCKHDR_TRANSPORT_VIRTIO] = "virtio",
};

static const char *const events[] = {
	[VSOCKHDR_EVENT_TRANSPORT_RESET] = "TRANSPORT_RESET",
};

static const char *const setups[] = {
	[VSOCKHDR_SETUP_UNANSWERED] = "unanswered",
	[VSOCKHDR_SETUP_ACCEPTED] = "accepted",
	[VSOCKHDR_SETUP_REFUSED] = "refused",
	[VSOCKHDR_SETUP_ABORTED] = "aborted",
	[VSOCKHDR_SETUP_MIDSTREAM] = "midstream",
};

static const char *const closes[] = {
	[VSOCKHDR_CLOSE_OPEN] = "open",
	[VSOCKHDR_CLOSE_HALF_OPEN_STATE] = "half_open",
	[VSOCKHDR_CLOSE_CLEAN] = "clean",
	[VSOCKHDR_CLOSE_RESET_STATE] = "reset",
	[VSOCKHDR_CLOSE_REFUSED] = "refused",
};

static const struct {
	uint64_t cid;
	const char *name;
} cids[] = {
	{ VSOCKHDR_CID_HYPERVISOR, "hypervisor" },
	{ VSOCKHDR_CID_LOCAL, "local" },
	{ VSOCKHDR_CID_HOST, "host" },
	{ VSOCKHDR_CID_ANY, "any" },
};

#define ANY_TYPE 0

static const struct flag_info {
	const char *name;
	uint32_t flag;
	uint16_t op;
	uint16_t type;
} flags[] = {
	{ "RECEIVE", VSOCKHDR_SHUTDOWN_RECEIVE, VSOCKHDR_OP_SHUTDOWN, ANY_TYPE },
	{ "SEND", VSOCKHDR_SHUTDOWN_SEND, VSOCKHDR_OP_SHUTDOWN, ANY_TYPE },
	{ "EOM", VSOCKHDR_SEQ_EOM, VSOCKHDR_OP_RW, VSOCKHDR_TYPE_SEQPACKET },
	{ "EOR", VSOCKHDR_SEQ_EOR, VSOCKHDR_OP_RW, VSOCKHDR_TYPE_SEQPACKET },
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* strcasecmp() would follow the program's locale, in some of which I is not i */
static bool same_name(const char *a, const char *b)
{
	assert(b);
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

static const char *lookup(const char *const *table, size_t count, uint32_t number)
{
	return number < count ? table[number] : NULL;
}

/* Index of name in table, which may have holes; count where it is not there */
static size_t find(const char *const *table, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (table[i] && same_name(table[i], name))
			break;
	return i;
}

static int parse16(const char *const *table, size_t count, const char *name,
		   uint16_t *number)
{
	size_t i = find(table, count, name);

	if (i == count)
		return VSOCKHDR_ERR_NAME;
	*number = (uint16_t)i;
	return VSOCKHDR_OK;
}

const char *vsockhdr_op_name(uint16_t op)
{
	return op < COUNT(ops) ? ops[op].name : NULL;
}

int vsockhdr_op_parse(const char *name, uint16_t *op)
{
	for (size_t i = 0; i < COUNT(ops); i++) {
		if (same_name(ops[i].name, name)) {
			*op = (uint16_t)i;
			return VSOCKHDR_OK;
		}
	}
	return VSOCKHDR_ERR_NAME;
}

uint16_t vsockhdr_op_mon_op(uint16_t op)
{
	return op < COUNT(ops) ? ops[op].mon_op : (uint16_t)VSOCKHDR_MON_OP_UNKNOWN;
}

const char *vsockhdr_type_name(uint16_t type)
{
	return lookup(types, COUNT(types), type);
}

int vsockhdr_type_parse(const char *name, uint16_t *type)
{
	return parse16(types, COUNT(types), name, type);
}

const char *vsockhdr_mon_op_name(uint16_t mon_op)
{
	return lookup(mon_ops, COUNT(mon_ops), mon_op);
}

int vsockhdr_mon_op_parse(const char *name, uint16_t *mon_op)
{
	return parse16(mon_ops, COUNT(mon_ops), name, mon_op);
}

const char *vsockhdr_transport_name(uint16_t transport)
{
	return lookup(transports, COUNT(transports), transport);
}

int vsockhdr_transport_parse(const char *name, uint16_t *transport)
{
	return parse16(transports, COUNT(transports), name, transport);
}

const char *vsockhdr_event_name(uint32_t id)
{
	return lookup(events, COUNT(events), id);
}

int vsockhdr_event_parse(const char *name, uint32_t *id)
{
	size_t i = find(events, COUNT(events), name);

	if (i == COUNT(events))
		return VSOCKHDR_ERR_NAME;
	*id = (uint32_t)i;
	return VSOCKHDR_OK;
}

const char *vsockhdr_cid_name(uint64_t cid)
{
	for (size_t i = 0; i < COUNT(cids); i++)
		if (cids[i].cid == cid)
			return cids[i].name;
	return NULL;
}

int vsockhdr_cid_parse(const char *name, uint64_t *cid)
{
	for (size_t i = 0; i < COUNT(cids); i++) {
		if (same_name(cids[i].name, name)) {
			*cid = cids[i].cid;
			return VSOCKHDR_OK;
		}
	}
	return VSOCKHDR_ERR_NAME;
}

const char *vsockhdr_flag_name(uint16_t type, uint16_t op, uint32_t flag)
{
	for (size_t i = 0; i < COUNT(flags); i++)
		if (flags[i].flag == flag && flags[i].op == op &&
		    (flags[i].type == ANY_TYPE || flags[i].type == type))
			return flags[i].name;
	return NULL;
}

int vsockhdr_flag_parse(const char *name, uint16_t *op, uint32_t *flag)
{
	for (size_t i = 0; i < COUNT(flags); i++) {
		if (same_name(flags[i].name, name)) {
			*op = flags[i].op;
			*flag = flags[i].flag;
			return VSOCKHDR_OK;
		}
	}
	return VSOCKHDR_ERR_NAME;
}

const char *vsockhdr_setup_name(enum vsockhdr_setup setup)
{
	return lookup(setups, COUNT(setups), (uint32_t)setup);
}

const char *vsockhdr_close_name(enum vsockhdr_close close)
{
	return lookup(closes, COUNT(closes), (uint32_t)close);
}
