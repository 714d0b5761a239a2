/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_INTERFACES_H
#define VSOCKDUMP_INTERFACES_H

/*
 * Which vsockmon interfaces there are, and what to do where there is none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <vsockhdr/vsockhdr.h>

/**
 * interfaces_print() - Print the vsockmon interfaces, numbered (-D)
 *
 * Return: false, after a message, where there is none
 */
bool interfaces_print(void);

/**
 * interfaces_choose() - The interface to capture on
 * @wanted:	What -i said: a name, or a number from interfaces_print(); NULL for the
 *		first vsockmon interface
 * @name:	Where its name goes
 *
 * Return: false, after a message, where there is none
 */
bool interfaces_choose(const char *wanted, char name[VSOCKHDR_IFNAME_LEN]);

/**
 * interfaces_report_missing() - Say that an interface does not exist, and what does
 * @name:	What was asked for
 */
void interfaces_report_missing(const char *name);

#endif
