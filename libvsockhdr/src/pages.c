/* SPDX-License-Identifier: BSD-2-Clause */

#include "pages.h"

#include <stdint.h>
#include <sys/mman.h>

void *pages_resize(void *old, size_t old_size, size_t size)
{
	void *memory;

	if (old)
		memory = mremap(old, old_size, size, MREMAP_MAYMOVE);
	else
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	/* A wish that need not come true */
	if (size >= 2 * PAGES_HUGE)
		madvise(memory, size, MADV_HUGEPAGE);
	return memory;
}

void pages_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}
