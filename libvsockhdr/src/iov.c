/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Theory of operation: a descriptor chain cuts a packet wherever its driver likes, so
 * every function walks the fragments with a running offset. One step of that walk,
 * skip(), is shared: it drops what lies before the offset and empty fragments.
 *
 * Headers and payload are copied differently. A header's bytes are volatile, so that
 * each is read once (wire.h says why); nothing depends on a payload's bytes, so they
 * are copied as fast as the machine can.
 */

#include "iov.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* The part of one fragment that lies at or after *offset; *offset is lowered by what
 * lies before. */
static struct iovec skip(const struct iovec *fragment, size_t *offset)
{
	struct iovec rest = { NULL, 0 };

	assert(fragment->iov_base || fragment->iov_len == 0);
	if (*offset >= fragment->iov_len) {
		*offset -= fragment->iov_len;
		return rest;
	}
	rest.iov_base = (uint8_t *)fragment->iov_base + *offset;
	rest.iov_len = fragment->iov_len - *offset;
	*offset = 0;
	return rest;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t iov_size(const struct iovec *iov, size_t iovcnt)
{
	size_t total = 0;

	assert(iov || iovcnt == 0);
	for (size_t i = 0; i < iovcnt; i++) {
		if (iov[i].iov_len > SIZE_MAX - total)
			return SIZE_MAX;
		total += iov[i].iov_len;
	}
	return total;
}

size_t iov_gather_once(void *dst, size_t count, const struct iovec *iov, size_t iovcnt)
{
	uint8_t *to = dst;
	size_t done = 0;

	assert(iov || iovcnt == 0);
	for (size_t i = 0; i < iovcnt; i++) {
		const volatile uint8_t *from = iov[i].iov_base;
		size_t n = min_size(iov[i].iov_len, count - done);

		assert(from || iov[i].iov_len == 0);
		for (size_t k = 0; k < n; k++)
			to[done++] = from[k];
	}
	return done;
}

size_t iov_gather(void *dst, size_t count, const struct iovec *iov, size_t iovcnt,
		  size_t offset)
{
	uint8_t *to = dst;
	size_t done = 0;

	assert(iov || iovcnt == 0);
	for (size_t i = 0; i < iovcnt && done < count; i++) {
		struct iovec part = skip(&iov[i], &offset);
		size_t n = min_size(part.iov_len, count - done);

		if (n > 0)
			memcpy(to + done, part.iov_base, n);
		done += n;
	}
	return done;
}

size_t iov_scatter(const struct iovec *iov, size_t iovcnt, size_t offset, const void *src,
		   size_t count)
{
	const uint8_t *from = src;
	size_t done = 0;

	assert(iov || iovcnt == 0);
	for (size_t i = 0; i < iovcnt && done < count; i++) {
		struct iovec part = skip(&iov[i], &offset);
		size_t n = min_size(part.iov_len, count - done);

		if (n > 0)
			memcpy(part.iov_base, from + done, n);
		done += n;
	}
	return done;
}

size_t iov_slice(struct iovec *out, size_t *outcnt, const struct iovec *iov,
		 size_t iovcnt, size_t offset, size_t count)
{
	size_t capacity = *outcnt;
	size_t done = 0;

	assert(iov || iovcnt == 0);
	*outcnt = 0;
	for (size_t i = 0; i < iovcnt && done < count && *outcnt < capacity; i++) {
		struct iovec part = skip(&iov[i], &offset);

		if (part.iov_len == 0)
			continue;
		part.iov_len = min_size(part.iov_len, count - done);
		done += part.iov_len;
		out[(*outcnt)++] = part;
	}
	return done;
}
