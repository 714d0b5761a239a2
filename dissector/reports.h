/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_REPORTS_H
#define VSOCK_PLUGIN_REPORTS_H

/*
 * tshark -z vsock,flows and -z vsock,findings: what vsockdump --flows -n and
 * vsockdump --findings print. A display filter may follow: -z vsock,flows,FILTER.
 */

/** reports_register() - Register them; the tap "vsock" is there */
void reports_register(void);

#endif
