/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_NAMING_WORDS_H
#define VSOCKDUMP_NAMING_WORDS_H

/*
 * Which words can be names: those that do no harm to a terminal, that a filter can be
 * written with, and that nobody takes for a number.
 */

#include <stdbool.h>

#include "naming.h"

/** Why a word is no name; NULL: it is one */
const char *naming_fault(const char *word);

/**
 * naming_make_sound() - Make a name of any text
 * @name:	Where it goes: other characters than letters, digits, '.', '_' and '-' are
 *		replaced by '_', and what is too long is cut; empty where even then it
 *		cannot be a name
 * @text:	The text
 */
void naming_make_sound(char name[NAMING_MAX + 1], const char *text);

#endif
