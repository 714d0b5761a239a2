/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as a capture file, on the whole way through vsockdump. The input is how it
 * is to be shown, and the file.
 */

#include "fuzz.h"
#include "fuzz_dump.h"

/** enum output - What comes of it */
enum output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_BYTES, OUTPUT_COPY };

static const struct way {
	const char *words;
	enum output output;
} ways[] = {
	{ "", OUTPUT_TEXT },
	{ "-n -tttt -vvv -XX", OUTPUT_TEXT },
	{ "-n -# -e -ttt -q -x", OUTPUT_TEXT },
	{ "-ttttt --nano -v -AA -s 80", OUTPUT_TEXT },
	{ "--json", OUTPUT_JSON },
	{ "--json --where duration>1ms len>3", OUTPUT_JSON },
	{ "-n -c 3 --fail-on note not op rw", OUTPUT_TEXT },
	{ "--flows", OUTPUT_TEXT },
	{ "--flows --json", OUTPUT_JSON },
	{ "--findings", OUTPUT_TEXT },
	{ "--findings --json", OUTPUT_JSON },
	{ "--stats", OUTPUT_TEXT },
	{ "--stats --json", OUTPUT_JSON },
	{ "--follow 0", OUTPUT_BYTES },
	{ "--follow 0 --json", OUTPUT_JSON },
	{ "--count greater 80", OUTPUT_TEXT },
	{ "-w " DUMP_FILE, OUTPUT_COPY },
	{ "--micro -U -s 100 -w " DUMP_FILE, OUTPUT_COPY },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* The way's number, and a pipe instead of a file */
#define PIPE 0x80

/* A copy of a copy is the same, and nothing is wrong with it. */
static void check_copy(const struct way *way)
{
	struct shown copy = dump_written();
	struct shown shown;
	struct shown again;

	if (copy.size > 0) {
		shown = dump_show(way->words, copy.text, copy.size, false);
		again = dump_written();
		CHECK(shown.ok && shown.size == 0);
		CHECK(again.size == copy.size);
		CHECK(memcmp(again.text, copy.text, copy.size) == 0);
		free(shown.text);
		free(again.text);
	}
	free(copy.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t choice = take_byte(&in);
	const struct way *way = &ways[(choice & (PIPE - 1)) % WAYS];
	struct shown shown = dump_show(way->words, in.data, in.size, choice & PIPE);

	switch (way->output) {
	case OUTPUT_TEXT:
		dump_check_text(&shown);
		break;
	case OUTPUT_JSON:
		dump_check_json(&shown);
		break;
	case OUTPUT_COPY:
		CHECK(shown.size == 0);
		check_copy(way);
		break;
	case OUTPUT_BYTES:
		CHECK(shown.size <= 2 * in.size);
		break;
	}
	free(shown.text);
	return 0;
}
