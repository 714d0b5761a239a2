/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_NAMING_FILE_H
#define VSOCKDUMP_NAMING_FILE_H

/*
 * A file of names: vsockdump-cids(5).
 */

#include <stdbool.h>
#include <stdint.h>

/** Longest file in bytes */
#define NAMING_FILE_MAX 1048576

/**
 * naming_file_take - Called for each line that gives a name
 * @context:	From naming_file_read()
 * @port:	It is one of a port, not of a CID
 * @number:	The CID or port
 * @name:	The name, which is a good one; valid during the call
 *
 * Return: NULL, or what is wrong with it after all
 */
typedef const char *naming_file_take(void *context, bool port, uint64_t number,
				     const char *name);

/**
 * naming_file_read() - Read a file of names
 * @path:	The file
 * @required:	It must be there, and readable
 * @take:	Given what it says
 * @context:	Given to @take
 *
 * Return: false, after a message with its name and line, where it is wrong
 */
bool naming_file_read(const char *path, bool required, naming_file_take *take,
		      void *context);

#endif
