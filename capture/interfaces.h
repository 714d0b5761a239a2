/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_INTERFACES_H
#define VSOCKDUMP_INTERFACES_H

/*
 * Which vsockmon interfaces there are, and what to do where there is none.
 */

#include <stdbool.h>

#include "vsockmon.h"

/**
 * interfaces_print() - Print the vsockmon interfaces, numbered (-D)
 *
 * Return: false, after a message, where there is none
 */
bool interfaces_print(void);

/**
 * interfaces_choose() - The interface to capture on
 * @wanted:	What -i said: a name, or a number from interfaces_print(); NULL for
 *		whatever suits
 * @vsockmon:	Set to it; give it to vsockmon_remove() after the capture
 *
 * What -i said is taken as it is. Where it said nothing, this is, in this order:
 *
 * 1. a vsockmon interface that is up, the oldest of them;
 * 2. one that is down: it is brought up for as long as the capture lasts;
 * 3. one that is made for as long as the capture lasts, where the driver is loaded.
 *
 * Interfaces that another vsockdump has made for itself go when it ends: they are taken
 * only where there is no permission to make one. No module is loaded. There is a message
 * about everything that is done.
 *
 * Return: false, after a message that says what to do, where there is none
 */
bool interfaces_choose(const char *wanted, struct vsockmon *vsockmon);

/**
 * interfaces_report_missing() - Say that an interface does not exist, and what does
 * @name:	What was asked for
 */
void interfaces_report_missing(const char *name);

#endif
