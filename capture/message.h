/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_MESSAGE_H
#define VSOCKDUMP_MESSAGE_H

/*
 * Words for the user, on standard error: standard output is for packets.
 */

/** enum exit_status - What vsockdump ends with */
enum exit_status {
	STATUS_OK = 0,
	/** Something could not be read, captured or written */
	STATUS_FAILED = 1,
	/** The command line is wrong */
	STATUS_USAGE = 2,
};

/**
 * message() - One line on standard error, "vsockdump: " before it
 * @format:	As for printf(), without a final newline
 */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * inform() - How things go, on standard error, for whoever watches
 * @format:	As for printf()
 */
void inform(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** message_only_faults() - From now on nobody watches: inform() says nothing */
void message_only_faults(void);

#endif
