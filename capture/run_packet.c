/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Every packet that is printed or reported on is followed by the tracker; only counting
 * and copying do without it, unless --fail-on or --where ask for its verdict.
 */

#include "run.h"

/* Time stamps further from 1970 than this come from a broken file; within it, times
 * can be subtracted without overflow */
#define MAX_SEC (INT64_C(1) << 60)

static int64_t clamp_sec(int64_t sec)
{
	if (sec > MAX_SEC)
		return MAX_SEC;
	return sec < -MAX_SEC ? -MAX_SEC : sec;
}

void run_make_packet(const struct run *run, struct packet *pkt, uint64_t frame,
		     const struct pcap_pkthdr *header, const u_char *bytes)
{
	size_t snaplen = (size_t)run->options->snaplen;
	int64_t nsec = header->ts.tv_usec;
	int64_t carry = 0;

	if (nsec < 0 || nsec >= NSEC_PER_SEC) {
		carry = nsec / NSEC_PER_SEC;
		nsec %= NSEC_PER_SEC;
	}
	if (nsec < 0) {
		nsec += NSEC_PER_SEC;
		carry--;
	}
	pkt->frame = frame;
	pkt->sec = clamp_sec(clamp_sec(header->ts.tv_sec) + carry);
	pkt->nsec = (uint32_t)nsec;
	pkt->data = bytes;
	pkt->caplen = header->caplen < snaplen ? header->caplen : snaplen;
	pkt->wirelen = header->len;
}

void run_follow(const struct run *run, struct track *track, const struct sink *sink,
		struct packet *pkt, struct story *story)
{
	pkt->err =
		vsockhdr_record_decode(&pkt->rec, pkt->data, pkt->caplen, pkt->wirelen);
	track_packet(track, pkt, run->incomplete ? pkt->frame : sink->lost, story);
}

bool run_expect(struct track *track, const u_char *headers)
{
	const u_char *hdr = headers + VSOCKHDR_MON_LEN;
	const struct vsockhdr_addr src = { vsockhdr_get_src_cid(hdr),
					   vsockhdr_get_src_port(hdr) };
	const struct vsockhdr_addr dst = { vsockhdr_get_dst_cid(hdr),
					   vsockhdr_get_dst_port(hdr) };

	return vsockhdr_tracker_expect(track->tracker, &src, &dst);
}

uint64_t run_lost(const struct run *run, const struct sink *sink)
{
	return run->incomplete ? sink->count + 1 : sink->lost;
}

/* Whether a packet that the filter has passed is wanted, by what is known of it */
static bool is_wanted(const struct run *run, const struct packet *pkt,
		      const struct story *story)
{
	struct filter_subject subject;

	if (!run->selection.where)
		return true;
	subject = (struct filter_subject) { .pkt = pkt, .story = story };
	subject.outcome_known = track_outcome(&run->outcomes, story->told.flow,
					      &subject.setup, &subject.close);
	return selection_wants(&run->selection, &subject);
}

/* Follow a packet. Return: whether it is wanted */
static bool follow(struct run *run, const struct sink *sink, bool passes,
		   struct packet *pkt, struct story *story)
{
	bool filters = passes && selection_filters(&run->selection);

	if (filters)
		selection_note_frame(&run->selection, pkt->frame);
	run_follow(run, &run->track, sink, pkt, story);
	if (filters && story->told.flow != VSOCKHDR_NO_FLOW)
		selection_note_flow(&run->selection, story->told.flow);
	return passes && is_wanted(run, pkt, story);
}

void run_packet(struct sink *sink, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct run *run = sink->context;
	bool wanted = selection_passes(&run->selection, header, bytes);
	struct packet pkt;
	struct story story;

	sink->count++;
	if (!wanted && !run->tracked)
		return;
	run_make_packet(run, &pkt, sink->count, header, bytes);
	if (run->tracked)
		wanted = follow(run, sink, wanted, &pkt, &story);
	if (wanted) {
		run->shown++;
		run_print(run, &pkt, &story);
	}
	if (run->options->count > 0 && run->shown >= run->options->count)
		sink->wanted = false;
	if (run->failed || run->out.error)
		sink->wanted = false;
}
