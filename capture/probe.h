/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_PROBE_H
#define VSOCKDUMP_PROBE_H

/*
 * What this machine offers for capturing vsock, and what to do about each gap (--probe).
 */

#include <stdbool.h>

#include "probe_look.h"

/**
 * probe_print() - Look at this machine and print what was seen, on standard output
 * @json:	As a JSON object instead of a table
 *
 * Nothing is loaded or changed, and no program is run.
 *
 * Return: whether vsockdump can capture here, now, as this user
 */
bool probe_print(bool json);

/**
 * probe_judge() - Print what was seen
 * @seen:	What probe_look() or a test found
 * @json:	As a JSON object
 *
 * Return: as probe_print()
 */
bool probe_judge(const struct probe *seen, bool json);

#endif
