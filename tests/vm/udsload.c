// SPDX-License-Identifier: BSD-2-Clause
/*
 * udsload: one end of connections through a vsock device
 *
 * Theory of operation
 *
 * A device in user space turns a guest's vsock connections into connections of
 * Unix sockets. So the two ends are processes on two machines, and what an end
 * does is told on its command line, step by step:
 *
 *     guest: udsload vsock-connect 2 1234 send 1000 receive 1000
 *     host:  udsload uds-listen vm3_1234 receive 1000 send 1000 eof
 *
 * The payload is vsockload's: each byte tells which end of which connection sent
 * it and where it stands. The client's connections have numbers; the server
 * learns a connection's number from the first bytes that it receives.
 *
 * A device need not be right, so there are two kinds of steps. send, receive and
 * eof must come out as they say, and end the process with status 1 otherwise. push
 * and drain say what happened. A connection that cannot be made is status 3.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "vsockload-ends.h"

#define NOT_CONNECTED 3

struct options opt = {
	.type = SOCK_STREAM,
	.connections = 1,
};

static char **steps; /* the command line behind the address, up to a null */
static bool is_server;
static const char *path; /* of a Unix socket; null = vsock */
static unsigned int cid;
static bool ask; /* say CONNECT PORT to the device */

/** number() - a number of the command line, or the end of the process */
static unsigned long number(const char *text)
{
	char *end;
	unsigned long n;

	if (!text)
		die("a number is missing");
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || n > UINT32_MAX)
		die("not a number: %s", text);
	return n;
}

static void sleep_ms(unsigned long ms)
{
	struct timespec t = { .tv_sec = (time_t)(ms / 1000),
			      .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* ---- Steps ---- */

static char own_end(void)
{
	return is_server ? 's' : 'c';
}

static char other_end(void)
{
	return is_server ? 'c' : 's';
}

/** learn_index() - look at the first bytes, without taking them */
static void learn_index(struct connection *c)
{
	char text[6] = "";

	if (!is_server || c->received > 0)
		return;
	if (recv(c->fd, text, 5, MSG_PEEK | MSG_WAITALL) == 5)
		c->index = (unsigned int)strtoul(text + 1, NULL, 16);
}

static void step_send(struct connection *c, size_t n)
{
	send_all(c, own_end(), n);
}

static void step_receive(struct connection *c, size_t n)
{
	learn_index(c);
	receive_stream(c, other_end(), n);
}

static void step_eof(struct connection *c, size_t n)
{
	(void)n;
	expect_eof(c);
}

/** step_push() - send as much as is taken, and tell */
static void step_push(struct connection *c, size_t n)
{
	uint64_t before = c->sent;
	ssize_t sent = 0;

	while (c->sent - before < n && sent >= 0)
		sent = try_send(c, own_end(), n - (size_t)(c->sent - before));
	printf("%u: sent %llu%s%s\n", c->index, (unsigned long long)(c->sent - before),
	       sent < 0 ? ", then " : "", sent < 0 ? strerror(errno) : "");
}

/** step_drain() - receive until there is no more, and tell */
static void step_drain(struct connection *c, size_t n)
{
	char buf[65536];
	uint64_t before = c->received;
	ssize_t got;

	(void)n;
	learn_index(c);
	while ((got = recv(c->fd, buf, sizeof(buf), 0)) > 0) {
		check(buf, (size_t)got, other_end(), c->index, c->received);
		c->received += (uint64_t)got;
	}
	printf("%u: received %llu, then %s\n", c->index,
	       (unsigned long long)(c->received - before),
	       got == 0 ? "the end" : strerror(errno));
}

static void step_shut(struct connection *c, size_t n)
{
	(void)n;
	if (shutdown(c->fd, SHUT_WR) < 0)
		printf("%u: shutdown: %s\n", c->index, strerror(errno));
}

static void step_sleep(struct connection *c, size_t n)
{
	(void)c;
	sleep_ms(n);
}

static void step_hold(struct connection *c, size_t n)
{
	(void)c;
	(void)n;
	puts("holds");
	for (;;)
		pause();
}

struct step {
	const char *name;
	bool has_number;
	void (*run)(struct connection *c, size_t n);
};

static const struct step kinds[] = {
	{ "send", true, step_send },    { "receive", true, step_receive },
	{ "eof", false, step_eof },     { "push", true, step_push },
	{ "drain", false, step_drain }, { "shut", false, step_shut },
	{ "sleep", true, step_sleep },  { "hold", false, step_hold },
};

static const struct step *find_step(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	die("no such step: %s", name);
}

/** check_steps() - end the process unless the command line can be carried out */
static void check_steps(void)
{
	for (char **s = steps; *s; s++) {
		if (find_step(*s)->has_number)
			(void)number(*++s);
	}
}

static void *run_steps(void *arg)
{
	struct connection *c = arg;

	for (char **s = steps; *s; s++) {
		const struct step *step = find_step(*s);

		step->run(c, step->has_number ? number(*++s) : 0);
	}
	close(c->fd);
	free(c);
	return NULL;
}

/* ---- Connections ---- */

static int new_socket(void)
{
	int fd = socket(path ? AF_UNIX : AF_VSOCK, opt.type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));
	return fd;
}

/** address() - fill in where to listen or to connect to, and return its size */
static socklen_t address(struct sockaddr_storage *storage)
{
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK,
				  .svm_cid = is_server ? VMADDR_CID_ANY : cid,
				  .svm_port = opt.port,
				  /* By the device, also to other guests */
				  .svm_flags = VMADDR_FLAG_TO_HOST };
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memset(storage, 0, sizeof(*storage));
	if (!path) {
		memcpy(storage, &vm, sizeof(vm));
		return sizeof(vm);
	}
	if (strlen(path) >= sizeof(un.sun_path))
		die("path too long: %s", path);
	memcpy(un.sun_path, path, strlen(path));
	memcpy(storage, &un, sizeof(un));
	return sizeof(un);
}

/** ask_device() - the device connects on, once it is told a port, and says so */
static void ask_device(int fd)
{
	char line[32];
	size_t len = (size_t)snprintf(line, sizeof(line), "CONNECT %u\n", opt.port);

	if (send(fd, line, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("send to the device: %s", strerror(errno));
	len = 0;
	while (len < sizeof(line) - 1 && recv(fd, line + len, 1, 0) == 1 &&
	       line[len] != '\n')
		len++;
	line[len] = '\0';
	if (strncmp(line, "OK ", 3) != 0) {
		printf("connect: the device says '%s'\n", line);
		fflush(stdout);
		_exit(NOT_CONNECTED);
	}
}

/** leave() - ask the device for a connection; leave when it has asked the guest */
static void leave(void)
{
	struct sockaddr_storage storage;
	socklen_t len = address(&storage);
	int fd = new_socket();
	char line[32];
	int n = snprintf(line, sizeof(line), "CONNECT %u\n", opt.port);

	if (connect(fd, (struct sockaddr *)&storage, len) < 0)
		die("connect: %s", strerror(errno));
	if (send(fd, line, (size_t)n, MSG_NOSIGNAL) != n)
		die("send to the device: %s", strerror(errno));
	sleep_ms(300);
	close(fd);
}

static int connect_once(void)
{
	struct sockaddr_storage storage;
	socklen_t len = address(&storage);
	int fd = new_socket();

	if (connect(fd, (struct sockaddr *)&storage, len) < 0) {
		printf("connect: %s\n", strerror(errno));
		fflush(stdout);
		_exit(NOT_CONNECTED);
	}
	if (ask)
		ask_device(fd);
	return fd;
}

static int listen_once(void)
{
	struct sockaddr_storage storage;
	socklen_t len = address(&storage);
	int fd = new_socket();

	if (path)
		(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&storage, len) < 0)
		die("bind: %s", strerror(errno));
	if (listen(fd, (int)opt.connections) < 0)
		die("listen: %s", strerror(errno));
	puts("ready");
	return fd;
}

/** run() - make all connections, each with its steps in a thread of its own */
static void run(void)
{
	int listener = is_server ? listen_once() : -1;
	pthread_t *threads = allocate(opt.connections * sizeof(*threads));

	for (unsigned int i = 0; i < opt.connections; i++) {
		struct connection *c = allocate(sizeof(*c));
		int err;

		*c = (struct connection) { .index = is_server ? 0 : i };
		c->fd = is_server ? accept(listener, NULL, NULL) : connect_once();
		if (c->fd < 0)
			die("accept: %s", strerror(errno));
		err = pthread_create(&threads[i], NULL, run_steps, c);
		if (err)
			die("pthread_create: %s", strerror(err));
	}
	for (unsigned int i = 0; i < opt.connections; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	if (listener >= 0)
		close(listener);
}

__attribute__((noreturn)) static void usage(int status)
{
	FILE *f = status ? stderr : stdout;

	fputs("usage: udsload [-n N] [-t seqpacket] ADDRESS STEP...\n"
	      "       udsload vsock-pause PORT   listen and never accept\n"
	      "       udsload uds-pause PATH\n"
	      "       udsload uds-leave PATH PORT   say CONNECT PORT, and close soon after\n\n"
	      "  -n N      connections, all at a time (1)\n\n"
	      "Addresses:\n"
	      "  vsock-connect CID PORT\n"
	      "  vsock-listen PORT\n"
	      "  uds-connect PATH PORT   the device's socket: CONNECT PORT\n"
	      "  uds-listen PATH         for the device to connect to\n\n"
	      "Steps: send N, receive N, eof, push N, drain, shut, sleep MS, hold\n",
	      f);
	exit(status);
}

static void pause_listening(void)
{
	(void)listen_once();
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	bool pauses;
	int option;

	while ((option = getopt(argc, argv, "+n:t:h")) != -1) {
		if (option == 'n')
			opt.connections = (unsigned int)number(optarg);
		else if (option == 't' && strcmp(optarg, "seqpacket") == 0)
			opt.type = SOCK_SEQPACKET;
		else
			usage(option != 'h');
	}
	argv += optind;
	if (argc - optind < 2)
		usage(1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);

	pauses = strcmp(argv[0], "vsock-pause") == 0 || strcmp(argv[0], "uds-pause") == 0;
	is_server = pauses || strstr(argv[0], "-listen");
	if (strncmp(argv[0], "uds-", 4) == 0)
		path = argv[1];
	else if (strcmp(argv[0], "vsock-connect") == 0)
		cid = (unsigned int)number(argv[1]);
	else
		opt.port = (unsigned int)number(argv[1]);
	steps = argv + 2;
	if (!is_server) {
		opt.port = (unsigned int)number(argv[2]);
		ask = path != NULL;
		steps++;
	}
	check_steps();
	if (strcmp(argv[0], "uds-leave") == 0)
		leave();
	else if (pauses)
		pause_listening();
	else
		run();
	return 0;
}
