/* SPDX-License-Identifier: BSD-2-Clause */

#include "source.h"

#include "message.h"

bool source_check_linktype(pcap_t *pcap, const char *name)
{
	int linktype = pcap_datalink(pcap);
	const char *short_name = pcap_datalink_val_to_name(linktype);
	const char *long_name = pcap_datalink_val_to_description_or_dlt(linktype);

	if (linktype == DLT_VSOCK)
		return true;
	message("%s: its link type is %s (%s), not VSOCK: vsockdump understands what "
		"was captured on a vsockmon interface",
		name, short_name ? short_name : "unknown", long_name);
	return false;
}
