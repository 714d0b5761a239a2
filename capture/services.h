/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_SERVICES_H
#define VSOCKDUMP_SERVICES_H

/*
 * Well-known ports of vsock. Nobody assigns them: each is what one project chose.
 */

#include <stdbool.h>
#include <stdint.h>

/** services_name() - Name of a port that is known to be what it says; NULL: none is */
const char *services_name(uint32_t port);

/** services_find() - Port of a service's name, without regard to case */
bool services_find(const char *name, uint32_t *port);

#endif
