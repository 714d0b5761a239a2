/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Theory of operation: people compare what vsockdump printed with what Wireshark shows,
 * so both have the same words from the same functions.
 */

#include "compat.h"

#include "line.h"

/* Findings of a frame that are worth a line: notes are not */
static uint64_t loud_findings(const struct vsock_finding *findings)
{
	uint64_t loud = 0;

	for (; findings; findings = findings->next)
		if (findings->finding.severity >= VSOCKHDR_WARNING)
			loud |= UINT64_C(1) << findings->finding.id;
	return loud;
}

void line_put(char *line, const struct vsock_frame *frame)
{
	const struct story story = {
		.told = frame->told,
		.findings.loud = loud_findings(frame->findings),
	};
	char *p = put_packet(line, &frame->rec, frame->err, NULL, false);

	p = put_story(p, &story, NULL, false);
	*p = '\0';
}
