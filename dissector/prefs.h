/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_PREFS_H
#define VSOCK_PLUGIN_PREFS_H

/*
 * What the user has chosen.
 */

#include "compat.h"

/**
 * struct vsock_prefs - Preferences of the protocol "vsock"
 * @analyse_credit:	Show credit and what is wrong with it
 * @reassemble_streams:	Let dissectors ask for bytes of later packets
 * @reassemble_messages:	Put seqpacket messages together
 * @connect_ms:	Time to answer a REQUEST
 * @close_ms:	Time for the RST after SHUTDOWN
 * @stall_ms:	Time without credit that is worth a finding
 * @request_ms:	Time to answer a CREDIT_REQUEST
 *
 * The time limits are libvsockhdr's (struct vsockhdr_tracker_options), 0 is its default;
 * a change of them counts from the next pass over the capture.
 */
struct vsock_prefs {
	compat_bool analyse_credit;
	compat_bool reassemble_streams;
	compat_bool reassemble_messages;
	guint connect_ms;
	guint close_ms;
	guint stall_ms;
	guint request_ms;
};

extern struct vsock_prefs vsock_prefs;

/** prefs_register() - Register them; @proto: the protocol "vsock" */
void prefs_register(int proto);

#endif
