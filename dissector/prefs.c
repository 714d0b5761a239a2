/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "compat.h"

#include "prefs.h"

#include <epan/prefs.h>

struct vsock_prefs vsock_prefs = {
	.analyse_credit = TRUE,
	.reassemble_streams = TRUE,
	.reassemble_messages = TRUE,
	.connect_ms = 2000,
	.close_ms = 8000,
	.stall_ms = 1000,
	.request_ms = 1000,
};

/** struct truth - A preference that is on or off */
struct truth {
	const char *name;
	const char *title;
	const char *text;
	compat_bool *value;
};

/** struct limit - A preference that is a time in milliseconds */
struct limit {
	const char *name;
	const char *title;
	const char *text;
	guint *value;
};

static const struct truth truths[] = {
	{ "analyse_credit", "Analyse credit",
	  "Show how much each end may still send, and what is wrong with that",
	  &vsock_prefs.analyse_credit },
	{ "desegment", "Allow subdissectors to reassemble streams",
	  "Let the dissector of the payload ask for bytes of later packets",
	  &vsock_prefs.reassemble_streams },
	{ "reassemble_messages", "Reassemble seqpacket messages",
	  "Put a message together that takes several packets, up to the one with EOM",
	  &vsock_prefs.reassemble_messages },
};

static const struct limit limits[] = {
	{ "connect_limit", "Time to answer a REQUEST (ms)",
	  "A REQUEST that got no answer for so long is a finding; 0: 2000",
	  &vsock_prefs.connect_ms },
	{ "close_limit", "Time to complete a close (ms)",
	  "A SHUTDOWN without the rest of the close for so long is a finding; 0: 8000",
	  &vsock_prefs.close_ms },
	{ "stall_limit", "Time without credit (ms)",
	  "A sender that is out of credit for so long is a finding; 0: 1000",
	  &vsock_prefs.stall_ms },
	{ "request_limit", "Time to answer a CREDIT_REQUEST (ms)",
	  "A CREDIT_REQUEST that got no credit for so long is a finding; 0: 1000",
	  &vsock_prefs.request_ms },
};

void prefs_register(int proto)
{
	module_t *module = prefs_register_protocol(proto, NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(truths); i++)
		prefs_register_bool_preference(module, truths[i].name, truths[i].title,
					       truths[i].text, truths[i].value);
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
		prefs_register_uint_preference(module, limits[i].name, limits[i].title,
					       limits[i].text, 10, limits[i].value);
}
