/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_JSON_H
#define VSOCKDUMP_JSON_H

/*
 * JSON, one object a line, into an output. A line is put together by the functions
 * below in the order in which its parts stand there.
 */

#include <stdint.h>
#include <vsockhdr/vsockhdr.h>

#include "output.h"

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

/** json_end_line() - The outermost object is complete */
void json_end_line(struct json *json);

/** json_open() - Begin an object */
void json_open(struct json *json);

/** json_close() - End it */
void json_close(struct json *json);

/** json_open_array() - Begin an array */
void json_open_array(struct json *json);

/** json_close_array() - End it */
void json_close_array(struct json *json);

/** json_text() - A string of a known length, as a key or a value */
void json_text(struct json *json, const char *text, size_t size);

/** json_string() - A string */
static inline void json_string(struct json *json, const char *string)
{
	json_text(json, string, strlen(string));
}

/** json_key() - A literal as a key; its value follows */
#define json_key(json, literal) json_text((json), (literal), sizeof(literal) - 1)

/** json_null() - null */
void json_null(struct json *json);

/** json_bool() - true or false */
void json_bool(struct json *json, bool value);

/** json_u64() - A number */
void json_u64(struct json *json, uint64_t value);

/** json_known_u64() - A number, or null for VSOCKHDR_UNKNOWN_NUMBER */
void json_known_u64(struct json *json, uint64_t value);

/** json_ns() - A duration in nanoseconds; null for VSOCKHDR_NO_TIME */
void json_ns(struct json *json, int64_t ns);

/** json_time() - A time, as a string of seconds with 9 decimals */
void json_time(struct json *json, int64_t ns);

/** json_address() - An address, as a string */
void json_address(struct json *json, const struct vsockhdr_addr *addr);

/** json_name() - A constant's name or, where it has none, its number as a string */
void json_name(struct json *json, const char *name, uint16_t number);

#endif
