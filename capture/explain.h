/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_EXPLAIN_H
#define VSOCKDUMP_EXPLAIN_H

/*
 * What a kind of finding means (--explain).
 */

#include "message.h"

/**
 * explain() - Print what is known about a kind of finding, on standard output
 * @name:	Its identifier, or "all" for a list of them
 *
 * Return: STATUS_OK; STATUS_USAGE, after a message, where there is no such kind
 */
enum exit_status explain(const char *name);

#endif
