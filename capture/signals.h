/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SIGNALS_H
#define VSOCKDUMP_SIGNALS_H

/*
 * Signals as flags. SIGINT, SIGTERM and SIGHUP ask the program to end in order,
 * SIGUSR1 asks for statistics, SIGUSR2 for what is buffered to be written. While
 * capturing they are blocked except inside ppoll(), so none can fall between the look
 * at a flag and the wait.
 */

#include <signal.h>
#include <stdbool.h>

/**
 * signals_install() - Catch the signals
 *
 * SIGHUP stays ignored where it was (nohup). SIGPIPE is ignored: writing fails then.
 */
void signals_install(void);

/**
 * signals_block() - Block them for the caller's loop
 * @during_wait:	Where the mask for ppoll() goes, which lets them in
 */
void signals_block(sigset_t *during_wait);

/** signals_stops() - How often the user asked to stop */
int signals_stops(void);

/** signals_take_statistics() - Whether statistics were asked for since the last call */
bool signals_take_statistics(void);

/** signals_take_flush() - Whether it was asked to write what is buffered, likewise */
bool signals_take_flush(void);

#endif
