/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FINDING_TEXT_H
#define VSOCKDUMP_FINDING_TEXT_H

/*
 * A finding in words, and findings in order.
 */

#include <vsockhdr/finding.h>

/** Characters that any finding takes at the most: its sentence; severity, identifier
 * and addresses 192; clause 64 */
#define FINDING_TEXT_MAX (VSOCKHDR_MESSAGE_LEN + 256)

/**
 * put_finding() - Put severity, identifier, who is at fault, what happened and the clause
 * @p:		Room for FINDING_TEXT_MAX characters
 * @finding:	The finding
 *
 * Return: the place behind it
 */
char *put_finding(char *p, const struct vsockhdr_finding *finding);

/** finding_compare() - For qsort(): by frame, then as the catalogue lists them */
int finding_compare(const void *a, const void *b);

#endif
