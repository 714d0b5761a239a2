/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any text as an address and as a name. The input is the text.
 */

#include <vsockhdr/vsockhdr.h>

#include "fuzz.h"

#include <strings.h>

/* What was parsed, printed, and parsed again must be the same. */
static void fuzz_addr(const char *text)
{
	struct vsockhdr_addr addr = { 77, 78 };
	struct vsockhdr_addr again;
	char printed[VSOCKHDR_ADDR_STRLEN];
	int err = vsockhdr_addr_parse(&addr, text);

	if (err) {
		CHECK(err == VSOCKHDR_ERR_ADDR_SYNTAX || err == VSOCKHDR_ERR_ADDR_CID ||
		      err == VSOCKHDR_ERR_ADDR_PORT);
		CHECK(addr.cid == 77 && addr.port == 78);
		return;
	}
	CHECK(vsockhdr_addr_format(printed, sizeof(printed), &addr) < sizeof(printed));
	CHECK(vsockhdr_addr_parse(&again, printed) == VSOCKHDR_OK);
	CHECK(again.cid == addr.cid && again.port == addr.port);
}

/* A text that is taken as a name must be that name. */
static void fuzz_names(const char *text)
{
	uint16_t number;
	uint32_t wide;
	uint64_t cid;

	if (vsockhdr_op_parse(text, &number) == VSOCKHDR_OK)
		CHECK(strcasecmp(vsockhdr_op_name(number), text) == 0);
	if (vsockhdr_type_parse(text, &number) == VSOCKHDR_OK)
		CHECK(strcasecmp(vsockhdr_type_name(number), text) == 0);
	if (vsockhdr_mon_op_parse(text, &number) == VSOCKHDR_OK)
		CHECK(strcasecmp(vsockhdr_mon_op_name(number), text) == 0);
	if (vsockhdr_transport_parse(text, &number) == VSOCKHDR_OK)
		CHECK(strcasecmp(vsockhdr_transport_name(number), text) == 0);
	if (vsockhdr_event_parse(text, &wide) == VSOCKHDR_OK)
		CHECK(strcasecmp(vsockhdr_event_name(wide), text) == 0);
	if (vsockhdr_cid_parse(text, &cid) == VSOCKHDR_OK)
		CHECK(strcasecmp(vsockhdr_cid_name(cid), text) == 0);
	if (vsockhdr_flag_parse(text, &number, &wide) == VSOCKHDR_OK)
		CHECK(strcasecmp(
			      vsockhdr_flag_name(VSOCKHDR_TYPE_SEQPACKET, number, wide),
			      text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	CHECK(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	fuzz_addr(text);
	fuzz_names(text);
	free(text);
	return 0;
}
