/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PCAPNG_LOSS_H
#define VSOCKDUMP_PCAPNG_LOSS_H

/*
 * How many packets a capture has lost, as its pcapng file tells. libpcap does not say.
 */

#include <stdint.h>

#include "source.h"

/**
 * pcapng_loss() - Packets that were lost while a file was captured
 * @file:	The file
 *
 * Return: what its interface statistics blocks say; 0 where it has none, or is no
 * regular file in pcapng format
 */
uint64_t pcapng_loss(const struct capture_file *file);

#endif
