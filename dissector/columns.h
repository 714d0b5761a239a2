/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_COLUMNS_H
#define VSOCK_PLUGIN_COLUMNS_H

/*
 * Addresses, and the columns of the packet list.
 */

#include <epan/packet.h>

#include "frame.h"

/** columns_register() - Register the type of address */
void columns_register(void);

/** columns_set() - Set a packet's addresses, ports and columns */
void columns_set(packet_info *pinfo, const struct vsock_frame *frame);

#endif
