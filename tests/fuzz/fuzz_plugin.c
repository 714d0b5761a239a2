/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Any packets through the Wireshark plugin, in Wireshark's own engine. The input is what
 * is asked for, and then packets: bytes captured (two bytes), bytes more on the wire,
 * time since the one before, and the packet. As in Wireshark, each is dissected once in
 * order, and then any of them again in any order: what it says then must be the same.
 *
 * To open a capture takes Wireshark a tenth of a second, nearly all of it for other
 * protocols. So many inputs are one capture to Wireshark, their frames numbered on and
 * on, and between them the plugin alone is told that a capture is closed and another
 * opened: what it registers for that passes through here (the linker's --wrap).
 *
 * Ports 0 to 255 belong to a protocol of this file, which wants all that a dissector of
 * payload can want: more bytes, one more segment, all until the end.
 */

#include "compat.h"

#include <epan/column-utils.h>
#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/frame_data.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <epan/tap.h>
#include <epan/tvbuff.h>
#include <stdint.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#include "fuzz.h"
#include "prefs.h"

#define MAX_FRAMES   64
#define MAX_ROUTINES 8
#define MAX_INPUTS   1000
#define OWN_PORTS    256

/* The plugin's, which Wireshark finds by name where it is a file */
void plugin_register(void);

/** struct packet_provider_data - What Wireshark asks about the file: the input's frames,
 * the first of which has the number @first */
struct packet_provider_data {
	frame_data frame[MAX_FRAMES];
	wtap_rec rec[MAX_FRAMES];
	const uint8_t *bytes[MAX_FRAMES];
	uint32_t said[MAX_FRAMES];
	unsigned int first;
	unsigned int count;
};

/** struct routines - What the plugin wants called when a capture is opened or closed */
struct routines {
	void (*call[MAX_ROUTINES])(void);
	size_t count;
};

static int own_proto;
static struct packet_provider_data file;
static epan_t *session;
static unsigned int inputs;
static struct routines openers;
static struct routines closers;

void __real_register_init_routine(void (*routine)(void));
void __wrap_register_init_routine(void (*routine)(void));
void __real_register_cleanup_routine(void (*routine)(void));
void __wrap_register_cleanup_routine(void (*routine)(void));

static void add_routine(struct routines *routines, void (*routine)(void))
{
	CHECK(routines->count < MAX_ROUTINES);
	routines->call[routines->count++] = routine;
}

void __wrap_register_init_routine(void (*routine)(void))
{
	add_routine(&openers, routine);
	__real_register_init_routine(routine);
}

void __wrap_register_cleanup_routine(void (*routine)(void))
{
	add_routine(&closers, routine);
	__real_register_cleanup_routine(routine);
}

static void call_all(const struct routines *routines)
{
	for (size_t i = 0; i < routines->count; i++)
		routines->call[i]();
}

static const nstime_t *frame_time(struct packet_provider_data *of, guint32 number)
{
	return number >= of->first && number < of->first + of->count
		       ? &of->frame[number - of->first].abs_ts
		       : NULL;
}

/* A PDU is a byte that says how long it is, and so many more. Some lengths ask for what
 * is not known. */
static int dissect_own(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
	guint size = tvb_reported_length(tvb);
	guint offset = 0;

	(void)data;
	proto_tree_add_item(tree, own_proto, tvb, 0, -1, ENC_NA);
	while (offset < size) {
		guint length = 1 + (guint)tvb_get_guint8(tvb, (gint)offset);

		if (length <= size - offset) {
			offset += length;
			continue;
		}
		if (!pinfo->can_desegment)
			break;
		pinfo->desegment_offset = (int)offset;
		pinfo->desegment_len = length - (size - offset);
		if (length == 256)
			pinfo->desegment_len = DESEGMENT_ONE_MORE_SEGMENT;
		if (length == 255)
			pinfo->desegment_len = DESEGMENT_UNTIL_FIN;
		break;
	}
	return (int)size;
}

static void register_own(void)
{
	own_proto = proto_register_protocol("Fuzzed payload", "Fuzzed", "fuzzed");
}

static void hand_off_own(void)
{
	dissector_handle_t handle = create_dissector_handle(dissect_own, own_proto);

	for (guint port = 0; port < OWN_PORTS; port++)
		dissector_add_uint("vsock.port", port, handle);
}

/* A capture for the plugin; now and then also for Wireshark */
static void open_capture(void)
{
	static const struct packet_provider_funcs funcs = {
		.get_frame_ts = frame_time,
	};
	unsigned int next = file.first + file.count;

	memset(&file, 0, sizeof(file));
	if (session && inputs++ % MAX_INPUTS != 0) {
		file.first = next;
		call_all(&closers);
		call_all(&openers);
		return;
	}
	if (session)
		epan_free(session);
	file.first = 1;
	session = epan_new(&file, &funcs);
	CHECK(session);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer says what it is given */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const proto_plugin own = {
		.register_protoinfo = register_own,
		.register_handoff = hand_off_own,
	};

	(void)argc;
	/* Memory of Wireshark's is taken from malloc(), where its end is seen. */
	CHECK(setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", 1) == 0);
	CHECK(setenv("WIRESHARK_ABORT_ON_DISSECTOR_BUG", "1", 1) == 0);
	CHECK(setenv("HOME", "/nonexistent", 1) == 0);
	ws_log_init("fuzz_plugin", NULL);
	init_process_policies();
	g_free(configuration_init((*argv)[0], NULL));
	wtap_init(FALSE);
	proto_register_plugin(&own);
	plugin_register();
	CHECK(epan_init(NULL, NULL, FALSE));
	CHECK(proto_get_id_by_short_name("Fuzzed") >= 0);
	CHECK(proto_registrar_get_id_byname("vsock.stream") >= 0);
	epan_load_settings();
	return 0;
}

static void take_frame(struct input *in, int64_t *now)
{
	unsigned int index = file.count++;
	size_t size = (size_t)take_byte(in) << 8;
	wtap_rec *rec = &file.rec[index];
	uint32_t more;

	size |= take_byte(in);
	more = take_byte(in);
	*now += ((int64_t)take_byte(in) - 16) * 10000000;
	if (size > in->size)
		size = in->size;
	file.bytes[index] = in->data;
	in->data += size;
	in->size -= size;
	rec->rec_type = REC_TYPE_PACKET;
	rec->presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
	rec->tsprec = WTAP_TSPREC_NSEC;
	rec->ts.secs = (time_t)(*now / 1000000000);
	rec->ts.nsecs = (int)(*now % 1000000000);
	rec->rec_header.packet_header.caplen = (guint32)size;
	rec->rec_header.packet_header.len = (guint32)size + more;
	rec->rec_header.packet_header.pkt_encap = WTAP_ENCAP_VSOCK;
	frame_data_init(&file.frame[index], file.first + index, rec, 0, 0);
}

static void add_text(proto_node *node, gpointer context)
{
	uint32_t *sum = context;
	char label[ITEM_LABEL_LENGTH] = "";

	if (PNODE_FINFO(node)) {
		proto_item_fill_label(PNODE_FINFO(node), label);
		*sum = g_str_hash(label) + *sum * 31;
	}
	proto_tree_children_foreach(node, add_text, context);
}

/* Return: what it says of a frame, as a number */
static uint32_t dissect_frame(unsigned int index)
{
	frame_data *frame = &file.frame[index];
	const frame_data *reference = NULL;
	nstime_t elapsed = NSTIME_INIT_ZERO;
	uint8_t *bytes = g_memdup2(file.bytes[index], frame->cap_len);
	guint32 sum = 0;
	epan_dissect_t *edt;
	tvbuff_t *tvb;

	/* Its own block of memory, so that AddressSanitizer sees a byte too far */
	tvb = tvb_new_real_data(bytes, frame->cap_len, (gint)frame->pkt_len);
	if (bytes)
		tvb_set_free_cb(tvb, g_free);
	edt = epan_dissect_new(session, TRUE, TRUE);
	frame_data_set_before_dissect(frame, &elapsed, &reference, NULL);
	epan_dissect_run_with_taps(edt, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &file.rec[index],
				   tvb, frame, NULL);
	frame_data_set_after_dissect(frame, &sum);
	sum = 0;
	proto_tree_children_foreach(edt->tree, add_text, &sum);
	epan_dissect_free(edt);
	return sum;
}

/* Every frame says the same, whichever was looked at before it. */
static void visit_again(void)
{
	for (unsigned int i = file.count; i > 0; i--)
		file.said[i - 1] = dissect_frame(i - 1);
	for (unsigned int i = 0; i < file.count; i++)
		CHECK(dissect_frame(i) == file.said[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	int64_t now = INT64_C(1700000000) * 1000000000;
	uint8_t choice = take_byte(&in);

	vsock_prefs.analyse_credit = !(choice & 1);
	vsock_prefs.reassemble_streams = !(choice & 2);
	vsock_prefs.reassemble_messages = !(choice & 4);
	open_capture();
	while (in.size > 4 && file.count < MAX_FRAMES) {
		take_frame(&in, &now);
		dissect_frame(file.count - 1);
	}
	visit_again();
	for (unsigned int i = 0; i < file.count; i++)
		frame_data_destroy(&file.frame[i]);
	return 0;
}
