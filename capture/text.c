/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A packet as a line of text, in the form of tcpdump's TCP lines:
 *
 *   TIME SRC > DST: TYPE OP, [flags [..],] buf_alloc N, fwd_cnt N, length N [STORY]
 *
 * packet_text.c writes the headers; the story is what the packet meant to its
 * connection, and text_story.c writes it. What cannot be known of a damaged record is
 * left out, and the reason stands in brackets at the end of the line.
 */

#include "text.h"

#include <string.h>

#include "finding_text.h"
#include "hexdump.h"
#include "packet_text.h"
#include "text_story.h"

/* A line's longest parts: time and number 96, processes 160, vsockmon header 256, further
 * lines 512 */
#define LINE_RESERVE (1024 + PACKET_TEXT_MAX + STORY_MAX)
_Static_assert(LINE_RESERVE <= OUTPUT_MAX_RESERVE, "a line fits");

/* -e: the vsockmon header, where tcpdump prints that of Ethernet */
static char *put_link_header(char *p, const struct packet *pkt)
{
	if (!pkt->rec.has_mon)
		return p;
	p = put_mon(p, &pkt->rec);
	return put_literal(put_u64(put_literal(p, "length "), pkt->wirelen), ": ");
}

static char *put_process(char *p, const struct text *text,
			 const struct vsockhdr_addr *local,
			 const struct vsockhdr_addr *peer)
{
	const char *process = processes_find(text->processes, local, peer);

	if (!process)
		return p;
	return put_mem(p, process, strnlen(process, PROCESSES_LEN));
}

/* -e: " [ssh/1234 > sshd/456]", as far as known */
static char *put_processes(char *p, const struct text *text, const struct packet *pkt)
{
	static const char arrow[] = " > ";
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;
	char *begin = p;
	char *from = put_literal(p, " [");
	char *to;

	record_addresses(&pkt->rec, &src, &dst);
	p = put_process(from, text, &src, &dst);
	to = put_string(p, arrow);
	p = put_process(to, text, &dst, &src);
	if (p == to && to == from + strlen(arrow))
		return begin;
	return put_literal(p, "]");
}

static char *put_details(char *p, const struct text *text, const struct packet *pkt)
{
	p = put_literal(p, "\t");
	if (pkt->rec.has_mon && !text->link_header)
		p = put_mon(p, &pkt->rec);
	p = put_u64(put_literal(p, "captured "), pkt->caplen);
	p = put_u64(put_literal(p, " of "), pkt->wirelen);
	return put_literal(p, " bytes\n");
}

/* -vv: the connection as it stands after the packet */
static char *put_connection(char *p, const struct vsockhdr_told *told)
{
	if (told->flow == VSOCKHDR_NO_FLOW)
		return put_literal(p, "\tno connection\n");
	p = put_u64(put_literal(p, "\tconnection "), told->flow);
	p = put_string(p, told->from == VSOCKHDR_CLIENT ? ", from its client"
							: ", from its server");
	if (told->credit_known) {
		p = put_u64(put_literal(p, ", in flight "), told->in_flight);
		p = put_u64(put_literal(p, ", free "), told->peer_free);
		p = put_u64(put_literal(p, " of "), told->peer_buf_alloc);
	}
	p = put_string(put_literal(p, ", "), vsockhdr_close_name(told->close));
	return put_literal(p, "\n");
}

static char *put_frame_number(char *p, uint64_t frame)
{
	int width = 5;

	for (uint64_t rest = frame; rest >= 10 && width > 1; rest /= 10)
		width--;
	for (; width > 1; width--)
		*p++ = ' ';
	return put_literal(put_u64(p, frame), "  ");
}

static char *put_line(char *p, struct text *text, const struct packet *pkt,
		      const struct story *story)
{
	if (text->number)
		p = put_frame_number(p, pkt->frame);
	p = put_timestamp(p, &text->timestamp, pkt->sec, pkt->nsec);
	if (text->link_header)
		p = put_link_header(p, pkt);
	p = put_packet(p, &pkt->rec, pkt->err, text->names, text->quiet);
	if (text->processes && pkt->rec.has_mon)
		p = put_processes(p, text, pkt);
	p = put_story(p, story, text->names, text->quiet);
	*p++ = '\n';
	return p;
}

static void print_bytes(const struct text *text, struct output *out,
			const struct packet *pkt)
{
	size_t from = text->bytes == TEXT_BYTES_RECORD ? 0 : VSOCKHDR_MON_LEN;

	if (from >= pkt->caplen)
		return;
	if (text->form == TEXT_FORM_ASCII)
		asciidump(out, pkt->data + from, pkt->caplen - from);
	else
		hexdump(out, pkt->data + from, pkt->caplen - from,
			text->form == TEXT_FORM_HEX_ASCII);
}

void text_print(struct text *text, struct output *out, const struct packet *pkt,
		const struct story *story)
{
	char *p = output_reserve(out, LINE_RESERVE);

	p = put_line(p, text, pkt, story);
	if (text->verbose >= 1)
		p = put_details(p, text, pkt);
	if (text->verbose >= 2)
		p = put_connection(p, &story->told);
	output_commit(out, p);
	if (text->bytes != TEXT_BYTES_NONE)
		print_bytes(text, out, pkt);
	output_end_line(out);
}

void text_print_finding(struct output *out, const struct vsockhdr_finding *finding)
{
	char *p = output_reserve(out, FINDING_TEXT_MAX + 64);

	p = put_u64(put_literal(p, "\tframe "), finding->frame);
	p = put_finding(put_literal(p, ": "), finding);
	output_commit(out, put_literal(p, "\n"));
	output_end_line(out);
}
