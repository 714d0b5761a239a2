/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * yajl's generator writes into the output buffer and allocates nothing after it has
 * been made; numbers are given to it as text, because formatting them is what takes
 * the time.
 */

#include "json.h"

#include <stdlib.h>
#include <vsockhdr/tracker.h>
#include <yajl/yajl_gen.h>

#include "duration.h"

/**
 * struct json - A JSON printer
 * @gen:	yajl's generator
 * @out:	Where it prints to
 */
struct json {
	yajl_gen gen;
	struct output *out;
};

static void on_json(void *context, const char *text, size_t size)
{
	output_bytes(context, text, size);
}

struct json *json_new(struct output *out)
{
	struct json *json = malloc(sizeof(*json));

	if (!json)
		return NULL;
	json->out = out;
	json->gen = yajl_gen_alloc(NULL);
	if (!json->gen) {
		free(json);
		return NULL;
	}
	yajl_gen_config(json->gen, yajl_gen_print_callback, on_json, out);
	return json;
}

void json_free(struct json *json)
{
	if (!json)
		return;
	yajl_gen_free(json->gen);
	free(json);
}

void json_end_line(struct json *json)
{
	yajl_gen_reset(json->gen, "\n");
	output_end_line(json->out);
}

void json_open(struct json *json)
{
	yajl_gen_map_open(json->gen);
}

void json_close(struct json *json)
{
	yajl_gen_map_close(json->gen);
}

void json_open_array(struct json *json)
{
	yajl_gen_array_open(json->gen);
}

void json_close_array(struct json *json)
{
	yajl_gen_array_close(json->gen);
}

void json_text(struct json *json, const char *text, size_t size)
{
	yajl_gen_string(json->gen, (const unsigned char *)text, size);
}

void json_null(struct json *json)
{
	yajl_gen_null(json->gen);
}

void json_bool(struct json *json, bool value)
{
	yajl_gen_bool(json->gen, value);
}

void json_u64(struct json *json, uint64_t value)
{
	char number[20];

	yajl_gen_number(json->gen, number, (size_t)(put_u64(number, value) - number));
}

void json_known_u64(struct json *json, uint64_t value)
{
	if (value == VSOCKHDR_UNKNOWN_NUMBER)
		json_null(json);
	else
		json_u64(json, value);
}

void json_ns(struct json *json, int64_t ns)
{
	if (ns == VSOCKHDR_NO_TIME)
		json_null(json);
	else
		yajl_gen_integer(json->gen, ns);
}

void json_time(struct json *json, int64_t ns)
{
	char text[DURATION_MAX];

	json_text(json, text, (size_t)(put_nanoseconds(text, ns) - text));
}

void json_address(struct json *json, const struct vsockhdr_addr *addr)
{
	char text[VSOCKHDR_ADDR_STRLEN];
	char *p = put_u64(text, addr->cid);

	*p++ = ':';
	p = put_u64(p, addr->port);
	json_text(json, text, (size_t)(p - text));
}

void json_name(struct json *json, const char *name, uint16_t number)
{
	char text[20];

	if (name)
		json_string(json, name);
	else
		json_text(json, text, (size_t)(put_u64(text, number) - text));
}
