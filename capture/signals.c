/* SPDX-License-Identifier: BSD-2-Clause */

#include "signals.h"

#include <stddef.h>

static volatile sig_atomic_t stops;
static volatile sig_atomic_t statistics;
static volatile sig_atomic_t flush;

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

#define STOP_SIGNALS (sizeof(stop_signals) / sizeof(stop_signals[0]))

static void on_stop(int signal)
{
	(void)signal;
	if (stops < 2)
		stops = stops + 1;
}

static void on_statistics(int signal)
{
	(void)signal;
	statistics = 1;
}

static void on_flush(int signal)
{
	(void)signal;
	flush = 1;
}

void signals_install(void)
{
	struct sigaction action = { .sa_handler = on_stop };
	struct sigaction old;

	for (size_t i = 0; i < STOP_SIGNALS; i++) {
		sigaction(stop_signals[i], NULL, &old);
		if (stop_signals[i] == SIGHUP && old.sa_handler == SIG_IGN)
			continue;
		sigaction(stop_signals[i], &action, NULL);
	}
	/* A reader that goes away, or a limit of files' sizes, is found when something is
	 * written, and the rest is done in order: statistics, and the end of an interface
	 * of our own. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	sigaction(SIGXFSZ, &action, NULL);
	action.sa_handler = on_statistics;
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = on_flush;
	sigaction(SIGUSR2, &action, NULL);
}

void signals_block(sigset_t *during_wait)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	for (size_t i = 0; i < STOP_SIGNALS; i++)
		sigaddset(&set, stop_signals[i]);
	sigprocmask(SIG_BLOCK, &set, during_wait);
}

int signals_stops(void)
{
	return stops;
}

bool signals_take_statistics(void)
{
	bool asked = statistics != 0;

	statistics = 0;
	return asked;
}

bool signals_take_flush(void)
{
	bool asked = flush != 0;

	flush = 0;
	return asked;
}
