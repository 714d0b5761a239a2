// SPDX-License-Identifier: BSD-2-Clause
/*
 * vsockload: traffic between two AF_VSOCK sockets of one machine
 *
 * Theory of operation
 *
 * A test needs traffic that is the same each time and whose every byte is
 * known. So one process is both ends: a server thread that listens, and client
 * threads that connect to it over the loopback CID. Ports are explicit: the
 * server's is -p, and the client of connection i binds -l plus i, by which the
 * server also knows which connection it has accepted. Each byte sent tells
 * which end of which connection sent it and where in the stream it stands, in
 * text that a person can read in a capture; the receiver compares all of it.
 *
 * A case (a row of the table at the end) is what the two ends do on a
 * connection: a function each for the client and the server. Cases whose point
 * is how a connection ends badly have a function of their own instead.
 *
 * Whatever is not as expected ends the process at once, with a message and
 * status 1. So does the watchdog: a test that hangs says so itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vsockload-ends.h"

struct options opt = {
	.type = SOCK_STREAM,
	.port = 1234,
	.client_port = 1024,
	.connections = 1,
	.concurrent = 1,
	.repeat = 1,
};

static void watchdog(int sig)
{
	static const char message[] = "vsockload: hangs: killed by its watchdog\n";

	(void)sig;
	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(1);
}

static void sleep_ms(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Cases that every connection goes through, one function an end ---- */

/** echo: each write is answered with as many bytes before the next one */
static void echo_client(struct connection *c)
{
	for (unsigned int r = 0; r < opt.repeat; r++) {
		for (size_t i = 0; i < opt.n_sizes; i++) {
			send_all(c, 'c', opt.sizes[i]);
			receive_write(c, 's', opt.sizes[i]);
		}
	}
}

static void echo_server(struct connection *c)
{
	for (unsigned int r = 0; r < opt.repeat; r++) {
		for (size_t i = 0; i < opt.n_sizes; i++) {
			receive_write(c, 'c', opt.sizes[i]);
			send_all(c, 's', opt.sizes[i]);
		}
	}
	expect_eof(c);
}

/** send: the client writes, the server reads */
static void send_client(struct connection *c)
{
	for (unsigned int r = 0; r < opt.repeat; r++) {
		for (size_t i = 0; i < opt.n_sizes; i++)
			send_all(c, 'c', opt.sizes[i]);
	}
}

static void send_server(struct connection *c)
{
	sleep_ms(opt.pause_ms);
	for (unsigned int r = 0; r < opt.repeat; r++) {
		for (size_t i = 0; i < opt.n_sizes; i++)
			receive_write(c, 'c', opt.sizes[i]);
	}
	expect_eof(c);
}

/** half-close: the client sends the first size and ends its direction; the
 * server answers with the second size when it has seen that end */
static void half_close_client(struct connection *c)
{
	send_all(c, 'c', opt.sizes[0]);
	if (shutdown(c->fd, SHUT_WR) < 0)
		die("shutdown: %s", strerror(errno));
	receive_write(c, 's', opt.sizes[1]);
	expect_eof(c);
}

static void half_close_server(struct connection *c)
{
	receive_write(c, 'c', opt.sizes[0]);
	expect_eof(c);
	sleep_ms(opt.pause_ms);
	send_all(c, 's', opt.sizes[1]);
}

/** shrink: the server takes most of its buffer away while the first size lies
 * unread in it; the second size has to wait for the server to read */
static void shrink_client(struct connection *c)
{
	double begin;

	send_all(c, 'c', opt.sizes[0]);
	/* One byte says that the buffer has shrunk. */
	receive_write(c, 's', 1);
	begin = now();
	send_all(c, 'c', opt.sizes[1]);
	if ((now() - begin) * 1000 < opt.pause_ms / 2.0)
		die("connection %u: the sender did not wait for credit", c->index);
}

static void shrink_server(struct connection *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	if (poll(&p, 1, -1) != 1)
		die("poll: %s", strerror(errno));
	/* The write may come in several packets; the last ones are on their way. */
	sleep_ms(200);
	set_buffer(c->fd, opt.sizes[2]);
	send_all(c, 's', 1);
	sleep_ms(opt.pause_ms);
	receive_write(c, 'c', opt.sizes[0]);
	receive_write(c, 'c', opt.sizes[1]);
	expect_eof(c);
}

/** pieces: the server reads what was sent in pieces of the second size; in the midst it
 * sets SO_RCVLOWAT to the third, if there is one */
static void pieces_client(struct connection *c)
{
	send_all(c, 'c', opt.sizes[0]);
}

static void pieces_server(struct connection *c)
{
	sleep_ms(opt.pause_ms);
	while (c->received < opt.sizes[0]) {
		size_t left = opt.sizes[0] - (size_t)c->received;
		int lowat = opt.n_sizes > 2 ? (int)opt.sizes[2] : 0;

		if (lowat > 0 && c->received >= opt.sizes[0] / 2 &&
		    c->received < opt.sizes[0] / 2 + opt.sizes[1] &&
		    setsockopt(c->fd, SOL_SOCKET, SO_RCVLOWAT, &lowat, sizeof(lowat)) < 0)
			die("SO_RCVLOWAT: %s", strerror(errno));
		receive_stream(c, 'c', left < opt.sizes[1] ? left : opt.sizes[1]);
	}
	expect_eof(c);
}

/** linger: the client closes, with SO_LINGER, while the server has not read anything */
static void linger_client(struct connection *c)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 5 };

	if (setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0)
		die("SO_LINGER: %s", strerror(errno));
	send_all(c, 'c', opt.sizes[0]);
}

/* ---- Cases about bad ends, each one function for both ends ---- */

/** refuse: nobody listens */
static void refuse(void)
{
	for (unsigned int i = 0; i < opt.connections; i++) {
		struct connection c;

		if (try_connect(&c, i) == 0)
			die("connection %u was not refused", i);
		if (errno != ECONNRESET)
			die("connection %u: connect: %s, expected ECONNRESET", i,
			    strerror(errno));
		close(c.fd);
	}
}

/** other-type: somebody listens, but for the other type of socket */
static void other_type(void)
{
	int listener = new_listener();
	struct connection c;

	opt.type = opt.type == SOCK_STREAM ? SOCK_SEQPACKET : SOCK_STREAM;
	if (try_connect(&c, 0) == 0)
		die("a listener of the other type accepted");
	printf("other-type: connect: %s\n", strerror(errno));
	close(c.fd);
	close(listener);
}

/** full: more clients than the listener's queue holds, and nobody accepts */
static void full(void)
{
	struct connection *c = allocate(opt.connections * sizeof(*c));
	int listener = new_listener();
	unsigned int connected = 0;

	if (listen(listener, 1) < 0)
		die("listen: %s", strerror(errno));
	for (unsigned int i = 0; i < opt.connections; i++)
		if (try_connect(&c[i], i) == 0)
			connected++;
		else
			printf("full: connection %u: %s\n", i, strerror(errno));
	if (connected == opt.connections)
		die("the queue took all %u connections", connected);
	for (unsigned int i = 0; i < opt.connections; i++)
		close(c[i].fd);
	close(listener);
	free(c);
}

/** unread: the server closes while the client's bytes lie unread in its buffer */
static void unread(void)
{
	int listener = new_listener();
	struct connection client, server;
	struct pollfd p = { .events = POLLIN };

	must_connect(&client, 0);
	must_accept(&server, listener);
	send_all(&client, 'c', opt.sizes[0]);
	p.fd = server.fd;
	if (poll(&p, 1, -1) != 1)
		die("poll: %s", strerror(errno));
	close(server.fd);
	/* The client gets to know by the end of the stream, not by an error. */
	expect_eof(&client);
	if (try_send(&client, 'c', 1) >= 0 || errno != EPIPE)
		die("send on a closed connection: %s, expected EPIPE", strerror(errno));
	close(client.fd);
	close(listener);
}

/** backlog: the listener closes with a connection that it has not accepted */
static void backlog(void)
{
	int listener = new_listener();
	struct connection client;
	char byte;
	ssize_t n;

	must_connect(&client, 0);
	send_all(&client, 'c', opt.sizes[0]);
	close(listener);
	n = recv(client.fd, &byte, 1, 0);
	if (n > 0)
		die("received data from nobody");
	printf("backlog: recv gives %s\n", n == 0 ? "the end" : strerror(errno));
	close(client.fd);
}

/** kill: the client's process is killed while it waits for credit */
static void kill_sender(void)
{
	int listener = new_listener();
	struct connection client, server;
	uint64_t delivered = 0;
	char buf[65536];
	ssize_t n;
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		must_connect(&client, 0);
		send_all(&client, 'c', opt.sizes[0]);
		die("the whole transfer fitted: nothing to interrupt");
	}
	must_accept(&server, listener);
	receive_stream(&server, 'c', 1);
	sleep_ms(opt.pause_ms);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* What the kernel had taken over before is still delivered. */
	while ((n = recv(server.fd, buf, sizeof(buf), 0)) > 0) {
		check(buf, (size_t)n, 'c', 0, server.received);
		server.received += (uint64_t)n;
		delivered += (uint64_t)n;
	}
	printf("kill: %llu bytes delivered after the kill, then %s\n",
	       (unsigned long long)delivered, n == 0 ? "the end" : strerror(errno));
	close(server.fd);
	close(listener);
}

/** too-big: a message beyond the receiver's whole buffer can never be sent */
static void too_big(void)
{
	int listener = new_listener();
	struct connection client, server;

	must_connect(&client, 0);
	must_accept(&server, listener);
	if (try_send(&client, 'c', opt.sizes[0]) >= 0 ||
	    (errno != EMSGSIZE && errno != ENOMEM))
		die("send of %zu bytes: %s, expected EMSGSIZE", opt.sizes[0],
		    strerror(errno));
	close(client.fd);
	expect_eof(&server);
	close(server.fd);
	close(listener);
}

/**
 * stamp: no traffic; until it is killed, the kernel stamps packets at the tap
 *
 * Unless some socket asks for time stamps, a packet has none when it passes the
 * tap, and two programs that capture it each read the clock for themselves.
 */
static void stamp(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)) < 0)
		die("SO_TIMESTAMP: %s", strerror(errno));
	/* The kernel turns them on in a work queue. */
	sleep_ms(500);
	puts("stamp: on");
	fflush(stdout);
	for (;;)
		pause();
}

/* ---- The table of cases, and the threads that run them ---- */

struct test_case {
	const char *name;
	size_t sizes; /* how many sizes it needs; 0 = none */
	void (*client)(struct connection *c);
	void (*server)(struct connection *c);
	void (*alone)(void); /* instead of the two */
	const char *help;
};

static const struct test_case cases[] = {
	{ "echo", 1, echo_client, echo_server, NULL, "SIZE...: each write is echoed" },
	{ "send", 1, send_client, send_server, NULL, "SIZE...: one way" },
	{ "half-close", 2, half_close_client, half_close_server, NULL,
	  "SIZE REPLY: SHUT_WR, then the reply" },
	{ "shrink", 3, shrink_client, shrink_server, NULL,
	  "SIZE NEXT BUFFER: the buffer shrinks under SIZE unread bytes" },
	{ "pieces", 2, pieces_client, pieces_server, NULL,
	  "SIZE PIECE [LOWAT]: read in pieces, half-way with SO_RCVLOWAT" },
	{ "linger", 1, linger_client, send_server, NULL,
	  "SIZE: close with SO_LINGER while nothing is read" },
	{ "other-type", 0, NULL, NULL, other_type, ": a listener of the other type" },
	{ "full", 0, NULL, NULL, full, ": more connections than wait to be accepted" },
	{ "refuse", 0, NULL, NULL, refuse, ": nobody listens" },
	{ "unread", 1, NULL, NULL, unread, "SIZE: close with unread data" },
	{ "backlog", 1, NULL, NULL, backlog,
	  "SIZE: close a listener with a connection waiting" },
	{ "kill", 1, NULL, NULL, kill_sender, "SIZE: SIGKILL in mid-transfer" },
	{ "stamp", 0, NULL, NULL, stamp, ": no traffic, but time stamps at the tap" },
	{ "too-big", 1, NULL, NULL, too_big,
	  "SIZE: a seqpacket message beyond the buffer" },
};

static const struct test_case *chosen;
static atomic_uint next_index;
static atomic_ullong total_bytes;

static void *server_connection(void *arg)
{
	struct connection *c = arg;

	chosen->server(c);
	close(c->fd);
	free(c);
	return NULL;
}

/** start_thread() - start a thread, or end the process */
static pthread_t start_thread(void *(*f)(void *), void *arg)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, f, arg);

	if (err)
		die("pthread_create: %s", strerror(err));
	return thread;
}

/** server() - accept all connections, each in a thread, and wait for them */
static void *server(void *arg)
{
	int listener = *(int *)arg;
	pthread_t *threads = allocate(opt.connections * sizeof(*threads));

	for (unsigned int i = 0; i < opt.connections; i++) {
		struct connection *c = allocate(sizeof(*c));

		must_accept(c, listener);
		threads[i] = start_thread(server_connection, c);
	}
	for (unsigned int i = 0; i < opt.connections; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return NULL;
}

/** client() - open one connection after another until all are taken */
static void *client(void *arg)
{
	unsigned int index;

	(void)arg;
	while ((index = atomic_fetch_add(&next_index, 1)) < opt.connections) {
		struct connection c;

		must_connect(&c, index);
		chosen->client(&c);
		close(c.fd);
		atomic_fetch_add(&total_bytes, c.sent + c.received);
	}
	return NULL;
}

static void run_both_ends(void)
{
	int listener = new_listener();
	pthread_t server_thread = start_thread(server, &listener);
	pthread_t *clients = allocate(opt.concurrent * sizeof(*clients));
	double begin = now(), seconds;

	for (unsigned int i = 0; i < opt.concurrent; i++)
		clients[i] = start_thread(client, NULL);
	for (unsigned int i = 0; i < opt.concurrent; i++)
		pthread_join(clients[i], NULL);
	pthread_join(server_thread, NULL);
	seconds = now() - begin;
	close(listener);
	free(clients);
	printf("%s: %u connections, %llu bytes, %.2f s\n", chosen->name, opt.connections,
	       (unsigned long long)total_bytes, seconds);
}

__attribute__((noreturn)) static void usage(int status)
{
	FILE *f = status ? stderr : stdout;

	fprintf(f,
		"usage: vsockload [OPTION...] CASE [SIZE...]\n\n"
		"  -t TYPE   stream (default) or seqpacket\n"
		"  -p PORT   the server's port (1234)\n"
		"  -l PORT   the port of the first client; the next ones follow (1024)\n"
		"  -n N      connections (1)\n"
		"  -j N      so many of them at a time (1)\n"
		"  -m N      go through the sizes so often (1)\n"
		"  -w MS     pause: the receiver of send, half-close, shrink, pieces,\n"
		"            linger and kill sleeps so long before it goes on (0)\n"
		"  -b BYTES  size of the server's receive buffer\n"
		"  -e        MSG_EOR on each message\n"
		"  -T S      give up after so many seconds (240)\n\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		fprintf(f, "  %s %s\n", cases[i].name, cases[i].help);
	exit(status);
}

/** number() - a number of the command line, not above @max */
static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || n > max)
		die("not a number up to %lu: %s", max, text);
	return n;
}

int main(int argc, char **argv)
{
	unsigned int limit = 240;
	int option;

	while ((option = getopt(argc, argv, "t:p:l:n:j:m:w:b:eT:h")) != -1) {
		switch (option) {
		case 't':
			if (strcmp(optarg, "stream") != 0 &&
			    strcmp(optarg, "seqpacket") != 0)
				usage(1);
			opt.type = optarg[1] == 't' ? SOCK_STREAM : SOCK_SEQPACKET;
			break;
		case 'p':
			opt.port = (unsigned int)number(optarg, UINT32_MAX - 1);
			break;
		case 'l':
			opt.client_port =
				(unsigned int)number(optarg, UINT32_MAX - 65536);
			break;
		case 'n':
			opt.connections = (unsigned int)number(optarg, 65536);
			break;
		case 'j':
			opt.concurrent = (unsigned int)number(optarg, 1024);
			break;
		case 'm':
			opt.repeat = (unsigned int)number(optarg, UINT32_MAX);
			break;
		case 'w':
			opt.pause_ms = (unsigned int)number(optarg, 60000);
			break;
		case 'b':
			opt.buffer = number(optarg, UINT32_MAX);
			break;
		case 'e':
			opt.eor = true;
			break;
		case 'T':
			limit = (unsigned int)number(optarg, 3600);
			break;
		case 'h':
			usage(0);
		default:
			usage(1);
		}
	}
	if (optind == argc)
		usage(1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(argv[optind], cases[i].name) == 0)
			chosen = &cases[i];
	}
	while (++optind < argc && opt.n_sizes < MAX_SIZES)
		opt.sizes[opt.n_sizes++] = number(argv[optind], 1UL << 30);
	if (!chosen || optind < argc || opt.n_sizes < chosen->sizes)
		usage(1);

	signal(SIGALRM, watchdog);
	alarm(limit);
	if (chosen->alone)
		chosen->alone();
	else
		run_both_ends();
	return 0;
}
