/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Who dissects a payload. In this order: who was found for this connection before; who
 * the user names for one of its ports by Decode As (or a dissector that registered in the
 * table "vsock.port"), the server's port first; who the user names in the preference; who
 * recognises it.
 *
 * A port number of vsock means nothing by itself: there is no registry, and the ports of
 * TCP are not taken over. Where a protocol is told by its first bytes (TLS, HTTP, SSH),
 * it is.
 */

#include "compat.h"

#include "payload_choice.h"

#include <epan/decode_as.h>
#include <epan/prefs.h>
#include <epan/uat.h>
#include <stdio.h>
#include <string.h>

#define PORT_TABLE "vsock.port"

static dissector_table_t port_table;
static heur_dissector_list_t heuristics;
/* Dissectors that are at home in TCP: only they understand a struct tcpinfo */
static GHashTable *tcp_handles;

/**
 * struct port_rule - A row of the preference "which port means what"
 * @port:	The port
 * @protocol:	Name of a dissector
 */
struct port_rule {
	guint port;
	char *protocol;
};

/* Packets of a connection that nobody recognises until nobody is asked any more */
#define MISSES_MAX 64

static struct port_rule *port_rules;
static guint port_rule_count;

// cppcheck-suppress unknownMacro
UAT_DEC_CB_DEF(port_rules, port, struct port_rule)
UAT_CSTRING_CB_DEF(port_rules, protocol, struct port_rule)

static dissector_handle_t rule_for(uint32_t port)
{
	for (guint i = 0; i < port_rule_count; i++) {
		if (port_rules[i].port == port)
			return find_dissector(port_rules[i].protocol);
	}
	return NULL;
}

static bool call(dissector_handle_t handle, uint32_t port, tvbuff_t *tvb,
		 packet_info *pinfo, proto_tree *tree, void *data)
{
	if (!handle)
		return false;
	if (!g_hash_table_contains(tcp_handles, handle))
		data = NULL;
	pinfo->match_uint = port;
	return call_dissector_only(handle, tvb, pinfo, tree, data) > 0;
}

/**
 * struct ends - Addresses of a packet, which dissectors of its payload may overwrite
 * @type:	What kind of ports these are
 */
struct ends {
	address src;
	address dst;
	guint32 srcport;
	guint32 destport;
	conversation_type type;
};

static struct ends ends_of(const packet_info *pinfo)
{
	return (struct ends) {
		.src = pinfo->src,
		.dst = pinfo->dst,
		.srcport = pinfo->srcport,
		.destport = pinfo->destport,
		.type = conversation_pt_to_conversation_type(pinfo->ptype),
	};
}

static conversation_t *conversation_at(uint32_t number, const struct ends *ends)
{
	return find_conversation(number, &ends->src, &ends->dst, ends->type,
				 ends->srcport, ends->destport, 0);
}

static conversation_t *begin_conversation(uint32_t number, const struct ends *ends)
{
	return conversation_new(number, &ends->src, &ends->dst, ends->type, ends->srcport,
				ends->destport, 0);
}

/* Dissectors find a stream's state by its addresses: a conversation, which they begin
 * when they have something to keep. (Most streams have nobody who does, so it is not done
 * for them.) A pair of addresses used again is another conversation, from its own first
 * frame on. What is found later was begun for this stream.
 */
static void prepare_conversation(const struct vsock_frame *frame, const struct ends *ends)
{
	struct vsock_stream *stream = frame->stream;
	const struct payload_choice *choice = payload_choice(frame);
	conversation_t *found;

	if (choice && choice->conversation)
		return;
	found = conversation_at(frame->number, ends);
	if (found && stream->payload_asked == 0)
		found = begin_conversation(frame->number, ends);
	if (found)
		payload_need_choice(frame)->conversation = found;
	if (stream->payload_asked == 0)
		stream->payload_asked = 1;
}

/* Somebody has dissected the stream */
static void keep_conversation(const struct vsock_frame *frame, const struct ends *ends)
{
	struct payload_choice *choice = payload_need_choice(frame);

	if (!choice->conversation)
		choice->conversation = conversation_at(frame->number, ends);
	if (!choice->conversation)
		choice->conversation = begin_conversation(frame->number, ends);
	if (choice->known_frame == 0 &&
	    conversation_get_dissector(choice->conversation, frame->number))
		choice->known_frame = frame->number;
}

/* A dissector that was found later is not given earlier packets at a later visit: it has
 * not seen them in order, and one pass and two would differ.
 */
static dissector_handle_t conversation_handle(const struct vsock_frame *frame)
{
	const struct payload_choice *choice = payload_choice(frame);

	if (!choice || !choice->conversation)
		return NULL;
	if (!frame->first_visit &&
	    (choice->known_frame == 0 || frame->number < choice->known_frame))
		return NULL;
	return conversation_get_dissector(choice->conversation, frame->number);
}

static bool is_given_up(const struct vsock_frame *frame)
{
	uint32_t last = frame->stream->given_up_frame;

	return last != 0 && frame->number > last;
}

/* Who recognises payload by what it looks like is asked at the beginning of a connection:
 * asked for every packet, they would take longer than all the rest. */
static bool try_heuristics(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
			   const struct vsock_frame *frame, void *data)
{
	struct vsock_stream *stream = frame->stream;
	heur_dtbl_entry_t *entry;

	if (is_given_up(frame))
		return false;
	/* Many dissectors tell request from response by this. */
	pinfo->match_uint = stream->address[VSOCKHDR_SERVER].port;
	if (dissector_try_heuristic(heuristics, tvb, pinfo, tree, &entry, data))
		return true;
	if (frame->first_visit && ++stream->payload_asked > MISSES_MAX)
		stream->given_up_frame = frame->number;
	return false;
}

static bool try_all(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
		    const struct vsock_frame *frame, void *data)
{
	const struct vsock_stream *stream = frame->stream;

	if (call(conversation_handle(frame), stream->address[VSOCKHDR_SERVER].port, tvb,
		 pinfo, tree, data))
		return true;
	for (int end = VSOCKHDR_SERVER; end >= VSOCKHDR_CLIENT; end--) {
		uint32_t port = stream->address[end].port;

		if (call(dissector_get_uint_handle(port_table, port), port, tvb, pinfo,
			 tree, data))
			return true;
	}
	for (int end = VSOCKHDR_SERVER; end >= VSOCKHDR_CLIENT; end--) {
		uint32_t port = stream->address[end].port;

		if (call(rule_for(port), port, tvb, pinfo, tree, data))
			return true;
	}
	return try_heuristics(tvb, pinfo, tree, frame, data);
}

bool choice_is_nobody(const struct vsock_frame *frame)
{
	if (!is_given_up(frame) || conversation_handle(frame))
		return false;
	for (int end = VSOCKHDR_SERVER; end >= VSOCKHDR_CLIENT; end--) {
		uint32_t port = frame->stream->address[end].port;

		if (dissector_get_uint_handle(port_table, port) || rule_for(port))
			return false;
	}
	return true;
}

bool choice_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
		    const struct vsock_frame *frame, void *data)
{
	const struct ends ends = ends_of(pinfo);
	bool dissected;

	if (frame->first_visit)
		prepare_conversation(frame, &ends);
	dissected = try_all(tvb, pinfo, tree, frame, data);
	if (dissected && frame->first_visit)
		keep_conversation(frame, &ends);
	return dissected;
}

/**
 * struct beginning - A protocol that is known by the first bytes of a connection
 * @bytes:	They
 * @protocol:	Whose
 * @handle:	Who dissects it, or NULL
 */
struct beginning {
	const char *bytes;
	const char *protocol;
	dissector_handle_t handle;
};

static struct beginning beginnings[] = {
	/* RFC 4253, 4.2: each end begins with "SSH-protoversion-softwareversion". */
	{ .bytes = "SSH-", .protocol = "ssh" },
	/* RFC 9113, 3.4: the client's connection preface */
	{ .bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .protocol = "http2" },
};

/* Fewer bytes than these are no reason to wait for more. */
#define MIN_BEGINNING 4

static compat_bool dissect_by_beginning(tvbuff_t *tvb, packet_info *pinfo,
					proto_tree *tree, void *data,
					const struct beginning *beginning)
{
	guint size = (guint)strlen(beginning->bytes);
	guint available = MIN(size, tvb_captured_length(tvb));

	if (available < MIN_BEGINNING ||
	    tvb_strneql(tvb, 0, beginning->bytes, available) != 0)
		return FALSE;
	if (available < size) {
		pinfo->desegment_offset = 0;
		pinfo->desegment_len = DESEGMENT_ONE_MORE_SEGMENT;
		return pinfo->can_desegment > 0;
	}
	conversation_set_dissector(find_or_create_conversation(pinfo), beginning->handle);
	/* Who may ask for more is the next one, and not this one. */
	pinfo->can_desegment = pinfo->saved_can_desegment;
	return call_dissector_only(beginning->handle, tvb, pinfo, tree, data) > 0;
}

static compat_bool dissect_ssh(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
			       void *data)
{
	return dissect_by_beginning(tvb, pinfo, tree, data, &beginnings[0]);
}

static compat_bool dissect_http2(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
				 void *data)
{
	return dissect_by_beginning(tvb, pinfo, tree, data, &beginnings[1]);
}

static gpointer src_value(packet_info *pinfo)
{
	return GUINT_TO_POINTER(pinfo->srcport);
}

static gpointer dst_value(packet_info *pinfo)
{
	return GUINT_TO_POINTER(pinfo->destport);
}

static void src_label(packet_info *pinfo, gchar *label)
{
	snprintf(label, MAX_DECODE_AS_PROMPT_LEN, "source (%u)", pinfo->srcport);
}

static void dst_label(packet_info *pinfo, gchar *label)
{
	snprintf(label, MAX_DECODE_AS_PROMPT_LEN, "destination (%u)", pinfo->destport);
}

static void both_label(packet_info *pinfo, gchar *label)
{
	snprintf(label, MAX_DECODE_AS_PROMPT_LEN, "both (%u and %u)", pinfo->srcport,
		 pinfo->destport);
}

static void register_port_table(int proto)
{
	static build_valid_func src[] = { src_value };
	static build_valid_func dst[] = { dst_value };
	static build_valid_func both[] = { src_value, dst_value };
	static decode_as_value_t values[] = {
		{ src_label, G_N_ELEMENTS(src), src },
		{ dst_label, G_N_ELEMENTS(dst), dst },
		{ both_label, G_N_ELEMENTS(both), both },
	};
	static decode_as_t decode_as = {
		.name = "vsock",
		.table_name = PORT_TABLE,
		.num_items = G_N_ELEMENTS(values),
		.default_index_value = 1,
		.values = values,
		.pre_value_str = "vsock",
		.post_value_str = "port(s) as",
		.populate_list = decode_as_default_populate_list,
		.reset_value = decode_as_default_reset,
		.change_value = decode_as_default_change,
	};

	port_table = register_dissector_table(PORT_TABLE, "vsock port", proto, FT_UINT32,
					      BASE_DEC);
	register_decode_as(&decode_as);
}

static void *copy_rule(void *to, const void *from, size_t size)
{
	struct port_rule *copy = to;
	const struct port_rule *rule = from;

	(void)size;
	copy->port = rule->port;
	copy->protocol = g_strdup(rule->protocol);
	return copy;
}

static compat_bool update_rule(void *at, char **error)
{
	const struct port_rule *rule = at;

	if (rule->protocol && find_dissector(rule->protocol))
		return true;
	*error = g_strdup_printf("There is no dissector \"%s\"",
				 rule->protocol ? rule->protocol : "");
	return false;
}

static void free_rule(void *at)
{
	g_free(((struct port_rule *)at)->protocol);
}

static void register_preference(int proto)
{
	module_t *module = prefs_find_module("vsock");
	static uat_field_t fields[] = {
		UAT_FLD_DEC(port_rules, port, "Port", "Port of either end"),
		UAT_FLD_CSTRING(port_rules, protocol, "Dissector",
				"Who dissects its payload, such as ssh or http2"),
		UAT_END_FIELDS
	};
	uat_t *uat = uat_new("vsock ports", sizeof(struct port_rule), "vsock_ports", TRUE,
			     &port_rules, &port_rule_count, UAT_AFFECTS_DISSECTION, NULL,
			     copy_rule, update_rule, free_rule, NULL, NULL, fields);

	if (!module)
		module = prefs_register_protocol(proto, NULL);
	prefs_register_uat_preference(module, "ports", "Which port means what",
				      "Dissectors of the payload, by port. There is no "
				      "registry of vsock's ports, so only you know.",
				      uat);
}

void choice_register(int proto)
{
	register_port_table(proto);
	heuristics = register_heur_dissector_list("vsock", proto);
	register_preference(proto);
}

static void offer_in_decode_as(const gchar *table, gpointer handle, gpointer context)
{
	(void)table;
	(void)context;
	g_hash_table_add(tcp_handles, handle);
	dissector_add_for_decode_as(PORT_TABLE, handle);
}

static void add_heuristic(heur_dissector_t dissector, int proto)
{
	wmem_allocator_t *scope = wmem_epan_scope();

	heur_dissector_add("vsock", dissector,
			   wmem_strdup_printf(scope, "%s over vsock",
					      proto_get_protocol_short_name(
						      find_protocol_by_id(proto))),
			   wmem_strdup_printf(scope, "%s_vsock",
					      proto_get_protocol_filter_name(proto)),
			   proto, HEURISTIC_ENABLE);
}

/* Those of TCP's heuristics that are certain enough, and that ask nothing of TCP */
static void share_heuristic(const gchar *table, heur_dtbl_entry_t *entry,
			    gpointer context)
{
	static const char *const certain[] = { "http", "nbd", "tls" };
	int proto = proto_get_id(entry->protocol);

	(void)table;
	(void)context;
	for (size_t i = 0; i < G_N_ELEMENTS(certain); i++) {
		if (strcmp(proto_get_protocol_filter_name(proto), certain[i]) == 0)
			add_heuristic(entry->dissector, proto);
	}
}

static void take_over(void)
{
	tcp_handles = g_hash_table_new(NULL, NULL);
	dissector_table_foreach_handle("tcp.port", offer_in_decode_as, NULL);
	heur_dissector_table_foreach("tcp", share_heuristic, NULL);
}

static void let_go(void)
{
	g_hash_table_destroy(tcp_handles);
}

void choice_handoff(void)
{
	static const heur_dissector_t dissectors[] = { dissect_ssh, dissect_http2 };

	for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		struct beginning *beginning = &beginnings[i];

		beginning->handle = find_dissector(beginning->protocol);
		if (beginning->handle)
			add_heuristic(dissectors[i],
				      proto_get_id_by_filter_name(beginning->protocol));
	}
	/* What others register as they hand off is complete only later. */
	register_final_registration_routine(take_over);
	register_shutdown_routine(let_go);
}
