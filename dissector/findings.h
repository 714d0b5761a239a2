/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_FINDINGS_H
#define VSOCK_PLUGIN_FINDINGS_H

/*
 * Findings as expert information.
 */

#include <epan/packet.h>

#include "frame.h"

/** findings_register() - A field for each finding; @proto: the protocol "vsock" */
void findings_register(int proto);

/** findings_show() - Show those of a frame; @top: the item of the protocol */
void findings_show(tvbuff_t *tvb, packet_info *pinfo, proto_item *top,
		   const struct vsock_frame *frame);

#endif
