/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "compat.h"

#include "findings.h"

#include <epan/expert.h>

#include "fields.h"

#define SEVERITIES (VSOCKHDR_VIOLATION + 1)

/* A finding may be less severe than its kind, and Wireshark wants to know that before */
static expert_field expert[VSOCKHDR_FINDING_COUNT][SEVERITIES];

static const int severities[SEVERITIES] = {
	[VSOCKHDR_NOTE] = PI_NOTE,
	[VSOCKHDR_WARNING] = PI_WARN,
	[VSOCKHDR_VIOLATION] = PI_ERROR,
};

static int group_of(enum vsockhdr_finding_id id)
{
	if (id == VSOCKHDR_HDR_TRUNCATED)
		return PI_MALFORMED;
	return id < VSOCKHDR_CONN_REFUSED ? PI_PROTOCOL : PI_SEQUENCE;
}

void findings_register(int proto)
{
	expert_module_t *module = expert_register_protocol(proto);

	for (unsigned int i = 0; i < VSOCKHDR_FINDING_COUNT; i++) {
		enum vsockhdr_finding_id id = (enum vsockhdr_finding_id)i;
		const struct vsockhdr_finding_info *info = vsockhdr_finding_info(id);

		for (unsigned int s = 0; s <= info->severity; s++) {
			static ei_register_info fields[VSOCKHDR_FINDING_COUNT]
						      [SEVERITIES];

			expert[i][s] = (expert_field)EI_INIT;
			fields[i][s] = (ei_register_info) {
				&expert[i][s],
				{ wmem_strdup_printf(wmem_epan_scope(),
						     "vsock.finding.%s", info->name),
				  group_of(id), severities[s], info->summary, EXPFILL }
			};
			expert_register_field_array(module, &fields[i][s], 1);
		}
	}
}

void findings_show(tvbuff_t *tvb, packet_info *pinfo, proto_item *top,
		   const struct vsock_frame *frame)
{
	proto_tree *tree = proto_item_get_subtree(top);

	for (const struct vsock_finding *at = frame->findings; at; at = at->next) {
		const struct vsockhdr_finding *finding = &at->finding;
		char text[VSOCKHDR_MESSAGE_LEN];
		proto_item *item =
			proto_tree_add_string(tree, vsock_fields.finding, tvb, 0, 0,
					      vsockhdr_finding_info(finding->id)->name);

		proto_item_set_generated(item);
		vsockhdr_finding_message(text, sizeof(text), finding);
		expert_add_info_format(
			pinfo, item, &expert[finding->id][finding->severity], "%s", text);
	}
}
