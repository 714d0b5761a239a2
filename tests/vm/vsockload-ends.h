// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ends of vsockload's connections: sockets with explicit ports, and payload
 * whose every byte is known. Whatever is not as expected ends the process.
 */
#ifndef VSOCKLOAD_ENDS_H
#define VSOCKLOAD_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_SIZES 64

/** What the command line asks for; constant once the threads run. */
struct options {
	int type;                 /* SOCK_STREAM or SOCK_SEQPACKET */
	unsigned int port;        /* the server's */
	unsigned int client_port; /* of connection 0 */
	unsigned int connections;
	unsigned int concurrent;
	unsigned int pause_ms; /* the receiver sleeps so long before it reads */
	uint64_t buffer;       /* SO_VM_SOCKETS_BUFFER_SIZE of the server, 0 = default */
	bool eor;              /* MSG_EOR on each message */
	size_t sizes[MAX_SIZES];
	size_t n_sizes;
	unsigned int repeat; /* the list of sizes is gone through so often */
};

extern struct options opt;

/** One connection, as either end sees it. */
struct connection {
	int fd;
	unsigned int index;
	uint64_t sent; /* payload bytes */
	uint64_t received;
};

/** die() - end the process because something is not as expected */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);

/** allocate() - malloc() that succeeds, of no bytes too */
void *allocate(size_t len);

/** check() - end the process unless @buf is what @end ('c' or 's') sent at @offset */
void check(const char *buf, size_t len, char end, unsigned int index, uint64_t offset);

/** try_send() - send the next @len bytes as @end; return what send() returns */
ssize_t try_send(struct connection *c, char end, size_t len);

/** send_all() - send the next @len bytes in one call, which must take them all */
void send_all(struct connection *c, char end, size_t len);

/** receive_stream() - receive and verify exactly @len bytes from @end */
void receive_stream(struct connection *c, char end, size_t len);

/**
 * receive_write() - receive and verify what one write of @len bytes brings
 *
 * A write of no bytes brings nothing, for a stream as for a seqpacket
 * connection: Linux sends no packet for it.
 */
void receive_write(struct connection *c, char end, size_t len);

/** expect_eof() - the other end must have closed, and sent nothing more */
void expect_eof(struct connection *c);

/** set_buffer() - set the size of a socket's receive buffer, however small */
void set_buffer(int fd, uint64_t size);

/** new_listener() - return a socket that listens at the server's port */
int new_listener(void);

/** try_connect() - connect @c as connection @index; return what connect() returns */
int try_connect(struct connection *c, unsigned int index);

/** must_connect() - connect @c as connection @index */
void must_connect(struct connection *c, unsigned int index);

/** must_accept() - accept one of our own connections as @c */
void must_accept(struct connection *c, int listener);

#endif
