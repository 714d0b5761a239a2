/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_FLOW_REST_H
#define VSOCKHDR_FLOW_REST_H

/*
 * Connections that are over, in less memory: what judges a late packet, and, apart from
 * it, what only their summary says. Private to the library.
 */

#include "flow_table.h"

/**
 * struct flow_resting - What remains of a connection that is over, 48 bytes
 *
 * The members are those of struct flow, in fewer bits.
 */
struct flow_resting {
	uint32_t number;
	uint32_t first_frame;
	int64_t first_ns;
	int64_t last_ns;
	uint32_t cid[2];
	uint32_t port[2];
	uint32_t lost;
	uint8_t owed[2];
	uint16_t type : 2;
	uint16_t setup : 3;
	uint16_t close : 3;
	uint16_t rst : 2;
	uint16_t last_rst : 1;
	uint16_t closed_by : 1;
	uint16_t begun : 1;
	uint16_t same : 1;
	uint16_t shared : 1;
	uint16_t talked : 1;
};

_Static_assert(sizeof(struct flow_resting) == 48, "small");

/** struct flow_row_end - What one end of it did, as in struct flow_end */
struct flow_row_end {
	uint64_t tx;
	int64_t stall_ns;
	uint32_t packets;
	uint32_t min_free;
};

/**
 * struct flow_row - What its summary says beyond that, 64 bytes
 * @min_free:	Ends whose smallest credit is known, a bit each
 */
struct flow_row {
	struct flow_row_end end[2];
	uint32_t last_frame;
	uint32_t tally : 30;
	uint32_t min_free : 2;
	int64_t setup_ns;
};

_Static_assert(sizeof(struct flow_row) == 64, "a line of the cache");

/** flow_can_rest() - Whether a flow is over and all that remains of it has room */
bool flow_can_rest(const struct flow *flow);

/**
 * flow_lay_down() - Make a resting flow of one that can rest
 * @resting:	What to set
 * @row:	What to set, too, or NULL
 * @flow:	The flow
 */
void flow_lay_down(struct flow_resting *resting, struct flow_row *row,
		   const struct flow *flow);

/**
 * flow_wake() - Make a flow of a resting one
 * @flow:	What to set, but @self
 * @resting:	The flow
 * @row:	Its row, or NULL
 */
void flow_wake(struct flow *flow, const struct flow_resting *resting,
	       const struct flow_row *row);

#endif
