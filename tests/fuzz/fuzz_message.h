/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FUZZ_MESSAGE_H
#define VSOCKDUMP_FUZZ_MESSAGE_H

/*
 * In place of capture/message.c: words are formatted, and shown to nobody.
 */

#include <stdbool.h>

/** complained - Whether there was a message() since a target last set it to false */
extern bool complained;

#endif
