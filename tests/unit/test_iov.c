/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The walk over fragments that everything split rests on. Its header is private.
 */

#include "iov.h"

#include <string.h>

#include "helper.h"

#define SIZE 12

static const uint8_t bytes[SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

static void test_size(void **state)
{
	const struct iovec three[] = { { NULL, 5 }, { NULL, 0 }, { NULL, 7 } };

	(void)state;
	assert_int_equal(iov_size(NULL, 0), 0);
	assert_int_equal(iov_size(three, 0), 0);
	assert_int_equal(iov_size(three, 1), 5);
	assert_int_equal(iov_size(three, 2), 5);
	assert_int_equal(iov_size(three, 3), 12);
}

static void test_size_saturates(void **state)
{
	const struct iovec exact[] = { { NULL, SIZE_MAX - 1 }, { NULL, 1 } };
	const struct iovec above[] = { { NULL, SIZE_MAX - 1 }, { NULL, 2 } };
	const struct iovec twice[] = { { NULL, SIZE_MAX }, { NULL, SIZE_MAX } };
	const struct iovec wraps[] = { { NULL, SIZE_MAX }, { NULL, 1 }, { NULL, 50 } };

	(void)state;
	assert_int_equal(iov_size(exact, 2), SIZE_MAX);
	assert_int_equal(iov_size(above, 2), SIZE_MAX);
	assert_int_equal(iov_size(twice, 2), SIZE_MAX);
	assert_int_equal(iov_size(wraps, 3), SIZE_MAX);
}

/* How many of count bytes from offset on there are of SIZE */
static size_t there(size_t offset, size_t count)
{
	size_t rest = offset < SIZE ? SIZE - offset : 0;

	return count < rest ? count : rest;
}

static void gather_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	(void)context;
	for (size_t offset = 0; offset <= SIZE + 1; offset++) {
		for (size_t count = 0; count <= SIZE + 1; count++) {
			size_t n = there(offset, count);
			uint8_t *to = guarded(GUARDED_SLOTS - 1, count);

			memset(to, 0xa5, count);
			assert_int_equal(iov_gather(to, count, iov, iovcnt, offset), n);
			if (n > 0)
				assert_memory_equal(to, bytes + offset, n);
			for (size_t i = n; i < count; i++)
				assert_int_equal(to[i], 0xa5);
			if (offset > 0)
				continue;
			memset(to, 0xa5, count);
			assert_int_equal(iov_gather_once(to, count, iov, iovcnt), n);
			assert_memory_equal(to, bytes, n);
			for (size_t i = n; i < count; i++)
				assert_int_equal(to[i], 0xa5);
		}
	}
}

static void scatter_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	(void)context;
	for (size_t offset = 0; offset <= SIZE + 1; offset++) {
		for (size_t count = 0; count <= SIZE + 1; count++) {
			uint8_t *from = guarded(GUARDED_SLOTS - 1, count);
			uint8_t expected[SIZE];
			uint8_t after[SIZE];
			size_t n = there(offset, count);

			for (size_t i = 0; i < iovcnt; i++)
				if (iov[i].iov_len > 0)
					memset(iov[i].iov_base, 0xa5, iov[i].iov_len);
			for (size_t i = 0; i < count; i++)
				from[i] = (uint8_t)(0x40 + i);
			memset(expected, 0xa5, SIZE);
			if (n > 0)
				memcpy(expected + offset, from, n);

			assert_int_equal(iov_scatter(iov, iovcnt, offset, from, count),
					 n);
			assert_int_equal(join(after, iov, iovcnt), SIZE);
			assert_memory_equal(after, expected, SIZE);
		}
	}
}

static void slice_split(const struct iovec *iov, size_t iovcnt, void *context)
{
	(void)context;
	for (size_t offset = 0; offset <= SIZE + 1; offset++) {
		for (size_t count = 0; count <= SIZE + 1; count++) {
			struct iovec out[MAX_FRAGMENTS(SIZE)];
			size_t outcnt = COUNT(out);
			size_t n = there(offset, count);
			uint8_t joined[SIZE];

			assert_int_equal(
				iov_slice(out, &outcnt, iov, iovcnt, offset, count), n);
			assert_true(outcnt <= iovcnt);
			for (size_t i = 0; i < outcnt; i++)
				assert_int_not_equal(out[i].iov_len, 0);
			assert_int_equal(join(joined, out, outcnt), n);
			if (n > 0)
				assert_memory_equal(joined, bytes + offset, n);
		}
	}
}

static void test_gather(void **state)
{
	(void)state;
	each_split(bytes, SIZE, gather_split, NULL);
}

static void test_scatter(void **state)
{
	(void)state;
	each_split(bytes, SIZE, scatter_split, NULL);
}

static void test_slice(void **state)
{
	(void)state;
	each_split(bytes, SIZE, slice_split, NULL);
}

/* Three fragments of 4 bytes and an empty one, sliced into fewer than it takes */
static void test_slice_capacity(void **state)
{
	uint8_t memory[SIZE];
	const struct iovec iov[] = {
		{ memory, 4 }, { memory + 4, 4 }, { NULL, 0 }, { memory + 8, 4 }
	};
	static const size_t described[] = { 0, 2, 6, 9, 9 };

	(void)state;
	for (size_t capacity = 0; capacity < COUNT(described); capacity++) {
		struct iovec out[COUNT(described)];
		size_t outcnt = capacity;

		memset(out, 0xa5, sizeof(out));
		assert_int_equal(iov_slice(out, &outcnt, iov, COUNT(iov), 2, 9),
				 described[capacity]);
		assert_int_equal(outcnt, capacity < 3 ? capacity : 3);
		if (outcnt >= 1)
			assert_ptr_equal(out[0].iov_base, memory + 2);
		if (outcnt >= 2)
			assert_ptr_equal(out[1].iov_base, memory + 4);
		if (outcnt >= 3) {
			assert_ptr_equal(out[2].iov_base, memory + 8);
			assert_int_equal(out[2].iov_len, 3);
		}
		/* Nothing behind the capacity is touched. */
		assert_memory_equal(&out[outcnt].iov_len, "\xa5\xa5\xa5\xa5", 4);
	}
}

static void test_huge_offset(void **state)
{
	struct iovec whole = { guarded(0, SIZE), SIZE };
	struct iovec out[2];
	size_t outcnt = COUNT(out);
	uint8_t to[SIZE];

	(void)state;
	assert_int_equal(iov_gather(to, SIZE, &whole, 1, SIZE_MAX), 0);
	assert_int_equal(iov_scatter(&whole, 1, SIZE_MAX, bytes, SIZE), 0);
	assert_int_equal(iov_slice(out, &outcnt, &whole, 1, SIZE_MAX, SIZE), 0);
	assert_int_equal(outcnt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),        cmocka_unit_test(test_size_saturates),
		cmocka_unit_test(test_gather),      cmocka_unit_test(test_scatter),
		cmocka_unit_test(test_slice),       cmocka_unit_test(test_slice_capacity),
		cmocka_unit_test(test_huge_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
