/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_MODEL_MODEL_H
#define VSOCKHDR_MODEL_MODEL_H

/*
 * A second model of credit and teardown, to hold against the tracker: as plain as can be,
 * written from the specification (5.10.6.3 to 5.10.6.5), not from the tracker. It keeps
 * every connection for ever, looks for them one after another, counts in 64 bits, and
 * knows no findings and no limits of memory.
 */

#include <vsockhdr/tracker.h>

struct model;

/**
 * struct model_told - What the model says about a packet
 * @flow, @from, @credit_known, @peer_free, @in_flight, @peer_buf_alloc, @ended, @close,
 * @closed_by, @setup_ns:	As in struct vsockhdr_told
 * @credit_open:	The model takes no side: it may be known or not
 */
struct model_told {
	uint64_t flow;
	enum vsockhdr_end from;
	bool credit_open;
	bool credit_known;
	uint64_t peer_free;
	uint64_t in_flight;
	uint32_t peer_buf_alloc;
	bool ended;
	enum vsockhdr_close close;
	struct vsockhdr_addr closed_by;
	int64_t setup_ns;
};

/** model_new() - A model that has seen nothing, for model_free() */
struct model *model_new(void);

/** model_free() - Free a model */
void model_free(struct model *model);

/** model_feed() - The next record */
void model_feed(struct model *model, const struct vsockhdr_seen *seen,
		struct model_told *told);

/**
 * model_differs() - Hold what the tracker said against what the model says
 *
 * Return: the name of the first member that differs, or NULL
 */
const char *model_differs(const struct model_told *model,
			  const struct vsockhdr_told *tracker);

#endif
