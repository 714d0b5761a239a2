/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_MODEL_GENERATE_H
#define VSOCKHDR_MODEL_GENERATE_H

/*
 * Sequences of packets that correct peers could exchange, and the same with one fault in
 * them. A sequence depends on its seed alone.
 */

#include <vsockhdr/finding.h>

#include "build.h"

/** No fault, in place of an enum vsockhdr_finding_id */
#define NO_FAULT VSOCKHDR_FINDING_COUNT

/**
 * struct sequence - A sequence
 * @packet:	Its packets
 * @count:	How many
 * @faulty:	The fault that was asked for is in it
 * @frame:	The packet, from 1, that the fault's finding must name
 * @fault:	The end at fault; valid if @has_fault
 * @has_fault:	One end is at fault
 */
struct sequence {
	struct packet *packet;
	size_t count;
	size_t room;
	bool faulty;
	uint64_t frame;
	struct vsockhdr_addr fault;
	bool has_fault;
};

/**
 * generate() - Make a sequence
 * @sequence:	Where it goes; what is there is reused
 * @seed:	Chooses it
 * @count:	Packets to make, or a few more
 * @fault:	The one fault that it shall have, from the packet at @fault_at on as soon
 *		as it can be; NO_FAULT
 */
void generate(struct sequence *sequence, uint64_t seed, size_t count,
	      enum vsockhdr_finding_id fault, size_t fault_at);

/** can_generate() - generate() knows this fault */
bool can_generate(enum vsockhdr_finding_id fault);

/** next_number() - The next of a row of random numbers */
uint64_t next_number(uint64_t *state);

#endif
