/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_JSON_PACKET_H
#define VSOCKDUMP_JSON_PACKET_H

/*
 * A packet as a JSON object on a line of its own. docs/json.md lists the keys.
 */

#include "json.h"
#include "packet.h"
#include "processes.h"
#include "track.h"

/**
 * json_packet() - Print a packet
 * @json:	The printer
 * @pkt:	The packet
 * @story:	What it meant
 * @processes:	Who has this machine's sockets open (-e), or NULL
 */
void json_packet(struct json *json, const struct packet *pkt, const struct story *story,
		 struct processes *processes);

#endif
