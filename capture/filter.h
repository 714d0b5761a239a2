/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_H
#define VSOCKDUMP_FILTER_H

/*
 * The filter language: one grammar and one parser (vsock-filter(7)), two back ends.
 * What concerns the bytes of a packet is compiled to BPF, for the kernel and for files;
 * what concerns the tracker's knowledge, too (--where), is evaluated here.
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vsockhdr/tracker.h>

#include "naming.h"
#include "packet.h"
#include "track.h"

/** enum filter_kind - What an expression may be about */
enum filter_kind {
	/** Fields of the packet: it can be compiled */
	FILTER_PACKET,
	/** What the tracker knows, too (--where): it can only be evaluated */
	FILTER_WHERE,
};

/**
 * struct filter_error - What is wrong with an expression
 * @offset:	Where in its text, in bytes
 * @length:	How many bytes of the text are meant; at least 1, also at its end
 * @text:	What is wrong, and what would be right
 */
struct filter_error {
	size_t offset;
	size_t length;
	char text[256];
};

struct filter;

/** Bytes of an expression at the most */
#define FILTER_MAX_TEXT (1 << 20)

/**
 * filter_parse() - Read an expression
 * @text:	The expression; empty: it matches everything
 * @kind:	What it may be about
 * @names:	Names of CIDs and ports, also where none are printed (-n); NULL: only
 *		hypervisor, local, host and any are known
 * @error:	Where what is wrong goes
 *
 * Return: the expression, for filter_free(); NULL where it is wrong
 */
struct filter *filter_parse(const char *text, enum filter_kind kind,
			    const struct naming *names, struct filter_error *error);

/** filter_free() - Free an expression; NULL is allowed */
void filter_free(struct filter *filter);

/**
 * filter_report() - Say on standard error what is wrong, with the place marked
 * @what:	Where the expression comes from: "filter", "--where" or a file's name
 * @text:	The expression
 * @error:	From filter_parse()
 */
void filter_report(const char *what, const char *text, const struct filter_error *error);

/**
 * filter_keeps_connections() - Whether all packets of a connection give the same answer
 * @filter:	The expression
 *
 * What was captured with such a filter can be judged as if it were everything; with any
 * other one, packets of a connection are missing.
 */
bool filter_keeps_connections(const struct filter *filter);

/**
 * filter_does_with_headers() - Whether it looks at no byte behind a record's headers
 * @filter:	The expression
 *
 * One that has link[...] may look anywhere.
 */
bool filter_does_with_headers(const struct filter *filter);

/**
 * filter_compile() - Make a BPF program of an expression
 * @filter:	The expression, a FILTER_PACKET
 * @program:	Where the program goes; its bf_insns are for free()
 *
 * A packet that lacks bytes that the program must look at (the snap length has cut
 * them) does not match, whatever the rest of the expression says.
 *
 * Return: false where there is no memory, the program would be beyond
 * FILTER_MAX_INSTRUCTIONS, or the expression asks for what the tracker knows
 */
bool filter_compile(const struct filter *filter, struct bpf_program *program);

/** Instructions of a program at the most. The kernel takes 4096 (BPF_MAXINSNS); longer
 * ones still work on files, and in vsockdump itself */
#define FILTER_MAX_INSTRUCTIONS 1000000

/**
 * filter_print_program() - Print a program on standard output, as tcpdump does
 * @program:	The program
 * @style:	1: as assembler (-d), 2: as C (-dd), 3: as numbers (-ddd)
 */
void filter_print_program(const struct bpf_program *program, int style);

/**
 * struct filter_subject - What a --where expression is asked about
 * @pkt:	A packet, or NULL
 * @story:	What it meant; valid if there is a packet
 * @flow:	A connection, or NULL
 * @finding:	A finding, or NULL
 * @outcome_known:	@setup and @close are valid: how the packet's connection began
 *		and ended in the end
 * @setup:	How it began
 * @close:	How it ended
 *
 * What a subject does not have is unknown, and nothing that is said of it is true.
 */
struct filter_subject {
	const struct packet *pkt;
	const struct story *story;
	const struct vsockhdr_flow *flow;
	const struct vsockhdr_finding *finding;
	bool outcome_known;
	enum vsockhdr_setup setup;
	enum vsockhdr_close close;
};

/**
 * filter_matches() - Evaluate an expression of either kind
 * @filter:	The expression
 * @subject:	What it is asked about
 */
bool filter_matches(const struct filter *filter, const struct filter_subject *subject);

#endif
