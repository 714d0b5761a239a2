// SPDX-License-Identifier: BSD-2-Clause
/*
 * vsockguest: the guest end of a real kernel host, as a script tells it
 *
 * Theory of operation
 *
 * A kernel's vhost-vsock is the host of whoever opens /dev/vhost-vsock; this process
 * does, and puts on the queues whatever a script says, packets that no driver would
 * send included. What the kernel answers is the script's to expect, and the host's
 * sockets are the script's too, so that one file tells the whole story, in order.
 *
 * Commands such as connect, send and close keep to the protocol: they count what was
 * sent and received, and wait for credit. raw keeps to nothing. A packet that came
 * waits until the script expects it; one that nothing expects is a failure at the
 * script's end, except CREDIT_UPDATE, of which kernels send more or fewer.
 *
 * What is done and what came is printed, without any time, so that two kernels'
 * outputs can be compared.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vsockguest-device.h"
#include "vsockguest.h"

#define CONNECTIONS 16
#define BACKLOG     256
#define BUF_ALLOC   262144
#define DESCRIPTION 160
#define LINES       256
#define TEXT_LEN    256

/** struct line - A command, and how it was written */
struct line {
	struct command command;
	char text[TEXT_LEN];
};

static struct line script[LINES];
static size_t script_len;
static const char *script_name;
static unsigned int script_line;
static uint32_t cid = 3;
static struct connection connections[CONNECTIONS];
static size_t n_connections;
static struct connection *current;
static bool refused; /* vhost has refused the last packet, and the script has not yet said
			so */
/* Packets that came; their payload was checked */
static struct vsockhdr backlog[BACKLOG];
static size_t n_backlog;

void die(const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	if (script_line > 0)
		fprintf(stderr, "%s:%u: ", script_name, script_line);
	else
		fputs("vsockguest: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int wait_for_fd(int fd, int events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = (short)events };
	int64_t left = deadline - now_ms();

	if (poll(&p, 1, left > 0 ? (int)left : 0) < 0)
		die("poll: %s", strerror(errno));
	return p.revents;
}

void payload_fill(uint8_t *payload, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		payload[i] = (uint8_t)('a' + (offset + i) % 26);
}

bool payload_check(const uint8_t *payload, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++) {
		if (payload[i] != (uint8_t)('a' + (offset + i) % 26))
			return false;
	}
	return true;
}

/* ---- Packets in words ---- */

static const char *op_text(uint16_t op)
{
	static char number[16];
	const char *name = vsockhdr_op_name(op);

	if (name)
		return name;
	snprintf(number, sizeof(number), "op %u", op);
	return number;
}

static const char *describe(const struct vsockhdr *hdr)
{
	static char text[DESCRIPTION];
	const char *type = vsockhdr_type_name(hdr->type);
	char number[16];

	snprintf(number, sizeof(number), "type %u", hdr->type);
	snprintf(text, sizeof(text),
		 "%llu:%u > %llu:%u %s %s flags=%u len=%u buf_alloc=%u fwd_cnt=%u",
		 (unsigned long long)hdr->src_cid, hdr->src_port,
		 (unsigned long long)hdr->dst_cid, hdr->dst_port, type ? type : number,
		 op_text(hdr->op), hdr->flags, hdr->len, hdr->buf_alloc, hdr->fwd_cnt);
	return text;
}

/* ---- Packets out ---- */

/* A packet as this end of the connection makes it */
static struct vsockhdr header_of(const struct connection *c, uint16_t op)
{
	struct vsockhdr hdr = {
		.src_cid = cid,
		.dst_cid = VSOCKHDR_CID_HOST,
		.src_port = c->guest_port,
		.dst_port = c->host_port,
		.type = c->type,
		.op = op,
		.buf_alloc = BUF_ALLOC,
		.fwd_cnt = c->fwd_cnt,
	};

	for (unsigned int i = 0; i < FIELDS; i++) {
		if (is_given(&c->set, (enum field)i))
			field_set(&hdr, (enum field)i, c->set.value[i]);
	}
	return hdr;
}

static void put(struct connection *c, const struct vsockhdr *hdr, size_t header,
		size_t payload)
{
	static uint8_t data[PAYLOAD_MAX];
	uint8_t wire[VSOCKHDR_HDR_LEN];

	printf("    > %s", describe(hdr));
	if (header != VSOCKHDR_HDR_LEN || payload != hdr->len)
		printf(" (%zu bytes of header, %zu of payload)", header, payload);
	putchar('\n');
	vsockhdr_encode(wire, sizeof(wire), hdr);
	payload_fill(data, payload, c->tx_cnt);
	refused = !device_send(wire, header, data, payload);
}

static void put_control(struct connection *c, uint16_t op, uint32_t flags)
{
	struct vsockhdr hdr = header_of(c, op);

	hdr.flags |= flags;
	put(c, &hdr, VSOCKHDR_HDR_LEN, 0);
}

/* ---- Packets in ---- */

static void take_credit(struct connection *c, const struct vsockhdr *hdr)
{
	if (hdr->op == VSOCKHDR_OP_RST)
		return;
	c->peer_buf_alloc = hdr->buf_alloc;
	c->peer_fwd_cnt = hdr->fwd_cnt;
}

static struct connection *find(uint32_t guest_port, uint32_t host_port)
{
	for (size_t i = 0; i < n_connections; i++) {
		struct connection *c = &connections[i];

		if (c->guest_port == guest_port && c->host_port == host_port)
			return c;
	}
	return NULL;
}

/* Move the next packet from the device to the backlog; false where none comes in time */
static bool fetch(int64_t deadline)
{
	struct vsockhdr *hdr = &backlog[n_backlog];
	struct connection *c;
	const uint8_t *data;
	size_t size = device_receive(&data, deadline);

	if (size == 0)
		return false;
	if (n_backlog++ == BACKLOG)
		die("%d packets came that nothing expects", BACKLOG);
	if (vsockhdr_decode(hdr, data, size) != VSOCKHDR_OK ||
	    hdr->len != size - VSOCKHDR_HDR_LEN)
		die("vhost put %zu bytes on the rx queue, which are no packet", size);
	printf("    < %s\n", describe(hdr));
	c = find(hdr->dst_port, hdr->src_port);
	if (!c)
		return true;
	take_credit(c, hdr);
	if (hdr->op == VSOCKHDR_OP_RW) {
		if (!payload_check(data + VSOCKHDR_HDR_LEN, hdr->len, c->fwd_cnt))
			die("the host sent something else than the script told it");
		c->fwd_cnt += hdr->len;
	}
	return true;
}

static bool is_ours(const struct vsockhdr *hdr)
{
	return hdr->dst_port == current->guest_port &&
	       hdr->src_port == current->host_port;
}

/* Take a packet of the current connection from the backlog, but CREDIT_UPDATE only where
 * that is wanted; false where none is there */
static bool take(struct vsockhdr *hdr, bool credit_too)
{
	for (size_t i = 0; i < n_backlog; i++) {
		if (!is_ours(&backlog[i]) ||
		    (backlog[i].op == VSOCKHDR_OP_CREDIT_UPDATE && !credit_too))
			continue;
		*hdr = backlog[i];
		n_backlog--;
		memmove(&backlog[i], &backlog[i + 1],
			(n_backlog - i) * sizeof(backlog[0]));
		return true;
	}
	return false;
}

static bool next_packet(struct vsockhdr *hdr, bool credit_too, int64_t deadline)
{
	while (!take(hdr, credit_too)) {
		if (!fetch(deadline))
			return false;
	}
	return true;
}

/* The next packet, which must have this op */
static struct vsockhdr must_get(uint16_t op, int64_t deadline)
{
	struct vsockhdr hdr;

	if (!next_packet(&hdr, op == VSOCKHDR_OP_CREDIT_UPDATE, deadline))
		die("expected %s, and nothing came", op_text(op));
	if (hdr.op != op)
		die("expected %s, and this came: %s", op_text(op), describe(&hdr));
	return hdr;
}

/* ---- Commands ---- */

static void use(const struct command *command)
{
	current = find(command->guest_port, command->host_port);
	if (current)
		return;
	if (n_connections == CONNECTIONS)
		die("more than %d connections", CONNECTIONS);
	current = &connections[n_connections++];
	*current = (struct connection) {
		.guest_port = command->guest_port,
		.host_port = command->host_port,
		.type = command->type,
		.fd = -1,
	};
}

static void begin(const struct command *command)
{
	use(command);
	current->type = command->type;
	current->tx_cnt = 0;
	current->fwd_cnt = 0;
}

static void accept_request(const struct command *command, int64_t deadline)
{
	struct command found = *command;
	size_t i = 0;

	while (i == n_backlog || backlog[i].op != VSOCKHDR_OP_REQUEST ||
	       backlog[i].dst_port != command->guest_port) {
		if (i < n_backlog)
			i++;
		else if (!fetch(deadline))
			die("the host does not ask for a connection to port %u",
			    command->guest_port);
	}
	if (backlog[i].type != command->type)
		die("the host asks for another type: %s", describe(&backlog[i]));
	found.host_port = backlog[i].src_port;
	begin(&found);
	take_credit(current, &backlog[i]);
	must_get(VSOCKHDR_OP_REQUEST, deadline);
	put_control(current, VSOCKHDR_OP_RESPONSE, 0);
}

/* Bytes that the host has room for */
static uint32_t credit(void)
{
	return current->peer_buf_alloc - (current->tx_cnt - current->peer_fwd_cnt);
}

static void send_data(uint32_t left, int64_t deadline)
{
	do {
		struct vsockhdr hdr = header_of(current, VSOCKHDR_OP_RW);

		while (credit() == 0) {
			if (!fetch(deadline))
				die("the host gives no credit");
		}
		hdr.len = left < credit() ? left : credit();
		if (hdr.len > VSOCKHDR_MAX_PAYLOAD)
			hdr.len = VSOCKHDR_MAX_PAYLOAD;
		left -= hdr.len;
		if (left == 0 && current->type == VSOCKHDR_TYPE_SEQPACKET)
			hdr.flags |= VSOCKHDR_SEQ_EOM;
		put(current, &hdr, VSOCKHDR_HDR_LEN, hdr.len);
		current->tx_cnt += hdr.len;
	} while (left > 0);
}

static void receive_data(uint32_t wanted, int64_t deadline)
{
	uint32_t got = 0;

	while (got < wanted)
		got += must_get(VSOCKHDR_OP_RW, deadline).len;
	if (got != wanted)
		die("the host sent %u bytes, expected %u", got, wanted);
}

static void raw(const struct command *command)
{
	struct vsockhdr hdr = header_of(current, command->op);
	size_t header = VSOCKHDR_HDR_LEN;

	hdr.len = (uint32_t)command->value[FIELD_payload];
	for (unsigned int i = 0; i < FIELDS; i++) {
		if (is_given(command, (enum field)i))
			field_set(&hdr, (enum field)i, command->value[i]);
	}
	if (is_given(command, FIELD_header))
		header = command->value[FIELD_header];
	put(current, &hdr, header, command->value[FIELD_payload]);
	if (hdr.op == VSOCKHDR_OP_RW &&
	    (!is_given(command, FIELD_counted) || command->value[FIELD_counted]))
		current->tx_cnt += hdr.len;
}

static void expect(const struct command *command)
{
	struct vsockhdr hdr = must_get(command->op, now_ms() + command->within_ms);

	for (unsigned int i = 0; i < FIELDS; i++) {
		enum field field = (enum field)i;

		if (is_given(command, field) &&
		    field_get(&hdr, field) != command->value[field])
			die("expected %s=%llu, and this came: %s", field_name(field),
			    (unsigned long long)command->value[field], describe(&hdr));
	}
}

/* What the host has sent by now has come when vhost has settled; what its timers may send
 * takes time. */
static void expect_nothing(uint32_t ms)
{
	struct vsockhdr hdr;
	int64_t deadline;

	device_settle();
	deadline = now_ms() + ms;
	if (next_packet(&hdr, false, deadline))
		die("expected nothing, and this came: %s", describe(&hdr));
}

static void set_fields(const struct command *command)
{
	for (unsigned int i = 0; i < FIELDS; i++) {
		if (is_given(command, (enum field)i))
			current->set.value[i] = command->value[i];
	}
	current->set.given |= command->given;
}

static void run_guest(const struct command *command)
{
	int64_t deadline = now_ms() + command->within_ms;

	switch (command->verb) {
	case VERB_USE:
		use(command);
		break;
	case VERB_SET:
		set_fields(command);
		break;
	case VERB_CONNECT:
		begin(command);
		put_control(current, VSOCKHDR_OP_REQUEST, 0);
		must_get(VSOCKHDR_OP_RESPONSE, deadline);
		break;
	case VERB_ACCEPT:
		accept_request(command, deadline);
		break;
	case VERB_SEND:
		send_data(command->number, deadline);
		break;
	case VERB_RECEIVE:
		receive_data(command->number, deadline);
		break;
	case VERB_CREDIT:
		put_control(current, VSOCKHDR_OP_CREDIT_UPDATE, 0);
		break;
	case VERB_SHUTDOWN:
		put_control(current, VSOCKHDR_OP_SHUTDOWN, command->number);
		break;
	case VERB_RST:
		put_control(current, VSOCKHDR_OP_RST, 0);
		break;
	case VERB_CLOSE:
		put_control(current, VSOCKHDR_OP_SHUTDOWN,
			    VSOCKHDR_SHUTDOWN_RECEIVE | VSOCKHDR_SHUTDOWN_SEND);
		must_get(VSOCKHDR_OP_RST, deadline);
		break;
	case VERB_RAW:
		raw(command);
		break;
	case VERB_EXPECT:
		expect(command);
		break;
	case VERB_EXPECT_NOTHING:
		expect_nothing(command->number);
		break;
	default:
		if (!refused)
			die("expected vhost to refuse the packet, and it did not");
		refused = false;
		break;
	}
}

static bool needs_connection(enum verb verb)
{
	switch (verb) {
	case VERB_USE:
	case VERB_CONNECT:
	case VERB_ACCEPT:
	case VERB_HOST_BUFFER:
	case VERB_HOST_TIMEOUT:
	case VERB_HOST_LISTEN:
	case VERB_HOST_CONNECT:
		return false;
	default:
		return true;
	}
}

static void run(const struct command *command)
{
	if (refused && command->verb != VERB_EXPECT_REFUSED)
		die("vhost has refused the last packet");
	if (needs_connection(command->verb) && !current)
		die("there is no connection yet");
	if (command->verb == VERB_HOST_CONNECT)
		begin(command);
	if (command->verb < VERB_HOST_BUFFER)
		run_guest(command);
	else
		host_run(command, current, cid);
}

/* What came and was never expected */
static void check_backlog(void)
{
	if (refused)
		die("vhost has refused the last packet");
	device_settle();
	while (fetch(now_ms()))
		;
	for (size_t i = 0; i < n_backlog; i++) {
		if (backlog[i].op != VSOCKHDR_OP_CREDIT_UPDATE)
			die("the script ends, and this came that it does not expect: %s",
			    describe(&backlog[i]));
	}
}

/* ---- The script ---- */

/* Read all of it, before anything is done: a mistake at its end is found at once */
static void read_script(FILE *file)
{
	char text[TEXT_LEN], why[TEXT_LEN];

	while (fgets(text, sizeof(text), file)) {
		struct line *line = &script[script_len];
		int found;

		script_line++;
		text[strcspn(text, "\n")] = '\0';
		if (script_len == LINES)
			die("more than %d commands", LINES);
		line->command.line = script_line;
		memcpy(line->text, text, sizeof(text));
		found = script_parse(&line->command, text, why, sizeof(why));
		if (found < 0)
			die("%s", why);
		script_len += (size_t)found;
	}
	script_line = 0;
	if (script_len == 0)
		die("%s: no commands", script_name);
}

static void run_script(void)
{
	for (size_t i = 0; i < script_len; i++) {
		script_line = script[i].command.line;
		printf("%3u %s\n", script_line, script[i].text);
		fflush(stdout);
		run(&script[i].command);
	}
	check_backlog();
}

static void watchdog(int sig)
{
	static const char message[] = "vsockguest: hangs: killed by its watchdog\n";

	(void)sig;
	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(1);
}

__attribute__((noreturn)) static void usage(int status)
{
	fputs("usage: vsockguest [-c CID] [-n] [SCRIPT]\n\n"
	      "  -c CID    the guest's (3)\n"
	      "  -n        only read the script and say what is wrong with it\n"
	      "  SCRIPT    a file; standard input without it. tests/vm/guest.md\n"
	      "            describes the language\n",
	      status ? stderr : stdout);
	exit(status);
}

int main(int argc, char **argv)
{
	bool only_read = false;
	FILE *file = stdin;
	int option;

	while ((option = getopt(argc, argv, "c:nh")) != -1) {
		switch (option) {
		case 'c':
			cid = (uint32_t)strtoul(optarg, NULL, 10);
			if (cid < 3)
				die("no CID of a guest: %s", optarg);
			break;
		case 'n':
			only_read = true;
			break;
		default:
			usage(option == 'h' ? 0 : 1);
		}
	}
	if (argc - optind > 1)
		usage(1);
	script_name = argc > optind ? argv[optind] : "standard input";
	if (argc > optind && !(file = fopen(script_name, "re")))
		die("%s: %s", script_name, strerror(errno));
	read_script(file);
	if (only_read)
		return 0;
	signal(SIGALRM, watchdog);
	alarm(150);
	device_open(cid);
	atexit(device_close);
	run_script();
	return 0;
}
