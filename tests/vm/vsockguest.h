// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the files of vsockguest share: a connection, and the way out.
 */
#ifndef VSOCKGUEST_H
#define VSOCKGUEST_H

#include <stddef.h>
#include <stdint.h>

#include "vsockguest-script.h"

/** struct connection - One connection, as its two ends see it
 * @host_sent:	Payload bytes that the host's socket took
 * @host_received: Payload bytes that it gave
 * @set:	Fields that every packet of the guest has
 * @guest_port:	Port of the guest's end
 * @host_port:	Port of the host's
 * @tx_cnt:	Payload bytes that the guest has sent
 * @fwd_cnt:	Payload bytes that it has received
 * @peer_buf_alloc: The host's buffer, as its packets say
 * @peer_fwd_cnt: What the host has consumed, likewise
 * @fd:		The host's socket, or -1
 * @type:	Of its packets
 */
struct connection {
	uint64_t host_sent;
	uint64_t host_received;
	struct command set;
	uint32_t guest_port;
	uint32_t host_port;
	uint32_t tx_cnt;
	uint32_t fwd_cnt;
	uint32_t peer_buf_alloc;
	uint32_t peer_fwd_cnt;
	int fd;
	uint16_t type;
};

/** die() - End the process: what the script's line wants cannot be had */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);

/** now_ms() - Milliseconds of a clock that nobody sets */
int64_t now_ms(void);

/** wait_for_fd() - Wait until poll() has something to say of a file
 * @deadline:	Of now_ms()
 *
 * Return: what it says, or 0 where the time has passed
 */
int wait_for_fd(int fd, int events, int64_t deadline);

/** payload_fill() - The payload of either end, the alphabet again and again
 * @offset:	Of the first byte, among all that this end sent
 */
void payload_fill(uint8_t *payload, size_t len, uint64_t offset);

/** payload_check() - Whether payload is what payload_fill() makes */
bool payload_check(const uint8_t *payload, size_t len, uint64_t offset);

/** host_run() - Carry out a command of the host's end
 * @command:	With a verb VERB_HOST_...
 * @c:		The current connection, or NULL
 * @cid:	The guest's
 */
void host_run(const struct command *command, struct connection *c, uint32_t cid);

#endif
