/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Memory in large pages: what it holds, where it lies, and that none is left behind. The
 * linker puts the functions here in place of those of the C library (see CMakeLists.txt),
 * so that each mapped byte is counted, and any call may be refused. Its header is
 * private.
 */

#include "pages.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "helper.h"

/* Around the size from which on pages are large, and around the next one */
static const size_t sizes[] = {
	1,
	4096,
	100000,
	PAGES_HUGE - 1,
	PAGES_HUGE,
	PAGES_HUGE + 1,
	2 * PAGES_HUGE,
	2 * PAGES_HUGE + 4097,
	5 * PAGES_HUGE,
};

/* Calls that still succeed, and bytes that are mapped now */
static size_t left = SIZE_MAX;
static size_t held;

static bool refused(void)
{
	if (left == 0)
		return true;
	left--;
	return false;
}

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* What the linker names the functions of the C library, and ours.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__real_mremap(void *old, size_t old_size, size_t size, int flags, ...);
int __real_munmap(void *memory, size_t size);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mremap(void *old, size_t old_size, size_t size, int flags, ...);
int __wrap_munmap(void *memory, size_t size);

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (refused())
		return MAP_FAILED;
	held += whole_pages(size);
	return __real_mmap(at, size, protection, flags, fd, offset);
}

void *__wrap_mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	void *to = NULL;
	va_list more;

	va_start(more, flags);
	if (flags & MREMAP_FIXED)
		to = va_arg(more, void *);
	va_end(more);
	if (refused())
		return MAP_FAILED;
	/* What lay at a place that the caller names was counted, and is gone. */
	held -= whole_pages(old_size);
	if (!to)
		held += whole_pages(size);
	return __real_mremap(old, old_size, size, flags, to);
}

int __wrap_munmap(void *memory, size_t size)
{
	held -= whole_pages(size);
	return __real_munmap(memory, size);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at % 251 + 1);
}

static void fill(uint8_t *memory, size_t size)
{
	for (size_t i = 0; i < size; i++)
		memory[i] = byte_at(i);
}

/* What was written up to @filled, and zero from there on */
static void assert_holds(const uint8_t *memory, size_t filled, size_t size)
{
	size_t i = 0;

	while (i < filled && memory[i] == byte_at(i))
		i++;
	while (i >= filled && i < size && memory[i] == 0)
		i++;
	assert_int_equal(i, size);
}

static void assert_place(const uint8_t *memory, size_t size)
{
	assert_non_null(memory);
	if (size >= PAGES_HUGE)
		assert_int_equal((uintptr_t)memory % PAGES_HUGE, 0);
}

static void test_take(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint8_t *memory = pages_resize(NULL, 0, sizes[i]);

		assert_place(memory, sizes[i]);
		assert_in_range(held, sizes[i], sizes[i] + PAGES_HUGE - 1);
		assert_holds(memory, 0, sizes[i]);
		fill(memory, sizes[i]);
		pages_free(memory, sizes[i]);
		assert_int_equal(held, 0);
	}
	pages_free(NULL, 0);
	assert_int_equal(held, 0);
}

static void test_grow(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++)
		for (size_t j = i; j < COUNT(sizes); j++) {
			uint8_t *memory = pages_resize(NULL, 0, sizes[i]);

			fill(memory, sizes[i]);
			memory = pages_resize(memory, sizes[i], sizes[j]);
			assert_place(memory, sizes[j]);
			assert_in_range(held, sizes[j], sizes[j] + PAGES_HUGE - 1);
			assert_holds(memory, sizes[i], sizes[j]);
			pages_free(memory, sizes[j]);
			assert_int_equal(held, 0);
		}
}

/* Each call in turn is refused: what was there stays as it was */
static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		left = 0;
		assert_null(pages_resize(NULL, 0, sizes[i]));
		left = SIZE_MAX;
		assert_int_equal(held, 0);
	}
	for (size_t i = 0; i < COUNT(sizes); i++)
		for (size_t j = i + 1; j < COUNT(sizes); j++) {
			uint8_t *memory = pages_resize(NULL, 0, sizes[i]);
			uint8_t *grown = NULL;
			size_t before = held;

			fill(memory, sizes[i]);
			for (size_t calls = 0; !grown; calls++) {
				left = calls;
				grown = pages_resize(memory, sizes[i], sizes[j]);
				left = SIZE_MAX;
				if (!grown) {
					assert_int_equal(held, before);
					assert_holds(memory, sizes[i], sizes[i]);
				}
			}
			assert_holds(grown, sizes[i], sizes[j]);
			pages_free(grown, sizes[j]);
			assert_int_equal(held, 0);
		}
}

/* An array may be made with room for what never comes. */
static void test_untouched(void **state)
{
	const size_t size = 8 * PAGES_HUGE;
	uint8_t *memory = pages_resize(NULL, 0, size);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char resident;

	(void)state;
	fill(memory, 1);
	for (size_t at = PAGES_HUGE; at < size; at += page) {
		assert_int_equal(mincore(memory + at, page, &resident), 0);
		assert_int_equal(resident & 1, 0);
	}
	pages_free(memory, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
