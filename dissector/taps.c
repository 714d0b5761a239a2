/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "taps.h"

#include <epan/tap.h>

#include "conversations.h"
#include "reports.h"
#include "statistics.h"

static int tap_vsock = -1;

void taps_register(int proto)
{
	tap_vsock = register_tap("vsock");
	conversations_register(proto);
	statistics_register();
	reports_register();
}

void taps_queue(packet_info *pinfo, const struct vsock_frame *frame)
{
	struct vsock_tap *tap;

	if (!have_tap_listener(tap_vsock))
		return;
	tap = wmem_new(pinfo->pool, struct vsock_tap);
	tap->frame = *frame;
	tap_queue_packet(tap_vsock, pinfo, tap);
}
