/* SPDX-License-Identifier: BSD-2-Clause */

#include "finding_text.h"

#include "address.h"
#include "output.h"

/* Who is at fault or, where that cannot be said, who the packet was between */
static char *put_ends(char *p, const struct vsockhdr_finding *finding)
{
	if (finding->has_fault) {
		p = put_address(put_literal(p, " "), &finding->fault, NULL);
	} else if (finding->has_addresses) {
		p = put_address(put_literal(p, " "), &finding->src, NULL);
		p = put_address(put_literal(p, " > "), &finding->dst, NULL);
	}
	return put_literal(p, ": ");
}

/* The clause of the specification; what Linux adds to it has none */
static char *put_spec(char *p, const char *spec)
{
	p = put_literal(p, " (");
	if (spec[0] >= '0' && spec[0] <= '9')
		p = put_literal(p, "virtio 1.3, ");
	return put_literal(put_string(p, spec), ")");
}

char *put_finding(char *p, const struct vsockhdr_finding *finding)
{
	const struct vsockhdr_finding_info *info = vsockhdr_finding_info(finding->id);

	p = put_string(p, vsockhdr_severity_name(finding->severity));
	p = put_string(put_literal(p, " "), info->name);
	p = put_ends(p, finding);
	p += vsockhdr_finding_message(p, VSOCKHDR_MESSAGE_LEN, finding);
	return put_spec(p, info->spec);
}

int finding_compare(const void *a, const void *b)
{
	const struct vsockhdr_finding *left = a;
	const struct vsockhdr_finding *right = b;

	if (left->frame != right->frame)
		return left->frame < right->frame ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}
