/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_STATISTICS_H
#define VSOCK_PLUGIN_STATISTICS_H

/*
 * Statistics trees: Statistics > vsock in Wireshark's window, -z NAME,tree in tshark.
 */

/** statistics_register() - Register them; the tap "vsock" is there */
void statistics_register(void);

#endif
