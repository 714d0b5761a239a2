/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The codec of virtio_vsock_event.
 */

#include <string.h>

#include "helper.h"

#define ROUNDS 200000

static const uint8_t wire_form[4] = { 0x78, 0x56, 0x34, 0x12 };
static const uint32_t id_form = UINT32_C(0x12345678);

FIELD_CALLS(vsockhdr_event_, id, 32)

static void test_accessors(void **state)
{
	static const struct field fields[] = { { "id", 0, 4, get_id, set_id } };

	(void)state;
	check_fields(fields, COUNT(fields), 4);
}

static void test_codec_by_hand(void **state)
{
	static const uint8_t reset[4] = { 0, 0, 0, 0 };
	uint8_t *wire = guarded(0, 4);
	struct vsockhdr_event event = { .id = 1 };

	(void)state;
	assert_int_equal(VSOCKHDR_EVENT_LEN, 4);

	memcpy(wire, wire_form, 4);
	assert_int_equal(vsockhdr_event_get_id(wire), id_form);
	assert_int_equal(vsockhdr_event_decode(&event, wire, 4), VSOCKHDR_OK);
	assert_int_equal(event.id, id_form);

	event.id = VSOCKHDR_EVENT_TRANSPORT_RESET;
	assert_int_equal(vsockhdr_event_encode(wire, 4, &event), VSOCKHDR_OK);
	assert_memory_equal(wire, reset, 4);
	event.id = id_form;
	assert_int_equal(vsockhdr_event_encode(wire, 4, &event), VSOCKHDR_OK);
	assert_memory_equal(wire, wire_form, 4);
}

static void test_every_size(void **state)
{
	uint8_t untouched[8];

	(void)state;
	memset(untouched, 0xa5, sizeof(untouched));
	for (size_t size = 0; size <= sizeof(untouched); size++) {
		struct vsockhdr_event event = { .id = id_form };
		uint8_t *wire = guarded(0, size);

		memset(wire, 0xa5, size);
		if (size < 4) {
			assert_int_equal(vsockhdr_event_decode(&event, wire, size),
					 VSOCKHDR_ERR_EVENT_TRUNCATED);
			assert_int_equal(event.id, id_form);
			assert_int_equal(vsockhdr_event_encode(wire, size, &event),
					 VSOCKHDR_ERR_NO_SPACE);
			assert_memory_equal(wire, untouched, size);
		} else {
			assert_int_equal(vsockhdr_event_encode(wire, size, &event),
					 VSOCKHDR_OK);
			assert_memory_equal(wire, wire_form, 4);
			assert_memory_equal(wire + 4, untouched, size - 4);
			event.id = 0;
			assert_int_equal(vsockhdr_event_decode(&event, wire, size),
					 VSOCKHDR_OK);
			assert_int_equal(event.id, id_form);
		}
	}
}

static void test_random_values(void **state)
{
	uint8_t *wire = guarded(0, 4);
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct vsockhdr_event event = { .id = (uint32_t)next_edge(&seed) };
		struct vsockhdr_event again;

		assert_int_equal(vsockhdr_event_encode(wire, 4, &event), VSOCKHDR_OK);
		assert_int_equal(vsockhdr_event_decode(&again, wire, 4), VSOCKHDR_OK);
		assert_int_equal(again.id, event.id);
	}
}

static void split(const struct iovec *iov, size_t iovcnt, void *context)
{
	struct vsockhdr_event event = { .id = 0 };
	const uint8_t *bytes = context;
	uint8_t after[8];

	assert_int_equal(vsockhdr_event_decode_iov(&event, iov, iovcnt), VSOCKHDR_OK);
	assert_int_equal(event.id, id_form);
	event.id = UINT32_C(0x0a0b0c0d);
	assert_int_equal(vsockhdr_event_encode_iov(iov, iovcnt, &event), VSOCKHDR_OK);
	assert_int_equal(join(after, iov, iovcnt), sizeof(after));
	assert_memory_equal(after, "\x0d\x0c\x0b\x0a", 4);
	assert_memory_equal(after + 4, bytes + 4, 4);
}

static void too_short_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	struct vsockhdr_event event = { .id = id_form };
	const uint8_t *bytes = context;
	uint8_t after[4];

	assert_int_equal(vsockhdr_event_decode_iov(&event, iov, iovcnt),
			 VSOCKHDR_ERR_EVENT_TRUNCATED);
	assert_int_equal(event.id, id_form);
	assert_int_equal(vsockhdr_event_encode_iov(iov, iovcnt, &event),
			 VSOCKHDR_ERR_NO_SPACE);
	assert_memory_equal(after, bytes, join(after, iov, iovcnt));
}

static void test_every_split(void **state)
{
	uint8_t bytes[8] = { 0x78, 0x56, 0x34, 0x12, 0xa5, 0xa6, 0xa7, 0xa8 };

	(void)state;
	each_split(bytes, sizeof(bytes), split, bytes);
	for (size_t size = 0; size < 4; size++)
		each_split(bytes, size, too_short_split, bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accessors),   cmocka_unit_test(test_codec_by_hand),
		cmocka_unit_test(test_every_size),  cmocka_unit_test(test_random_values),
		cmocka_unit_test(test_every_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
