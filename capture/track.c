/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: that a packet went unanswered is known long after it has been
 * printed. A regular file is therefore read twice where packets go to programs (--json):
 * the first pass keeps the findings that came too late (their "marks"), the second one
 * prints each packet with what is known of it at that moment, and its marks.
 */

#include "track.h"

#include <stdlib.h>
#include <string.h>

#include "message.h"

static void add(struct finding_set *set, const struct vsockhdr_finding *finding)
{
	uint64_t bit = UINT64_C(1) << finding->id;

	set->all |= bit;
	if (finding->severity >= VSOCKHDR_WARNING)
		set->loud |= bit;
}

/* What there is no room for is not shown with its packet */
static void keep_mark(struct track_marks *marks, const struct vsockhdr_finding *finding)
{
	struct track_mark *mark;

	if (marks->count == TRACK_MAX_MARKS)
		return;
	if (marks->count == marks->room) {
		size_t room = marks->room > 0 ? marks->room * 2 : 256;
		struct track_mark *more = realloc(marks->mark, room * sizeof(*more));

		if (!more)
			return;
		marks->mark = more;
		marks->room = room;
	}
	mark = &marks->mark[marks->count++];
	*mark = (struct track_mark) { .frame = finding->frame };
	add(&mark->set, finding);
}

static void on_finding(void *context, const struct vsockhdr_finding *finding)
{
	struct track *track = context;

	if (finding->frame == track->frame)
		add(&track->found, finding);
	else if (track->later)
		keep_mark(track->later, finding);
	if (track->on_finding)
		track->on_finding(track->context, finding);
}

static int compare_marks(const void *a, const void *b)
{
	uint64_t left = ((const struct track_mark *)a)->frame;
	uint64_t right = ((const struct track_mark *)b)->frame;

	return (left > right) - (left < right);
}

void track_marks_sort(struct track_marks *marks)
{
	if (marks->count > 0)
		qsort(marks->mark, marks->count, sizeof(*marks->mark), compare_marks);
}

static void take_marks(struct track_marks *marks, uint64_t frame, struct finding_set *set)
{
	while (marks->next < marks->count && marks->mark[marks->next].frame <= frame) {
		const struct track_mark *mark = &marks->mark[marks->next++];

		if (mark->frame == frame) {
			set->all |= mark->set.all;
			set->loud |= mark->set.loud;
		}
	}
}

/* Setup and close share a byte, of which none is 0. */
#define OUTCOME_KNOWN 0x80

void track_keep_outcome(struct track_outcomes *outcomes, const struct vsockhdr_flow *flow)
{
	if (flow->number >= TRACK_MAX_OUTCOMES)
		return;
	if (flow->number >= outcomes->room) {
		size_t room = outcomes->room > 0 ? outcomes->room : 1024;
		uint8_t *more;

		while (room <= flow->number)
			room *= 2;
		more = realloc(outcomes->outcome, room);
		if (!more)
			return;
		memset(more + outcomes->room, 0, room - outcomes->room);
		outcomes->outcome = more;
		outcomes->room = room;
	}
	outcomes->outcome[flow->number] =
		(uint8_t)(OUTCOME_KNOWN | (unsigned int)flow->close << 4 |
			  (unsigned int)flow->setup);
}

bool track_outcome(const struct track_outcomes *outcomes, uint64_t flow,
		   enum vsockhdr_setup *setup, enum vsockhdr_close *close)
{
	uint8_t outcome;

	if (flow >= outcomes->room)
		return false;
	outcome = outcomes->outcome[flow];
	*setup = (enum vsockhdr_setup)(outcome & 0xf);
	*close = (enum vsockhdr_close)(outcome >> 4 & 0x7);
	return outcome != 0;
}

static void on_flow(void *context, const struct vsockhdr_flow *flow)
{
	struct track *track = context;

	track->on_flow(track->context, flow);
}

bool track_start(struct track *track, const struct vsockhdr_tracker_options *limits)
{
	struct vsockhdr_tracker_options options = *limits;

	options.on_finding = on_finding;
	options.on_flow = track->on_flow ? on_flow : NULL;
	options.only_count = !track->on_flow;
	options.context = track;
	track->tracker = vsockhdr_tracker_new(&options);
	if (!track->tracker)
		message("out of memory");
	return track->tracker != NULL;
}

void track_free(struct track *track)
{
	vsockhdr_tracker_free(track->tracker);
	track->tracker = NULL;
}

void track_packet(struct track *track, const struct packet *pkt, uint64_t lost,
		  struct story *story)
{
	const struct vsockhdr_seen seen = {
		.frame = pkt->frame,
		.time_ns = packet_time_ns(pkt),
		.rec = &pkt->rec,
		.err = pkt->err,
		.lost = lost,
	};

	track->frame = pkt->frame;
	track->found = (struct finding_set) { 0 };
	vsockhdr_tracker_feed(track->tracker, &seen, &story->told);
	if (track->marks)
		take_marks(track->marks, pkt->frame, &track->found);
	story->findings = track->found;
}

void track_expire(struct track *track, int64_t now_ns, uint64_t lost)
{
	vsockhdr_tracker_lost(track->tracker, lost);
	vsockhdr_tracker_expire(track->tracker, now_ns);
}

void track_finish(struct track *track, uint64_t lost)
{
	/* The last frame has been printed: what comes now is late. */
	track->frame = 0;
	vsockhdr_tracker_lost(track->tracker, lost);
	vsockhdr_tracker_finish(track->tracker);
}
