/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_TAPS_H
#define VSOCK_PLUGIN_TAPS_H

/*
 * The tap "vsock", and what listens to it: conversations, statistics, reports.
 */

#include <epan/packet.h>

#include "frame.h"

/**
 * struct vsock_tap - What the tap "vsock" hands to its listeners; in packet scope
 * @frame:	The frame
 */
struct vsock_tap {
	struct vsock_frame frame;
};

/** taps_register() - Register the tap and its listeners; @proto: "vsock" */
void taps_register(int proto);

/** taps_queue() - Hand a frame to the listeners; called for every frame */
void taps_queue(packet_info *pinfo, const struct vsock_frame *frame);

#endif
