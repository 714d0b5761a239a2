/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: much memory lies in large pages, which the kernel gives, and
 * moves, only where the address is a multiple of their size.
 */

#include "pages.h"

#include <stdint.h>
#include <sys/mman.h>

/* What is mapped for a size: much of it in whole large pages */
static size_t mapped(size_t size)
{
	if (size < PAGES_HUGE)
		return size;
	return (size + PAGES_HUGE - 1) / PAGES_HUGE * PAGES_HUGE;
}

static void *map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* So many large pages: more is mapped, and what is too much returned */
static void *map_huge(size_t size)
{
	uint8_t *memory = map(size + PAGES_HUGE);
	size_t before;

	if (!memory)
		return NULL;
	before = PAGES_HUGE - (uintptr_t)memory % PAGES_HUGE;
	munmap(memory, before);
	if (before < PAGES_HUGE)
		munmap(memory + before + size, PAGES_HUGE - before);
	return memory + before;
}

static void *resize_huge(void *old, size_t old_size, size_t size)
{
	void *memory = map_huge(size);

	if (memory && old &&
	    mremap(old, old_size, size, MREMAP_MAYMOVE | MREMAP_FIXED, memory) ==
		    MAP_FAILED) {
		munmap(memory, size);
		return NULL;
	}
	/* A wish that need not come true */
	if (memory)
		madvise(memory, size, MADV_HUGEPAGE);
	return memory;
}

void *pages_resize(void *old, size_t old_size, size_t size)
{
	void *memory;

	old_size = mapped(old_size);
	size = mapped(size);
	if (old && old_size == size)
		return old;
	if (size >= PAGES_HUGE)
		return resize_huge(old, old_size, size);
	if (!old)
		return map(size);
	memory = mremap(old, old_size, size, MREMAP_MAYMOVE);
	return memory == MAP_FAILED ? NULL : memory;
}

void pages_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, mapped(size));
}
