/* SPDX-License-Identifier: BSD-2-Clause */

#include "explain.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <vsockhdr/finding.h>

static const struct vsockhdr_finding_info *info(int id)
{
	return vsockhdr_finding_info((enum vsockhdr_finding_id)id);
}

static void print_all(void)
{
	for (int id = 0; id < VSOCKHDR_FINDING_COUNT; id++)
		printf("%-26s %-9s  %s\n", info(id)->name,
		       vsockhdr_severity_name(info(id)->severity), info(id)->summary);
}

static void print_one(const struct vsockhdr_finding_info *kind)
{
	bool is_clause = isdigit((unsigned char)kind->spec[0]) != 0;

	printf("%s: %s\n\n%s\n\nUsual causes: %s\n\nNext: %s\n\nDefined in: %s%s\n",
	       kind->name, vsockhdr_severity_name(kind->severity), kind->summary,
	       kind->causes, kind->next,
	       is_clause ? "virtio specification 1.3, clause " : "", kind->spec);
}

static void report_unknown(const char *name)
{
	fprintf(stderr, "vsockdump: there is no finding \"%s\". Those that there are:\n",
		name);
	for (int id = 0; id < VSOCKHDR_FINDING_COUNT; id++)
		fprintf(stderr, "    %s\n", info(id)->name);
}

enum exit_status explain(const char *name)
{
	enum vsockhdr_finding_id id;

	if (strcmp(name, "all") == 0) {
		print_all();
	} else if (vsockhdr_finding_parse(name, &id) == VSOCKHDR_OK) {
		print_one(info((int)id));
	} else {
		report_unknown(name);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}
