/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_JSON_H
#define VSOCKDUMP_JSON_H

/*
 * A packet as a JSON object on a line of its own. docs/json.md lists the keys.
 */

#include "output.h"
#include "packet.h"

struct json;

/**
 * json_new() - Make a JSON printer
 * @out:	Where it prints to; must outlive it
 *
 * Return: the printer, for json_free(); NULL where there is no memory
 */
struct json *json_new(struct output *out);

/**
 * json_free() - End a JSON printer
 * @json:	The printer, or NULL
 */
void json_free(struct json *json);

/**
 * json_print() - Print a packet
 * @json:	The printer
 * @pkt:	The packet
 */
void json_print(struct json *json, const struct packet *pkt);

#endif
