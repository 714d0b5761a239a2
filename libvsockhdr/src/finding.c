/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is true of each kind of finding, and its sentence.
 *
 * A sentence is a template. {src} and {dst} are the packet's ends, {fault} the end at
 * fault and {peer} the other one; any other {word} is the figure of that name, and one
 * that ends in _ns is printed as a time. A part in [brackets] is left out where
 * something in it is not known.
 */

#include <vsockhdr/finding.h>

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct kind {
	struct vsockhdr_finding_info info;
	const char *message;
};

/* Laid out by hand: clang-format has no good way with texts in tables */
/* clang-format off */
static const struct kind kinds[] = {
	[VSOCKHDR_HDR_TRUNCATED] = {
		{ "hdr.truncated", VSOCKHDR_VIOLATION, "linux/vsockmon.h",
		  "A packet ends inside its headers, although the capture kept all of "
		  "it.",
		  "A device or driver hands over a buffer shorter than the 44-byte "
		  "header, or the capture file is damaged.",
		  "Look at the packet's bytes (vsockdump -xx), and at how the sender "
		  "computes the length of its descriptor chain." },
		"A packet[ from {src} to {dst}] ends before its headers do. Its sender "
		"built it too short, or the capture file is damaged." },
	[VSOCKHDR_HDR_MON_MISMATCH] = {
		{ "hdr.mon_mismatch", VSOCKHDR_VIOLATION, "linux/vsockmon.h",
		  "The capturing kernel's header and the packet's own header name "
		  "different addresses or another kind of packet.",
		  "Memory that is changed while it is read, a damaged capture file, or "
		  "a capture made by something other than Linux.",
		  "Compare both headers in the packet's bytes (vsockdump -xx). If the "
		  "file was converted or merged, go back to the original." },
		"The packet from {src} to {dst} contradicts what the capturing kernel "
		"noted about it: one of the two descriptions of this packet is wrong." },
	[VSOCKHDR_HDR_BAD_OP] = {
		{ "hdr.bad_op", VSOCKHDR_VIOLATION, "5.10.6",
		  "A packet's op is a number that stands for no operation.",
		  "A field that was never filled in, or an implementation of something "
		  "that the specification does not have.",
		  "Look at the code of the sender that fills in op; 0 means that "
		  "nobody did." },
		"[{fault} sent {peer} a packet whose operation does not exist][ (op "
		"{op})][. {peer} can only drop it or reset the connection.][The "
		"{empty_bytes} bytes of a packet's header are all zero: a device or a "
		"driver handed over a buffer that it never filled in.]" },
	[VSOCKHDR_HDR_BAD_TYPE] = {
		{ "hdr.bad_type", VSOCKHDR_VIOLATION, "5.10.6.2",
		  "A packet is of a socket type other than stream and seqpacket.",
		  "A field that was never filled in, or datagram sockets, which exist "
		  "only as a proposal.",
		  "Look at the code of the sender that fills in type, and at the "
		  "features that device and driver agreed on." },
		"{fault} sent {peer} a packet of a socket type that does not exist[ "
		"(type {type})]. {peer} has to answer it by a reset." },
	[VSOCKHDR_HDR_CID_HIGH_BITS] = {
		{ "hdr.cid_high_bits", VSOCKHDR_VIOLATION, "5.10.6.2",
		  "The upper 32 bits of a CID, which are reserved, are not zero.",
		  "Uninitialised memory, or a 32-bit CID that was sign-extended.",
		  "Look at how the sender copies CIDs between 32 and 64 bits." },
		"{src} sent a packet to {dst}: a CID has at most 32 bits, so one of "
		"these addresses cannot be right." },
	[VSOCKHDR_HDR_RESERVED_CID] = {
		{ "hdr.reserved_cid", VSOCKHDR_VIOLATION, "5.10.4",
		  "A packet is from or to a CID that no end can have: 0 or 4294967295.",
		  "A wildcard that was never replaced by a real CID, or a guest that "
		  "sends before it has read its CID.",
		  "Look at where the sender takes its own CID and its peer's from." },
		"{src} sent a packet to {dst}: the CIDs 0 and 4294967295 belong to "
		"nobody, so one of these addresses cannot be right." },
	[VSOCKHDR_HDR_UNKNOWN_FLAGS] = {
		{ "hdr.unknown_flags", VSOCKHDR_WARNING, "5.10.6",
		  "A packet has flags that its op and type do not define.",
		  "Flags left over from another packet, or an extension that the peer "
		  "does not know.",
		  "Look at whether the sender clears flags for each packet." },
		"{fault} sent {peer} a packet with flags that mean nothing there[ "
		"(flag bits {flags})]. {peer} may misunderstand it." },
	[VSOCKHDR_HDR_LEN_MISMATCH] = {
		{ "hdr.len_mismatch", VSOCKHDR_VIOLATION, "5.10.6",
		  "A packet's len is not the number of payload bytes that came with it.",
		  "A length that was computed before the payload was split or cut, or "
		  "counted with the header.",
		  "Compare len with the size of the packet (vsockdump -xx), and look "
		  "at where the sender sets it." },
		"{fault} announced another number of bytes than it sent to {peer}[: "
		"{len} announced, {payload} sent]. {peer} loses track of the data." },
	[VSOCKHDR_HDR_LEN_ON_CONTROL] = {
		{ "hdr.len_on_control", VSOCKHDR_VIOLATION, "5.10.6",
		  "A packet that is no RW has payload.",
		  "A len left over from another packet.",
		  "Look at whether the sender clears len for control packets." },
		"{fault} sent {peer} data[ ({len} bytes)] in a packet that cannot "
		"carry any. The data is lost." },
	[VSOCKHDR_HDR_OVERSIZE] = {
		{ "hdr.oversize", VSOCKHDR_WARNING, "linux/virtio_vsock.h",
		  "A packet has more than 64 KiB of payload, the most that Linux takes.",
		  "A sender that puts a whole write into one packet.",
		  "Make the sender split its payload: a Linux peer drops such a "
		  "packet." },
		"{fault} sent {peer} a packet[ of {len} bytes], more than the 65536 "
		"bytes that Linux takes in one packet. A Linux end drops it." },

	[VSOCKHDR_CONN_REFUSED] = {
		{ "conn.refused", VSOCKHDR_NOTE, "5.10.6.5",
		  "A request to connect was answered by a reset.",
		  "Nobody listens on that port, the server has no room for more "
		  "connections, or it does not support the socket type.",
		  "See on the server's side whether the program listens (ss --vsock "
		  "-l), on which port, and on a stream or a seqpacket socket." },
		"{src} refused the connection that {dst} asked for: most likely no "
		"program listens at {src}." },
	[VSOCKHDR_CONN_UNANSWERED] = {
		{ "conn.unanswered", VSOCKHDR_VIOLATION, "5.10.6.5",
		  "A request to connect was neither accepted nor refused in time.",
		  "The other machine is not running, hangs, or its device dropped the "
		  "packet, as vhost does where the source CID is not the guest's; a "
		  "device that still keeps the ports for an old connection.",
		  "See whether other connections to the same end are answered, and "
		  "whether the same two ports were in use before." },
		"{peer} asked {fault} for a connection and had no answer[ after "
		"{waited_ns}]. {fault} has to accept or to refuse." },
	[VSOCKHDR_CONN_DUPLICATE_REQUEST] = {
		{ "conn.duplicate_request", VSOCKHDR_VIOLATION, "5.10.6.5",
		  "A request to connect came on a connection that is alive.",
		  "A client that takes the same local port twice, or repeats a request "
		  "although nothing can be lost.",
		  "Look at how the sender picks its local port." },
		"{fault} asked {peer} for a connection although the two ports are "
		"already connected to each other. {fault} uses a port that is taken." },
	[VSOCKHDR_CONN_SHARED_PAIR] = {
		{ "conn.shared_pair", VSOCKHDR_NOTE, "5.10.6.2",
		  "Two connections with the same addresses run at once, so their "
		  "packets cannot be told apart.",
		  "Network namespaces with CIDs of their own on one host: a capture "
		  "shows the traffic of them all.",
		  "Judge nothing about these two connections from this capture; let "
		  "the programs use different ports." },
		"A second connection between {src} and {dst} was accepted while the "
		"first is alive: two connections share these addresses, and nothing "
		"more can be said about either." },
	[VSOCKHDR_CONN_TUPLE_REUSE] = {
		{ "conn.tuple_reuse", VSOCKHDR_WARNING, "5.10.6.5",
		  "A request to connect came on two ports whose old connection was not "
		  "yet completely closed.",
		  "The old connection's final reset is missing (see close.no_rst), or "
		  "the client takes the port again too early.",
		  "Look at how the old connection ended: vsockdump --flows." },
		"{fault} asked {peer} for a new connection while the old one between "
		"the same two ports was not completely closed: {peer} may still be "
		"busy with the old one." },
	[VSOCKHDR_CONN_UNEXPECTED_RESPONSE] = {
		{ "conn.unexpected_response", VSOCKHDR_VIOLATION, "5.10.6.5",
		  "A connection was accepted that nobody asked for.",
		  "An answer sent twice, sent to the wrong port, or sent long after "
		  "the connection ended.",
		  "Look at what the two ports did before this packet." },
		"{fault} accepted a connection that {peer} had not asked for." },
	[VSOCKHDR_CONN_TYPE_CHANGE] = {
		{ "conn.type_change", VSOCKHDR_VIOLATION, "5.10.6.2",
		  "A packet is of another socket type than its connection.",
		  "A sender that fills in type from a constant instead of from the "
		  "socket.",
		  "Look at which packets of this sender have which type; often it is "
		  "only those of one op." },
		"{fault} sent a packet of another socket type than the connection to "
		"{peer} has: stream and seqpacket do not mix." },
	[VSOCKHDR_CONN_NO_CONNECTION] = {
		{ "conn.no_connection", VSOCKHDR_WARNING, "5.10.6.5",
		  "An end uses a connection that its peer does not have.",
		  "The peer was restarted, migrated, or closed the connection without "
		  "telling.",
		  "Look at what happened at the end that sent the reset before this "
		  "time." },
		"{fault} used a connection that {peer} knows nothing about, and was "
		"reset. {peer} may have been restarted since the connection was made." },

	[VSOCKHDR_CREDIT_OVERRUN] = {
		{ "credit.overrun", VSOCKHDR_VIOLATION, "5.10.6.3",
		  "An end sent more than its peer had room for.",
		  "A sender that does not compute its credit, computes it with the "
		  "wrong fwd_cnt, or lets two threads spend it.",
		  "Look at the credit before the packet (vsockdump prints it as free), "
		  "and at where the sender checks it." },
		"{fault} sent {len} bytes although {peer} had room for {allowed} only: "
		"{over} bytes too many. {fault} ignores the credit that it is given." },
	[VSOCKHDR_CREDIT_FWD_CNT_AHEAD] = {
		{ "credit.fwd_cnt_ahead", VSOCKHDR_VIOLATION, "5.10.6.3",
		  "An end says that it consumed bytes which were never sent to it.",
		  "One counter for all connections, one that is not reset for a new "
		  "connection, or one that counts headers, too.",
		  "Look at where this end counts fwd_cnt, and whether the number fits "
		  "another connection." },
		"{fault} says that it consumed {fwd_cnt} bytes, but {peer} sent only "
		"{sent} on this connection. {fault} counts wrongly: {peer} may send too "
		"much or, as Linux does, nothing more." },
	[VSOCKHDR_CREDIT_FWD_CNT_REGRESS] = {
		{ "credit.fwd_cnt_regress", VSOCKHDR_VIOLATION, "5.10.6.3",
		  "An end's count of consumed bytes went backwards.",
		  "A counter read without its lock, packets put in another order, or a "
		  "counter that a migration or restart reset.",
		  "Look at where this end fills in fwd_cnt, and at its packets just "
		  "before." },
		"{fault} says that it consumed {fwd_cnt} bytes, after it had said "
		"{previous}: this count never goes down. {peer} can no longer know how "
		"much it may send." },
	[VSOCKHDR_CREDIT_REQUEST_UNANSWERED] = {
		{ "credit.request_unanswered", VSOCKHDR_VIOLATION, "5.10.6.3",
		  "An end asked how much it may send and got no answer in time.",
		  "A peer that does not implement CREDIT_REQUEST, or that hangs.",
		  "Look at what the end at fault does with the op CREDIT_REQUEST." },
		"{peer} asked {fault} how much it may send and got no answer[ in "
		"{waited_ns}]. {fault} has to answer at once." },
	[VSOCKHDR_CREDIT_STALL] = {
		{ "credit.stall", VSOCKHDR_WARNING, "5.10.6.3",
		  "A sender had to wait long for its peer to make room.",
		  "A program that reads slowly, a buffer that is small for the "
		  "traffic, or a peer that tells late that it has read.",
		  "Look at what the receiving program did in that time; if it did "
		  "read, at when its end sends CREDIT_UPDATE." },
		"{peer} had to wait {stalled_ns} until {fault} made room[ in its "
		"buffer of {buf_alloc} bytes]. {fault} reads slowly, or tells late "
		"that it has read." },
	[VSOCKHDR_CREDIT_STARVED] = {
		{ "credit.starved", VSOCKHDR_WARNING, "5.10.6.3",
		  "A sender waited for room in its peer's buffer and never got it.",
		  "A receiver that consumes data without telling (no CREDIT_UPDATE), "
		  "or a program that no longer reads.",
		  "See whether the receiving program still reads. If it does, its "
		  "device or driver does not send credit." },
		"{peer} was not allowed to send anything more after {sent} bytes: "
		"{fault} never made room again[, and {peer} had waited {stalled_ns} at "
		"the end]. {fault} does not read, or does not tell that it has read." },
	[VSOCKHDR_CREDIT_SHRUNK] = {
		{ "credit.shrunk", VSOCKHDR_NOTE, "5.10.6.3",
		  "An end took back some of the room that it had promised.",
		  "A program made its receive buffer smaller "
		  "(SO_VM_SOCKETS_BUFFER_SIZE).",
		  "Nothing, unless a stall follows: data already on its way may exceed "
		  "the smaller buffer." },
		"{fault} took back part of its promise: {peer} was allowed to send up "
		"to byte {from}, and now only up to byte {to}." },
	[VSOCKHDR_CREDIT_ZERO_WINDOW] = {
		{ "credit.zero_window", VSOCKHDR_WARNING, "5.10.6.3",
		  "An end of an open connection says that it has no buffer at all.",
		  "A buf_alloc that was never filled in, in some kinds of packets or "
		  "in all.",
		  "Look at which packets of this end have buf_alloc 0, and at the code "
		  "that makes them." },
		"{fault} says that its receive buffer has 0 bytes: {peer} must not "
		"send anything. Most likely {fault} forgot to fill in buf_alloc." },

	[VSOCKHDR_CLOSE_RW_AFTER_SHUTDOWN] = {
		{ "close.rw_after_shutdown", VSOCKHDR_VIOLATION, "5.10.6.5",
		  "An end sent data after it had said that it would send no more.",
		  "A SHUTDOWN that overtakes data still queued, or flags set by "
		  "mistake.",
		  "Look at the order in which this end queues data and SHUTDOWN." },
		"{fault} sent {peer} data after it had said that it would send no "
		"more. {peer} may have stopped reading already." },
	[VSOCKHDR_CLOSE_RW_TO_CLOSED] = {
		{ "close.rw_to_closed", VSOCKHDR_WARNING, "5.10.6.5",
		  "Data went to an end that had said it would receive no more: it is "
		  "lost.",
		  "The data was on its way when the receiver closed; a receiver that "
		  "shuts down both directions where its program closed only one.",
		  "See whether the receiving program really closed for reading; if it "
		  "only ended its writing, its end should send SHUTDOWN with SEND "
		  "alone." },
		"{fault} had said that it would receive no more, so the [{len} bytes "
		"of ]data that {peer} sent it are lost. If the program at {fault} "
		"still wanted to read, {fault} closed too much." },
	[VSOCKHDR_CLOSE_NO_RST] = {
		{ "close.no_rst", VSOCKHDR_WARNING, "5.10.6.5",
		  "Both directions were shut down, and the reset that completes the "
		  "close did not come in time.",
		  "A peer that does not answer SHUTDOWN by RST, or that hangs.",
		  "Look at what the end at fault does on SHUTDOWN with both flags. "
		  "Until the reset, the two ports should not be used again." },
		"{fault} never confirmed that the connection to {peer} is closed. It "
		"has to send a reset once both directions are shut down." },
	[VSOCKHDR_CLOSE_HALF_OPEN] = {
		{ "close.half_open", VSOCKHDR_NOTE, "5.10.6.5",
		  "One direction was shut down, and nothing happened after that.",
		  "A program that waits for the other end to close, a device that does "
		  "not pass the shutdown on, or a close that takes two SHUTDOWNs of "
		  "which one is missing.",
		  "See whether the program at the other end was told (its read returns "
		  "0)." },
		"{src} closed one direction of its connection to {dst}, and nothing "
		"followed: the connection hangs half open. See whether {dst} got to "
		"know." },
	[VSOCKHDR_CLOSE_RESET] = {
		{ "close.reset", VSOCKHDR_WARNING, "5.10.6.5",
		  "A connection was ended by a reset instead of being shut down.",
		  "A program that was killed or closed with data unread, or an end "
		  "that found its peer at fault.",
		  "Look at the findings and packets just before it; bytes not consumed "
		  "are lost." },
		"{src} broke off the connection to {dst}[, which had broken the protocol "
		"in frame {violation_frame}][. Bytes that were sent and not known to be "
		"read: {unconsumed_client} from the client, "
		"{unconsumed_server} from the server]." },
	[VSOCKHDR_CLOSE_RST_REPLY_TO_RST] = {
		{ "close.rst_reply_to_rst", VSOCKHDR_VIOLATION, "5.10.6.5",
		  "An end answered a reset by a reset.",
		  "A device that answers every packet without a connection by RST, and "
		  "does not except RST.",
		  "Look at the code that answers packets of unknown connections: it "
		  "must drop an RST." },
		"{fault} answered a reset from {peer} by a reset. Such an answer can "
		"hit the next connection between the same two ports; {fault} must drop "
		"resets that concern no connection." },
	[VSOCKHDR_CLOSE_STALE_RST] = {
		{ "close.stale_rst", VSOCKHDR_WARNING, "5.10.6.5",
		  "A reset that belonged to the two ports' previous connection ended "
		  "the next one.",
		  "Resets that answer resets (close.rst_reply_to_rst), or a port that "
		  "is used again too early.",
		  "Look at how the previous connection ended, and at how the client "
		  "picks its port." },
		"{fault} sent a reset that belongs to the previous connection with "
		"{peer} and killed the new one, which uses the same two ports." },
	[VSOCKHDR_CLOSE_AFTER_RST] = {
		{ "close.after_rst", VSOCKHDR_NOTE, "5.10.6.5",
		  "A packet came for a connection that had been reset.",
		  "It was on its way when the reset was sent.",
		  "Nothing, unless there are many: then an end does not notice the "
		  "reset." },
		"{fault} sent {peer} a packet after the connection had been reset. It "
		"was probably on its way already." },

	[VSOCKHDR_SEQ_EOM_MISSING] = {
		{ "seq.eom_missing", VSOCKHDR_WARNING, "5.10.6.6",
		  "A connection ended inside a message: its last packet is missing.",
		  "The sender was killed, or does not set EOM on a message's last "
		  "packet.",
		  "See whether this sender ever sets EOM." },
		"{fault} never finished its last message[: {bytes} bytes of it were "
		"sent]. {peer} drops an incomplete message." },
	[VSOCKHDR_SEQ_EOR_WITHOUT_EOM] = {
		{ "seq.eor_without_eom", VSOCKHDR_VIOLATION, "5.10.6.6",
		  "A packet ends a record but not a message.",
		  "A sender that sets EOR on every packet of a message instead of on "
		  "the last.",
		  "Look at where the sender sets its flags when it splits a message." },
		"{fault} marked the end of a record inside a message to {peer}: a "
		"record can end only where a message does." },
	[VSOCKHDR_SEQ_FLAGS_ON_STREAM] = {
		{ "seq.flags_on_stream", VSOCKHDR_VIOLATION, "5.10.6.6",
		  "A packet of a stream connection has the flags of a message's end.",
		  "A sender that uses the same code for both socket types.",
		  "Look at where the sender sets EOM and EOR." },
		"{fault} marked the end of a message on a stream connection to {peer}, "
		"which has no messages." },
	[VSOCKHDR_SEQ_MESSAGE_TOO_BIG] = {
		{ "seq.message_too_big", VSOCKHDR_WARNING, "5.10.6.6",
		  "A message is larger than the receiver's whole buffer.",
		  "A sender that does not check a message's size against buf_alloc, or "
		  "that never sets EOM.",
		  "Make the message smaller or the receiver's buffer larger "
		  "(SO_VM_SOCKETS_BUFFER_SIZE)." },
		"{fault} sent a message of at least {message} bytes, and {peer} has a "
		"buffer of {buf_alloc}: {peer} can never put it together." },
};
/* clang-format on */

_Static_assert(COUNT(kinds) == VSOCKHDR_FINDING_COUNT, "a text for each finding");

static const char *const severities[] = {
	[VSOCKHDR_NOTE] = "note",
	[VSOCKHDR_WARNING] = "warning",
	[VSOCKHDR_VIOLATION] = "violation",
};

static const char loss[] =
	" (the capture itself lacks packets, which may be all that there is to it)";

/* Text that grows in a buffer which may be too small: len is what it would take */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

/* Longest value of a placeholder: an address */
#define VALUE_LEN VSOCKHDR_ADDR_STRLEN

/* What stands for a value that is not known */
#define UNKNOWN "(unknown)"

const struct vsockhdr_finding_info *vsockhdr_finding_info(enum vsockhdr_finding_id id)
{
	return (size_t)id < COUNT(kinds) ? &kinds[id].info : NULL;
}

int vsockhdr_finding_parse(const char *name, enum vsockhdr_finding_id *id)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i].info.name, name) == 0) {
			*id = (enum vsockhdr_finding_id)i;
			return VSOCKHDR_OK;
		}
	}
	return VSOCKHDR_ERR_NAME;
}

const char *vsockhdr_severity_name(enum vsockhdr_severity severity)
{
	return (size_t)severity < COUNT(severities) ? severities[severity] : NULL;
}

int vsockhdr_severity_parse(const char *name, enum vsockhdr_severity *severity)
{
	for (size_t i = 0; i < COUNT(severities); i++) {
		if (strcmp(severities[i], name) == 0) {
			*severity = (enum vsockhdr_severity)i;
			return VSOCKHDR_OK;
		}
	}
	return VSOCKHDR_ERR_NAME;
}

static void append(struct text *text, const char *from, size_t len)
{
	if (text->len < text->size) {
		size_t room = text->size - text->len;

		memcpy(text->buf + text->len, from, len < room ? len : room);
	}
	text->len += len;
}

/* Nanoseconds in the largest unit of which there is at least one, three decimals */
static void format_time(char *to, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" } };

	for (size_t i = 0; i < COUNT(units); i++) {
		if (ns >= units[i].ns) {
			snprintf(to, VALUE_LEN, "%" PRIu64 ".%03" PRIu64 " %s",
				 ns / units[i].ns, ns % units[i].ns * 1000 / units[i].ns,
				 units[i].name);
			return;
		}
	}
	snprintf(to, VALUE_LEN, "%" PRIu64 " ns", ns);
}

/* Names of templates are static text of this file, not ended by NUL */
static bool is(const char *name, size_t len, const char *other)
{
	return strlen(other) == len && memcmp(name, other, len) == 0;
}

static bool same_addr(const struct vsockhdr_addr *a, const struct vsockhdr_addr *b)
{
	return a->cid == b->cid && a->port == b->port;
}

/* The end that a placeholder names. Return: it is one, and known */
static bool find_addr(const struct vsockhdr_finding *finding, const char *name,
		      size_t len, struct vsockhdr_addr *addr)
{
	bool from_fault = same_addr(&finding->fault, &finding->src);
	const struct {
		const char *name;
		const struct vsockhdr_addr *addr;
		bool known;
	} ends[] = {
		{ "src", &finding->src, finding->has_addresses },
		{ "dst", &finding->dst, finding->has_addresses },
		{ "fault", &finding->fault, finding->has_fault },
		{ "peer", from_fault ? &finding->dst : &finding->src,
		  finding->has_fault && finding->has_addresses },
	};

	for (size_t i = 0; i < COUNT(ends); i++) {
		if (ends[i].known && is(name, len, ends[i].name)) {
			*addr = *ends[i].addr;
			return true;
		}
	}
	return false;
}

/* The value of a placeholder as text. Return: it is known */
static bool format_value(char *to, const struct vsockhdr_finding *finding,
			 const char *name, size_t len)
{
	struct vsockhdr_addr addr;

	if (find_addr(finding, name, len, &addr)) {
		vsockhdr_addr_format(to, VALUE_LEN, &addr);
		return true;
	}
	for (unsigned int i = 0; i < finding->figures && i < VSOCKHDR_MAX_FIGURES; i++) {
		const struct vsockhdr_figure *figure = &finding->figure[i];

		if (!is(name, len, figure->name))
			continue;
		if (len > 3 && is(name + len - 3, 3, "_ns"))
			format_time(to, figure->value);
		else
			snprintf(to, VALUE_LEN, "%" PRIu64, figure->value);
		return true;
	}
	snprintf(to, VALUE_LEN, UNKNOWN);
	return false;
}

static void expand(struct text *text, const char *from,
		   const struct vsockhdr_finding *finding)
{
	size_t part = 0;
	bool known = true;

	while (*from != '\0') {
		size_t len = strcspn(from, "{}[]");
		char value[VALUE_LEN];

		append(text, from, len);
		from += len;
		if (*from == '[') {
			part = text->len;
			known = true;
		} else if (*from == ']' && !known) {
			text->len = part;
		} else if (*from == '{') {
			from++;
			len = strcspn(from, "}");
			known = format_value(value, finding, from, len) && known;
			append(text, value, strlen(value));
			from += len;
		}
		if (*from != '\0')
			from++;
	}
}

size_t vsockhdr_finding_message(char *buf, size_t size,
				const struct vsockhdr_finding *finding)
{
	struct text text = { .buf = buf, .size = size };

	assert(finding && (buf || size == 0));
	if ((size_t)finding->id < COUNT(kinds))
		expand(&text, kinds[finding->id].message, finding);
	if (finding->capture_loss)
		append(&text, loss, strlen(loss));
	if (size > 0)
		buf[text.len < size ? text.len : size - 1] = '\0';
	return text.len;
}
