/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_COMMAND_H
#define VSOCKDUMP_COMMAND_H

/*
 * A command that is run for each file that rotation has completed (-z).
 */

#include <stdbool.h>
#include <stdint.h>

#include "child.h"

/**
 * struct command - The command
 * @program:	Its name
 * @child:	The process that runs it
 * @missed:	Files that it is not run for
 */
struct command {
	const char *program;
	struct child child;
	uint64_t missed;
};

/**
 * command_start() - Begin the process that will run the command
 * @command:	Set to it
 * @program:	A program, looked for in PATH; it will get a file's name as its argument
 *
 * To be called by whom the command is to be run as, while processes may be started.
 *
 * Return: false, after a message, where there is no such program or no process
 */
bool command_start(struct command *command, const char *program);

/**
 * command_run() - Have the command run for a file
 * @command:	The command, or NULL: nothing is done
 * @file:	The file's name, shorter than PATH_MAX
 *
 * Never waits. Where commands are so slow that there is no room for yet another name,
 * there is a message, and the command is not run for this file.
 */
void command_run(struct command *command, const char *file);

/**
 * command_end() - No more files
 * @command:	The command; one that was never started is zeros
 *
 * The commands that were asked for all run, if need be after the end of vsockdump.
 */
void command_end(struct command *command);

#endif
