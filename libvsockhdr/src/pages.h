/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_PAGES_H
#define VSOCKHDR_PAGES_H

/*
 * Memory for arrays that may become large, from the kernel itself: the C library's would
 * keep what an array that grows leaves behind. Private to the library.
 */

#include <stddef.h>

/** A page as large as that saves the processor a walk through tables for each access */
#define PAGES_HUGE ((size_t)2 * 1024 * 1024)

/**
 * pages_resize() - Take memory, or make it larger
 * @old:	Memory, or NULL; it may move
 * @old_size:	Its size, or 0
 * @size:	Bytes wanted
 *
 * Return: the memory, zero beyond @old_size; NULL where there is none, then @old is as
 * it was. What was never written to takes nothing
 */
void *pages_resize(void *old, size_t old_size, size_t size);

/** pages_free() - Return memory, or NULL */
void pages_free(void *memory, size_t size);

#endif
