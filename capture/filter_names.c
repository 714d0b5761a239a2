/* SPDX-License-Identifier: BSD-2-Clause */

#include "filter_names.h"

#include <glib.h>
#include <string.h>
#include <vsockhdr/vsockhdr.h>

#include "filter_lexer.h"

/* The layout of the headers stands in the library; here are words for it. */
#define HEADER(member) offsetof(struct header_layout, member)
struct header_layout {
#define MEMBER(name, bits, offset) uint8_t name[(bits) / 8];
	VSOCKHDR_FIELDS(MEMBER)
};
struct mon_layout {
	VSOCKHDR_MON_FIELDS(MEMBER)
#undef MEMBER
};
_Static_assert(sizeof(struct header_layout) == VSOCKHDR_HDR_LEN, "no padding");
_Static_assert(sizeof(struct mon_layout) == VSOCKHDR_MON_LEN, "no padding");
_Static_assert(HEADER(src_cid) == offsetof(struct mon_layout, src_cid) &&
		       HEADER(dst_cid) == offsetof(struct mon_layout, dst_cid) &&
		       HEADER(src_port) == offsetof(struct mon_layout, src_port) &&
		       HEADER(dst_port) == offsetof(struct mon_layout, dst_port),
	       "addresses are at the same place of both headers");

#define MON(member) offsetof(struct mon_layout, member)

/* clang-format off */
const struct filter_field filter_fields[FIELD_COUNT] = {
	[FIELD_SRC_CID] = { "cid", LAYER_ADDRESS, 64, HEADER(src_cid), NAMES_CID, true },
	[FIELD_DST_CID] = { NULL, LAYER_ADDRESS, 64, HEADER(dst_cid), NAMES_CID, true },
	[FIELD_SRC_PORT] = { "port", LAYER_ADDRESS, 32, HEADER(src_port), NAMES_PORT, true },
	[FIELD_DST_PORT] = { NULL, LAYER_ADDRESS, 32, HEADER(dst_port), NAMES_PORT, true },
	[FIELD_LEN] = { "len", LAYER_VIRTIO, 32, HEADER(len), NAMES_NONE, false },
	[FIELD_TYPE] = { "type", LAYER_VIRTIO, 16, HEADER(type), NAMES_TYPE, false },
	[FIELD_OP] = { "op", LAYER_VIRTIO, 16, HEADER(op), NAMES_OP, false },
	[FIELD_FLAGS] = { "flags", LAYER_VIRTIO, 32, HEADER(flags), NAMES_FLAG, false },
	[FIELD_BUF_ALLOC] = { "buf_alloc", LAYER_VIRTIO, 32, HEADER(buf_alloc), NAMES_NONE, false },
	[FIELD_FWD_CNT] = { "fwd_cnt", LAYER_VIRTIO, 32, HEADER(fwd_cnt), NAMES_NONE, false },
	[FIELD_MON_OP] = { "mon_op", LAYER_VSOCKMON, 16, MON(op), NAMES_MON_OP, false },
	[FIELD_TRANSPORT] = { "transport", LAYER_VSOCKMON, 16, MON(transport), NAMES_TRANSPORT, false },
	[FIELD_WIRELEN] = { "wirelen", LAYER_RECORD, 32, 0, NAMES_NONE, false },
#define TRACKED(id, name, names) [id] = { name, LAYER_TRACKER, 64, 0, names, false }
	TRACKED(FIELD_FLOW, "flow", NAMES_NONE),
	TRACKED(FIELD_FRAME, "frame", NAMES_NONE),
	TRACKED(FIELD_FINDING, "finding", NAMES_FINDING),
	TRACKED(FIELD_SEVERITY, "severity", NAMES_SEVERITY),
	TRACKED(FIELD_FAULT_CID, "fault_cid", NAMES_CID),
	TRACKED(FIELD_FAULT_PORT, "fault_port", NAMES_PORT),
	TRACKED(FIELD_FROM, "from", NAMES_END),
	TRACKED(FIELD_PEER_FREE, "peer_free", NAMES_NONE),
	TRACKED(FIELD_IN_FLIGHT, "in_flight", NAMES_NONE),
	TRACKED(FIELD_PEER_BUF_ALLOC, "peer_buf_alloc", NAMES_NONE),
	TRACKED(FIELD_SETUP, "setup", NAMES_SETUP),
	TRACKED(FIELD_SETUP_TIME, "setup_time", NAMES_DURATION),
	TRACKED(FIELD_STALL, "stall", NAMES_DURATION),
	TRACKED(FIELD_CLOSE, "close", NAMES_CLOSE),
	TRACKED(FIELD_CLOSED_BY, "closed_by", NAMES_END),
	TRACKED(FIELD_DURATION, "duration", NAMES_DURATION),
	TRACKED(FIELD_FIRST_FRAME, "first_frame", NAMES_NONE),
	TRACKED(FIELD_LAST_FRAME, "last_frame", NAMES_NONE),
	TRACKED(FIELD_FINDINGS, "findings", NAMES_NONE),
	TRACKED(FIELD_PACKETS, "packets", NAMES_NONE),
	TRACKED(FIELD_CLIENT_PACKETS, "client_packets", NAMES_NONE),
	TRACKED(FIELD_SERVER_PACKETS, "server_packets", NAMES_NONE),
	TRACKED(FIELD_BYTES, "bytes", NAMES_NONE),
	TRACKED(FIELD_CLIENT_BYTES, "client_bytes", NAMES_NONE),
	TRACKED(FIELD_SERVER_BYTES, "server_bytes", NAMES_NONE),
	TRACKED(FIELD_MIN_FREE, "min_free", NAMES_NONE),
	TRACKED(FIELD_CLIENT_MIN_FREE, "client_min_free", NAMES_NONE),
	TRACKED(FIELD_SERVER_MIN_FREE, "server_min_free", NAMES_NONE),
	TRACKED(FIELD_CLIENT_STALL, "client_stall", NAMES_DURATION),
	TRACKED(FIELD_SERVER_STALL, "server_stall", NAMES_DURATION),
#undef TRACKED
};
/* clang-format on */

static const char *const keywords[] = {
	[KEYWORD_SRC] = "src",         [KEYWORD_DST] = "dst",
	[KEYWORD_ADDR] = "addr",       [KEYWORD_PORTRANGE] = "portrange",
	[KEYWORD_GREATER] = "greater", [KEYWORD_LESS] = "less",
	[KEYWORD_LINK] = "link",
};

enum filter_keyword filter_find_keyword(const char *text, size_t length)
{
	for (size_t i = KEYWORD_NONE + 1; i < G_N_ELEMENTS(keywords); i++)
		if (filter_same_word(text, length, keywords[i]))
			return (enum filter_keyword)i;
	return KEYWORD_NONE;
}

enum filter_field_id filter_find_field(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (filter_fields[i].name &&
		    filter_same_word(text, length, filter_fields[i].name))
			break;
	return (enum filter_field_id)i;
}

/* Names that the library has by number: what they name, the name of a number, and from
 * which number there are none */
static const char *op_at(size_t i)
{
	return vsockhdr_op_name((uint16_t)i);
}

/* The others have no type 0. */
static const char *type_at(size_t i)
{
	return vsockhdr_type_name((uint16_t)(i + 1));
}

static const char *mon_op_at(size_t i)
{
	return vsockhdr_mon_op_name((uint16_t)i);
}

static const char *transport_at(size_t i)
{
	return vsockhdr_transport_name((uint16_t)i);
}

static const char *setup_at(size_t i)
{
	return vsockhdr_setup_name((enum vsockhdr_setup)i);
}

static const char *close_at(size_t i)
{
	return vsockhdr_close_name((enum vsockhdr_close)i);
}

static const char *severity_at(size_t i)
{
	return vsockhdr_severity_name((enum vsockhdr_severity)i);
}

static const char *finding_at(size_t i)
{
	return i < VSOCKHDR_FINDING_COUNT
		       ? vsockhdr_finding_info((enum vsockhdr_finding_id)i)->name
		       : NULL;
}

static const char *end_at(size_t i)
{
	static const char *const ends[] = {
		[VSOCKHDR_CLIENT] = "client",
		[VSOCKHDR_SERVER] = "server",
	};

	return i < G_N_ELEMENTS(ends) ? ends[i] : NULL;
}

static const char *cid_at(size_t i)
{
	static const uint64_t cids[] = { VSOCKHDR_CID_HYPERVISOR, VSOCKHDR_CID_LOCAL,
					 VSOCKHDR_CID_HOST, VSOCKHDR_CID_ANY };

	return i < G_N_ELEMENTS(cids) ? vsockhdr_cid_name(cids[i]) : NULL;
}

static const char *port_at(size_t i)
{
	return i == 0 ? vsockhdr_cid_name(VSOCKHDR_CID_ANY) : NULL;
}

static const char *flag_at(size_t i)
{
	static const struct {
		uint16_t op;
		uint32_t flag;
	} flags[] = {
		{ VSOCKHDR_OP_SHUTDOWN, VSOCKHDR_SHUTDOWN_RECEIVE },
		{ VSOCKHDR_OP_SHUTDOWN, VSOCKHDR_SHUTDOWN_SEND },
		{ VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM },
		{ VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOR },
	};

	return i < G_N_ELEMENTS(flags) ? vsockhdr_flag_name(VSOCKHDR_TYPE_SEQPACKET,
							    flags[i].op, flags[i].flag)
				       : NULL;
}

/* first: the number of the first name; without numbers, another lookup has them */
static const struct {
	const char *what;
	const char *(*at)(size_t i);
	bool numbered;
	size_t first;
} kinds[] = {
	[NAMES_NONE] = { "number", NULL, false, 0 },
	[NAMES_CID] = { "CID", cid_at, false, 0 },
	[NAMES_PORT] = { "port", port_at, false, 0 },
	[NAMES_OP] = { "op", op_at, true, 0 },
	[NAMES_TYPE] = { "type", type_at, true, 1 },
	[NAMES_FLAG] = { "flag", flag_at, false, 0 },
	[NAMES_MON_OP] = { "mon_op", mon_op_at, true, 0 },
	[NAMES_TRANSPORT] = { "transport", transport_at, true, 0 },
	[NAMES_DURATION] = { "duration", NULL, false, 0 },
	[NAMES_SETUP] = { "setup", setup_at, true, 0 },
	[NAMES_CLOSE] = { "close", close_at, true, 0 },
	[NAMES_SEVERITY] = { "severity", severity_at, true, 0 },
	[NAMES_END] = { "end", end_at, true, 0 },
	[NAMES_FINDING] = { "finding", finding_at, false, 0 },
};

const char *filter_kind_of_name(enum filter_names kind)
{
	return kinds[kind].what;
}

const char *filter_name_at(enum filter_names kind, size_t index)
{
	return kinds[kind].at ? kinds[kind].at(index) : NULL;
}

/* CIDs and ports have the user's names, too. */
static bool find_named(const struct naming *names, enum filter_names kind,
		       const char *name, uint64_t *value)
{
	uint32_t port;

	if (kind == NAMES_CID)
		return vsockhdr_cid_parse(name, value) == VSOCKHDR_OK ||
		       (names && naming_find_cid(names, name, value));
	if (g_ascii_strcasecmp(name, port_at(0)) == 0)
		port = VSOCKHDR_PORT_ANY;
	else if (!names || !naming_find_port(names, name, &port))
		return false;
	*value = port;
	return true;
}

bool filter_find_value(const struct naming *names, enum filter_names kind,
		       const char *text, size_t length, uint64_t *value)
{
	char name[NAMING_MAX + 1];

	if (kind == NAMES_CID || kind == NAMES_PORT) {
		if (length > NAMING_MAX)
			return false;
		memcpy(name, text, length);
		name[length] = '\0';
		return find_named(names, kind, name, value);
	}
	for (size_t i = 0; filter_name_at(kind, i); i++) {
		uint16_t op;
		uint32_t flag;

		if (!filter_same_word(text, length, filter_name_at(kind, i)))
			continue;
		*value = i + kinds[kind].first;
		if (kind == NAMES_FLAG &&
		    vsockhdr_flag_parse(flag_at(i), &op, &flag) == VSOCKHDR_OK)
			*value = flag;
		return true;
	}
	return false;
}

uint64_t filter_flag_types(uint16_t op, uint32_t flag)
{
	uint64_t types = 0;

	/* A flag that even a type without a name has does not depend on it. */
	if (vsockhdr_flag_name(0, op, flag))
		return 0;
	for (uint16_t type = 1; vsockhdr_type_name(type); type++)
		if (vsockhdr_flag_name(type, op, flag))
			types |= UINT64_C(1) << type;
	return types;
}

/* Longest name of which a misspelling is recognised */
#define MAX_NAME 24

static bool same_letter(char a, char b)
{
	return filter_same_word(&a, 1, (const char[]) { b, '\0' });
}

/* How many letters must be changed, put in, left out or exchanged with their neighbour to
 * make the word of the text */
static size_t distance(const char *text, size_t length, const char *word)
{
	size_t row[3][MAX_NAME + 1];
	size_t word_length = strlen(word);

	for (size_t j = 0; j <= word_length; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= length; i++) {
		const size_t *before = row[(i + 1) % 3];
		const size_t *last = row[(i - 1) % 3];
		size_t *now = row[i % 3];

		now[0] = i;
		for (size_t j = 1; j <= word_length; j++) {
			now[j] = last[j - 1] + !same_letter(text[i - 1], word[j - 1]);
			now[j] = MIN(now[j], MIN(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && same_letter(text[i - 1], word[j - 2]) &&
			    same_letter(text[i - 2], word[j - 1]))
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
	}
	return row[length % 3][word_length];
}

struct nearest {
	const char *text;
	size_t length;
	const char *word;
	size_t distance;
};

/* At a third of its letters wrong it is another word. */
static struct nearest look_for(const char *text, size_t length)
{
	return (struct nearest) { text, length, NULL, length / 3 + 1 + (length > 3) };
}

static void consider(struct nearest *nearest, const char *word)
{
	size_t far;

	if (nearest->length > MAX_NAME || strlen(word) > MAX_NAME)
		return;
	far = distance(nearest->text, nearest->length, word);
	if (far < nearest->distance && far < nearest->length) {
		nearest->distance = far;
		nearest->word = word;
	}
}

static void consider_kind(struct nearest *nearest, enum filter_names kind)
{
	for (size_t i = 0; filter_name_at(kind, i); i++)
		consider(nearest, filter_name_at(kind, i));
}

const char *filter_nearest_value(enum filter_names kind, const char *text, size_t length)
{
	struct nearest nearest = look_for(text, length);

	consider_kind(&nearest, kind);
	return nearest.word;
}

const char *filter_nearest_word(enum filter_kind kind, const char *text, size_t length)
{
	static const enum filter_names bare[] = { NAMES_OP, NAMES_TYPE, NAMES_FLAG,
						  NAMES_CID };
	struct nearest nearest = look_for(text, length);

	for (size_t i = KEYWORD_NONE + 1; i < G_N_ELEMENTS(keywords); i++)
		consider(&nearest, keywords[i]);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (filter_fields[i].name &&
		    (kind == FILTER_WHERE || filter_fields[i].layer != LAYER_TRACKER))
			consider(&nearest, filter_fields[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(bare); i++)
		consider_kind(&nearest, bare[i]);
	return nearest.word;
}

uint64_t filter_match_findings(const char *text, size_t length)
{
	g_autofree char *lower = g_ascii_strdown(text, (gssize)length);
	uint64_t found = 0;

	/* GLib wants UTF-8, of which no name has more than this. */
	if (!g_str_is_ascii(lower))
		return 0;
	for (size_t i = 0; i < VSOCKHDR_FINDING_COUNT; i++)
		if (g_pattern_match_simple(lower, finding_at(i)))
			found |= UINT64_C(1) << i;
	return found;
}
