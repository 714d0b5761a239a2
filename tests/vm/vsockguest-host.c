// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's end of vsockguest's connections: ordinary sockets of the kernel, in the
 * same process, so that a script can say in which order the two ends act.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "vsockguest.h"

#define LISTENERS 8

static struct listener {
	uint32_t port;
	int fd;
} listeners[LISTENERS];
static size_t n_listeners;
/* Of sockets made from now on; 0: as the kernel likes */
static uint64_t buffer;
static uint32_t timeout_ms;

static int new_socket(uint16_t type, uint32_t port)
{
	struct sockaddr_vm sa = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port,
	};
	int kind = type == VSOCKHDR_TYPE_SEQPACKET ? SOCK_SEQPACKET : SOCK_STREAM;
	int fd = socket(AF_VSOCK, kind | SOCK_CLOEXEC, 0);
	uint64_t size = buffer;

	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("the host's socket at port %u: %s", port, strerror(errno));
	/* A buffer may not be smaller than the least that is allowed. */
	if (size > 0 && (setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MIN_SIZE, &size,
				    sizeof(size)) < 0 ||
			 setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &size,
				    sizeof(size)) < 0))
		die("the host's buffer: %s", strerror(errno));
	return fd;
}

static void host_listen(const struct command *command)
{
	struct listener *listener = &listeners[n_listeners];

	if (n_listeners++ == LISTENERS)
		die("more than %d listeners", LISTENERS);
	listener->port = command->host_port;
	listener->fd = new_socket(command->type, command->host_port);
	if (listen(listener->fd, 8) < 0)
		die("listen: %s", strerror(errno));
}

static void host_accept(struct connection *c, int64_t deadline)
{
	struct sockaddr_vm sa = { 0 };
	socklen_t len = sizeof(sa);
	size_t i = 0;

	while (i < n_listeners && listeners[i].port != c->host_port)
		i++;
	if (i == n_listeners)
		die("the host does not listen at port %u", c->host_port);
	if (!wait_for_fd(listeners[i].fd, POLLIN, deadline))
		die("the host has no connection to accept");
	c->fd = accept4(listeners[i].fd, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC);
	if (c->fd < 0)
		die("accept: %s", strerror(errno));
	if (sa.svm_port != c->guest_port)
		die("the host accepted the guest's port %u", sa.svm_port);
	c->host_sent = 0;
	c->host_received = 0;
}

static void host_connect(struct connection *c, uint32_t cid)
{
	struct sockaddr_vm sa = {
		.svm_family = AF_VSOCK,
		.svm_cid = cid,
		.svm_port = c->guest_port,
	};
	const struct timeval timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000,
	};

	c->fd = new_socket(c->type, c->host_port);
	c->host_sent = 0;
	c->host_received = 0;
	if (timeout_ms > 0 && setsockopt(c->fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT,
					 &timeout, sizeof(timeout)) < 0)
		die("the host's time-out: %s", strerror(errno));
	/* The guest that is to answer is this very thread. */
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0)
		die("O_NONBLOCK: %s", strerror(errno));
	if (connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 &&
	    errno != EINPROGRESS)
		die("connect: %s", strerror(errno));
}

/* The error that a socket has, or comes to have in time; 0 for none */
static int error_of(int fd, int64_t deadline)
{
	int events = wait_for_fd(fd, POLLIN | POLLHUP | POLLERR, deadline);
	socklen_t len = sizeof(int);
	int error = 0;
	char byte;

	if (events == 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		die("SO_ERROR: %s", strerror(errno));
	if (error == 0 && recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0)
		error = errno;
	return error;
}

static void host_connected(const struct connection *c, int64_t deadline)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (!wait_for_fd(c->fd, POLLOUT, deadline))
		die("the host's connect() is not done");
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error)
		die("the host's connect(): %s", strerror(error));
}

/* Wait until a socket that said EAGAIN may have something else to say. poll() is no help
 * with half a message, and with room for less than one. */
static void pause_until(int64_t deadline, const char *what)
{
	if (now_ms() >= deadline)
		die("%s", what);
	usleep(5000);
}

static void host_send(struct connection *c, size_t len, int64_t deadline)
{
	uint8_t *data = malloc(len + 1);
	size_t sent = 0;

	if (!data)
		die("no memory");
	payload_fill(data, len, c->host_sent);
	while (sent < len) {
		ssize_t n =
			send(c->fd, data + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN)
			die("the host's send(): %s", strerror(errno));
		if (n < 0)
			pause_until(deadline, "the host has no credit to send");
		else
			sent += (size_t)n;
	}
	free(data);
	c->host_sent += len;
}

static void host_full(const struct connection *c)
{
	if (send(c->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno != EAGAIN)
		die("the host may send, or cannot for another reason: %s",
		    strerror(errno));
}

static void host_receive(struct connection *c, size_t len, int64_t deadline)
{
	static uint8_t data[1 << 20]; /* a whole message */
	size_t got = 0;

	while (got < len) {
		size_t want = len - got < sizeof(data) ? len - got : sizeof(data);
		ssize_t n = recv(c->fd, data, want, MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			pause_until(deadline, "the host has not received all of it");
			continue;
		}
		if (n < 0)
			die("the host's recv(): %s", strerror(errno));
		if (n == 0)
			die("the host received %zu of %zu bytes, then the end", got, len);
		if (!payload_check(data, (size_t)n, c->host_received))
			die("the host received what was not sent");
		c->host_received += (size_t)n;
		got += (size_t)n;
	}
}

static void host_eof(const struct connection *c, int64_t deadline)
{
	uint8_t byte;
	ssize_t n;

	if (!wait_for_fd(c->fd, POLLIN, deadline))
		die("the host's recv() has nothing to say");
	n = recv(c->fd, &byte, 1, MSG_DONTWAIT);
	if (n != 0)
		die("the host's recv() gives %s, not the end",
		    n > 0 ? "data" : strerror(errno));
}

static void host_error(const struct command *command, const struct connection *c)
{
	int error = error_of(c->fd, now_ms() + command->within_ms);

	if (error != command->error)
		die("the host's socket has the error %s, expected %s",
		    error ? strerrorname_np(error) : "0",
		    strerrorname_np(command->error));
}

static void host_shutdown(const struct command *command, const struct connection *c)
{
	/* SHUT_RD, SHUT_WR and SHUT_RDWR are the flags less one. */
	if (command->number < 1 || command->number > 3)
		die("no such shutdown()");
	if (shutdown(c->fd, (int)command->number - 1) < 0)
		die("shutdown: %s", strerror(errno));
}

void host_run(const struct command *command, struct connection *c, uint32_t cid)
{
	int64_t deadline = now_ms() + DEFAULT_WITHIN_MS;

	switch (command->verb) {
	case VERB_HOST_BUFFER:
		buffer = command->number;
		return;
	case VERB_HOST_TIMEOUT:
		timeout_ms = command->number;
		return;
	case VERB_HOST_LISTEN:
		host_listen(command);
		return;
	case VERB_HOST_ACCEPT:
		host_accept(c, deadline);
		return;
	case VERB_HOST_CONNECT:
		host_connect(c, cid);
		return;
	default:
		break;
	}
	if (c->fd < 0)
		die("the host has no socket of this connection");
	switch (command->verb) {
	case VERB_HOST_CONNECTED:
		host_connected(c, deadline);
		break;
	case VERB_HOST_SEND:
		host_send(c, command->number, deadline);
		break;
	case VERB_HOST_FULL:
		host_full(c);
		break;
	case VERB_HOST_RECEIVE:
		host_receive(c, command->number, deadline);
		break;
	case VERB_HOST_EOF:
		host_eof(c, deadline);
		break;
	case VERB_HOST_ERROR:
		host_error(command, c);
		break;
	case VERB_HOST_SHUTDOWN:
		host_shutdown(command, c);
		break;
	default:
		close(c->fd);
		c->fd = -1;
		break;
	}
}
