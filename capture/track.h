/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_TRACK_H
#define VSOCKDUMP_TRACK_H

/*
 * The flow tracker between the packets and whoever prints: what a packet meant, which
 * findings concern it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <vsockhdr/tracker.h>

#include "packet.h"

/**
 * struct finding_set - Findings of one frame, bit by enum vsockhdr_finding_id
 * @all:	All of them
 * @loud:	Those that are a warning or a violation
 */
struct finding_set {
	uint64_t all;
	uint64_t loud;
};

_Static_assert(VSOCKHDR_FINDING_COUNT <= 64, "a bit each");

/** finding_set_first() - Identifier of the lowest bit of a set that is not empty */
static inline const char *finding_set_first(uint64_t set)
{
	return vsockhdr_finding_info((enum vsockhdr_finding_id)__builtin_ctzll(set))
		->name;
}

/**
 * struct story - What a packet meant
 * @told:	What the tracker says
 * @findings:	Those that are about this packet, as far as known
 */
struct story {
	struct vsockhdr_told told;
	struct finding_set findings;
};

/** Findings that the first pass over a file keeps for packets before them */
#define TRACK_MAX_MARKS 1000000

/**
 * struct track_mark - A finding that became known after its frame had gone by
 * @frame:	The frame
 * @set:	The finding
 */
struct track_mark {
	uint64_t frame;
	struct finding_set set;
};

/**
 * struct track_marks - Such findings, in the order of frames once sorted
 * @mark:	They
 * @count:	How many
 * @room:	How many @mark has room for
 * @next:	Those before this one are used up
 */
struct track_marks {
	struct track_mark *mark;
	size_t count;
	size_t room;
	size_t next;
};

/** Connections whose outcome the first pass keeps: a byte each */
#define TRACK_MAX_OUTCOMES ((uint64_t)1 << 26)

/**
 * struct track_outcomes - How connections ended, by their numbers
 * @outcome:	Setup and close of each; 0: not known
 * @room:	How many @outcome has room for
 */
struct track_outcomes {
	uint8_t *outcome;
	size_t room;
};

/** track_keep_outcome() - The tracker let go of a connection */
void track_keep_outcome(struct track_outcomes *outcomes,
			const struct vsockhdr_flow *flow);

/**
 * track_outcome() - How a connection will have ended
 * @outcomes:	What a first pass found
 * @flow:	Number of the connection, or VSOCKHDR_NO_FLOW
 * @setup:	Set to how it began
 * @close:	Set to how it ended
 *
 * Return: false where that is not known
 */
bool track_outcome(const struct track_outcomes *outcomes, uint64_t flow,
		   enum vsockhdr_setup *setup, enum vsockhdr_close *close);

/**
 * struct track - A tracker at work
 * @tracker:	The tracker
 * @frame:	The frame that it is being fed
 * @found:	Findings of that frame so far
 * @later:	Where findings of earlier frames go, or NULL: the first pass
 * @marks:	What a first pass found, or NULL
 * @on_finding:	Who else wants findings, or NULL
 * @on_flow:	Who wants connections, or NULL
 * @context:	Given to both
 */
struct track {
	struct vsockhdr_tracker *tracker;
	uint64_t frame;
	struct finding_set found;
	struct track_marks *later;
	struct track_marks *marks;
	void (*on_finding)(void *context, const struct vsockhdr_finding *finding);
	void (*on_flow)(void *context, const struct vsockhdr_flow *flow);
	void *context;
};

/** "No finding is that bad": for @fail_on */
#define TRACK_NEVER ((enum vsockhdr_severity)(VSOCKHDR_VIOLATION + 1))

/**
 * track_start() - Make the tracker
 * @track:	Its other members are set
 * @limits:	Its time limits; the other members are not looked at
 *
 * Return: false, after a message, where there is no memory
 */
bool track_start(struct track *track, const struct vsockhdr_tracker_options *limits);

/** track_free() - Free the tracker */
void track_free(struct track *track);

/**
 * track_packet() - Follow a packet
 * @track:	The tracker
 * @pkt:	The packet
 * @lost:	Packets that the capture has lost before it
 * @story:	Where what it meant goes
 */
void track_packet(struct track *track, const struct packet *pkt, uint64_t lost,
		  struct story *story);

/**
 * track_expire() - Let time pass in a live capture
 * @track:	The tracker
 * @now_ns:	The time, in nanoseconds since 1970
 * @lost:	Packets that the capture has lost so far
 */
void track_expire(struct track *track, int64_t now_ns, uint64_t lost);

/** track_finish() - There are no more packets; @lost as above */
void track_finish(struct track *track, uint64_t lost);

/** track_marks_sort() - The first pass is over */
void track_marks_sort(struct track_marks *marks);

#endif
