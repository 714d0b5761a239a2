/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_IOV_H
#define VSOCKHDR_IOV_H

/*
 * Bytes of an iovec seen as one stretch of memory. Private to the library.
 */

#include <stddef.h>
#include <sys/uio.h>

/**
 * iov_size() - Bytes in an iovec
 *
 * Return: the sum of the fragments, SIZE_MAX if that does not fit
 */
size_t iov_size(const struct iovec *iov, size_t iovcnt);

/**
 * iov_gather_once() - Copy header bytes out of an iovec, reading each exactly once
 * @dst:	Private memory
 * @count:	How many at the most
 * @iov:	The fragments
 * @iovcnt:	How many
 *
 * Return: bytes copied, fewer than @count where the fragments end before
 */
size_t iov_gather_once(void *dst, size_t count, const struct iovec *iov, size_t iovcnt);

/**
 * iov_gather() - Copy payload bytes out of an iovec
 * @dst:	Private memory
 * @count:	How many at the most
 * @iov:	The fragments
 * @iovcnt:	How many
 * @offset:	First byte, counted over all fragments
 *
 * Return: bytes copied, fewer than @count where the fragments end before
 */
size_t iov_gather(void *dst, size_t count, const struct iovec *iov, size_t iovcnt,
		  size_t offset);

/**
 * iov_scatter() - Copy bytes into an iovec; iov_gather() the other way round
 */
size_t iov_scatter(const struct iovec *iov, size_t iovcnt, size_t offset, const void *src,
		   size_t count);

/**
 * iov_slice() - Describe a stretch of an iovec by another iovec
 * @out:	Where its fragments go, no empty ones
 * @outcnt:	On entry how many fit, on return how many were set
 * @count:	How many bytes at the most
 *
 * Return: bytes that @out describes
 */
size_t iov_slice(struct iovec *out, size_t *outcnt, const struct iovec *iov,
		 size_t iovcnt, size_t offset, size_t count);

#endif
