/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SELECTION_H
#define VSOCKDUMP_SELECTION_H

/*
 * Which packets, connections and findings are wanted: what the filter and --where say.
 *
 * Live, the filter runs in the kernel, and what it does not pass is never seen. Of a
 * file the tracker is given every packet, wanted or not, so that what it says of the
 * wanted ones is true; then a connection is wanted if one of its packets is, and a
 * finding if the packet that it is about is.
 */

#include <pcap/pcap.h>
#include <stdbool.h>

#include "filter.h"
#include "options.h"

/**
 * struct bitset - A set of numbers
 * @words:	64 of them each
 * @room:	How many words
 * @full:	There was no more room: what is beyond is taken to be in it
 */
struct bitset {
	uint64_t *words;
	size_t room;
	bool full;
};

/**
 * struct selection - What is wanted
 * @filter:	The filter, or NULL
 * @program:	The same, compiled
 * @in_kernel:	It runs in the kernel
 * @where:	--where, or NULL
 * @frames:	Frames that the filter has passed, of a file
 * @flows:	Connections that have such a frame
 */
struct selection {
	struct filter *filter;
	struct bpf_program program;
	bool in_kernel;
	struct filter *where;
	struct bitset frames;
	struct bitset flows;
};

/**
 * selection_open() - Read the filter and --where
 * @selection:	What to set
 * @options:	The command line
 * @names:	Names that they may use
 *
 * Return: STATUS_OK; after a message STATUS_USAGE where one of them is wrong, or
 * STATUS_FAILED
 */
enum exit_status selection_open(struct selection *selection,
				const struct options *options,
				const struct naming *names);

/** selection_close() - Free what selection_open() took */
void selection_close(struct selection *selection);

/** selection_filters() - Whether vsockdump itself has to look at packets */
static inline bool selection_filters(const struct selection *selection)
{
	return selection->filter && !selection->in_kernel;
}

/** selection_passes() - Whether the filter passes a packet */
static inline bool selection_passes(const struct selection *selection,
				    const struct pcap_pkthdr *header, const u_char *bytes)
{
	return !selection_filters(selection) ||
	       pcap_offline_filter(&selection->program, header, bytes) != 0;
}

/** selection_does_with_headers() - Whether neither the filter nor --where looks at more
 * of a packet than the headers of a record */
static inline bool selection_does_with_headers(const struct selection *selection)
{
	return (!selection->filter || filter_does_with_headers(selection->filter)) &&
	       (!selection->where || filter_does_with_headers(selection->where));
}

/** selection_note_frame() - The filter has passed a packet of a file */
void selection_note_frame(struct selection *selection, uint64_t frame);

/** selection_note_flow() - That packet is of this connection */
void selection_note_flow(struct selection *selection, uint64_t flow);

/** selection_wants() - Whether --where is true of something */
static inline bool selection_wants(const struct selection *selection,
				   const struct filter_subject *subject)
{
	return !selection->where || filter_matches(selection->where, subject);
}

/** selection_wants_flow() - Whether a connection is wanted */
bool selection_wants_flow(const struct selection *selection,
			  const struct vsockhdr_flow *flow);

/** selection_wants_finding() - Whether a finding is wanted */
bool selection_wants_finding(const struct selection *selection,
			     const struct vsockhdr_finding *finding);

#endif
