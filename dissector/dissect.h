/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_DISSECT_H
#define VSOCK_PLUGIN_DISSECT_H

/*
 * The dissector of a vsockmon record.
 */

/** dissect_register() - Add fields, preferences and taps to the protocol "vsock" */
void dissect_register(void);

/** dissect_handoff() - Take the place of Wireshark's own dissector */
void dissect_handoff(void);

#endif
