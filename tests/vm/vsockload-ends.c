// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "vsockload-ends.h"

#define BLOCK 16 /* bytes of pattern that are written at a time */

void die(const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(1);
}

/**
 * fill() - write the pattern: lines such as "c0003:000000010\n" (the end, the
 * connection and the offset in hexadecimal), cut where the range begins and ends
 * @buf:	where to
 * @len:	how many bytes
 * @end:	'c' when the client sends it, 's' when the server does
 * @index:	connection
 * @offset:	of the first byte among all that this end sent
 */
static void fill(char *buf, size_t len, char end, unsigned int index, uint64_t offset)
{
	static const char hex[] = "0123456789abcdef";

	while (len > 0) {
		uint64_t start = offset / BLOCK * BLOCK;
		size_t skip = (size_t)(offset - start);
		size_t n = len < BLOCK - skip ? len : BLOCK - skip;
		char block[BLOCK];

		block[0] = end;
		for (int i = 0; i < 4; i++)
			block[1 + i] = hex[index >> (12 - 4 * i) & 0xf];
		block[5] = ':';
		for (int i = 0; i < 9; i++)
			block[6 + i] = hex[start >> (32 - 4 * i) & 0xf];
		block[15] = '\n';
		memcpy(buf, block + skip, n);
		buf += n;
		len -= n;
		offset += n;
	}
}

void *allocate(size_t len)
{
	void *p = malloc(len ? len : 1);

	if (!p)
		die("out of memory");
	return p;
}

void check(const char *buf, size_t len, char end, unsigned int index, uint64_t offset)
{
	char *want = allocate(len);

	fill(want, len, end, index, offset);
	if (memcmp(buf, want, len) != 0)
		die("connection %u: payload differs within %zu bytes from offset %llu",
		    index, len, (unsigned long long)offset);
	free(want);
}

ssize_t try_send(struct connection *c, char end, size_t len)
{
	char *buf = allocate(len);
	ssize_t n;

	fill(buf, len, end, c->index, c->sent);
	n = send(c->fd, buf, len, MSG_NOSIGNAL | (opt.eor ? MSG_EOR : 0));
	if (n > 0)
		c->sent += (uint64_t)n;
	free(buf);
	return n;
}

void send_all(struct connection *c, char end, size_t len)
{
	ssize_t n = try_send(c, end, len);

	if (n < 0)
		die("connection %u: send of %zu bytes: %s", c->index, len,
		    strerror(errno));
	if ((size_t)n != len)
		die("connection %u: send of %zu bytes took %zd", c->index, len, n);
}

void receive_stream(struct connection *c, char end, size_t len)
{
	char buf[65536];

	while (len > 0) {
		ssize_t n = recv(c->fd, buf, len < sizeof(buf) ? len : sizeof(buf), 0);

		if (n < 0)
			die("connection %u: recv: %s", c->index, strerror(errno));
		if (n == 0)
			die("connection %u: ended %zu bytes too soon", c->index, len);
		check(buf, (size_t)n, end, c->index, c->received);
		c->received += (uint64_t)n;
		len -= (size_t)n;
	}
}

/** receive_message() - receive and verify one message of exactly @len bytes */
static void receive_message(struct connection *c, char end, size_t len)
{
	char *buf = allocate(len + 1);
	struct iovec iov = { .iov_base = buf, .iov_len = len + 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(c->fd, &msg, 0);

	if (n < 0)
		die("connection %u: recvmsg: %s", c->index, strerror(errno));
	if ((size_t)n != len || msg.msg_flags & MSG_TRUNC)
		die("connection %u: message of %zd bytes, expected %zu", c->index, n,
		    len);
	if (!(msg.msg_flags & MSG_EOR) == opt.eor)
		die("connection %u: MSG_EOR %s", c->index,
		    opt.eor ? "is missing" : "appeared");
	check(buf, len, end, c->index, c->received);
	c->received += len;
	free(buf);
}

void receive_write(struct connection *c, char end, size_t len)
{
	if (len == 0)
		return;
	if (opt.type == SOCK_STREAM)
		receive_stream(c, end, len);
	else
		receive_message(c, end, len);
}

void expect_eof(struct connection *c)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, 0);

	if (n != 0)
		die("connection %u: recv gave %s instead of the end", c->index,
		    n < 0 ? strerror(errno) : "data");
}

static int new_socket(void)
{
	int fd = socket(AF_VSOCK, opt.type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));
	return fd;
}

static void bind_port(int fd, unsigned int port)
{
	struct sockaddr_vm addr = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port,
	};

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		die("bind to port %u: %s", port, strerror(errno));
}

void set_buffer(int fd, uint64_t size)
{
	/* A buffer is by default no larger than 256 KiB. */
	if (size > 262144 && setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MAX_SIZE,
					&size, sizeof(size)) < 0)
		die("setsockopt: %s", strerror(errno));
	if (setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MIN_SIZE, &size, sizeof(size)) <
		    0 ||
	    setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &size, sizeof(size)) < 0)
		die("setsockopt: %s", strerror(errno));
}

int new_listener(void)
{
	int fd = new_socket();

	bind_port(fd, opt.port);
	if (opt.buffer)
		set_buffer(fd, opt.buffer);
	if (listen(fd, (int)opt.connections) < 0)
		die("listen: %s", strerror(errno));
	return fd;
}

static void begin_connection(struct connection *c, unsigned int index)
{
	*c = (struct connection) { .fd = new_socket(), .index = index };
	bind_port(c->fd, opt.client_port + index);
}

static int connect_socket(int fd)
{
	struct sockaddr_vm addr = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_LOCAL,
		.svm_port = opt.port,
	};

	return connect(fd, (struct sockaddr *)&addr, sizeof(addr));
}

int try_connect(struct connection *c, unsigned int index)
{
	begin_connection(c, index);
	return connect_socket(c->fd);
}

void must_connect(struct connection *c, unsigned int index)
{
	/* The kernel's 2 seconds are little where other machines are emulated beside. */
	const struct timeval patience = { .tv_sec = 20 };

	begin_connection(c, index);
	if (setsockopt(c->fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &patience,
		       sizeof(patience)) < 0 ||
	    connect_socket(c->fd) < 0)
		die("connection %u: connect: %s", index, strerror(errno));
}

void must_accept(struct connection *c, int listener)
{
	struct sockaddr_vm addr = { .svm_port = 0 };
	socklen_t len = sizeof(addr);
	int fd = accept(listener, (struct sockaddr *)&addr, &len);

	if (fd < 0)
		die("accept: %s", strerror(errno));
	if (addr.svm_port < opt.client_port ||
	    addr.svm_port - opt.client_port >= opt.connections)
		die("accepted a stranger: port %u", addr.svm_port);
	*c = (struct connection) { .fd = fd, .index = addr.svm_port - opt.client_port };
}
