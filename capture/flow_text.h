/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FLOW_TEXT_H
#define VSOCKDUMP_FLOW_TEXT_H

/*
 * A connection in words.
 */

#include <vsockhdr/tracker.h>

struct naming;

/** Characters that any connection takes at the most: 1024, and 48 a kind of finding */
#define FLOW_TEXT_MAX (1024 + VSOCKHDR_FINDING_COUNT * 48)

/**
 * put_flow() - Put number, addresses, set-up, end, figures and findings
 * @p:		Room for FLOW_TEXT_MAX characters
 * @flow:	The connection
 * @names:	Names of addresses; NULL: numbers
 *
 * Return: the place behind it
 */
char *put_flow(char *p, const struct vsockhdr_flow *flow, const struct naming *names);

#endif
