/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Capturing on an interface.
 *
 * Theory of operation: the kernel fills a ring of blocks (TPACKET_V3) and wakes us
 * when a block is full or RETIRE_MS old. libpcap's "immediate mode" would wake us for
 * every packet, at a price that hurts here: it gives each packet a slot of the whole
 * snap length, so that the same memory holds a few dozen packets instead of tens of
 * thousands. Nobody can see 50 ms, so vsockdump never uses it.
 *
 * The loop reads without blocking and sleeps in ppoll(), the one place where signals
 * are let in. After the signal to stop, what was sent before it may still be in a
 * block that the kernel has not handed over: it is waited for, so that nothing is
 * lost that happened before ^C. A second signal ends the wait.
 */

#include "source.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <vsockhdr/vsockhdr.h>

#include "interfaces.h"
#include "message.h"
#include "packet.h"
#include "signals.h"

/* How long the kernel may keep a block that is not full, in milliseconds */
#define RETIRE_MS 50

/* Ring buffer: room for bursts of 64 KiB packets while a terminal scrolls. libpcap
 * takes less where the kernel does not have it */
#define RING_BYTES (16 * 1024 * 1024)

/* Packets between two looks at the signals */
#define BATCH 256

/* After the signal to stop: how long to wait for blocks in the kernel's hands, and how
 * long at the most where the packets do not end, in milliseconds */
#define DRAIN_IDLE_MS 150
#define DRAIN_MAX_MS  2000

static bool is_up(const char *name)
{
	struct ifreq request = { .ifr_flags = 0 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = true;

	if (fd < 0)
		return true;
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		up = (request.ifr_flags & IFF_UP) != 0;
	close(fd);
	return up;
}

static void report_failure(pcap_t *pcap, const char *name, int status)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		message("%s: no permission to capture: run as root, or give the program "
			"the capability once:\n"
			"    setcap cap_net_raw+ep \"$(command -v vsockdump)\"",
			name);
		break;
	case PCAP_ERROR_IFACE_NOT_UP:
		message("%s: the interface is down: ip link set %s up", name, name);
		break;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		interfaces_report_missing(name);
		break;
	default:
		message("%s: %s", name,
			*pcap_geterr(pcap) ? pcap_geterr(pcap)
					   : pcap_statustostr(status));
		break;
	}
}

static int activate(pcap_t *pcap, int snaplen)
{
	int status = pcap_set_snaplen(pcap, snaplen);

	if (status == 0)
		status = pcap_set_timeout(pcap, RETIRE_MS);
	if (status == 0)
		status = pcap_set_buffer_size(pcap, RING_BYTES);
	if (status == 0)
		status = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	if (status == 0)
		status = pcap_activate(pcap);
	return status;
}

pcap_t *live_open(const char *name, int snaplen)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap;
	int status;

	if (vsockhdr_host_is_vsockmon(name) == VSOCKHDR_UNKNOWN && errno == ENODEV) {
		interfaces_report_missing(name);
		return NULL;
	}
	pcap = pcap_create(name, error);
	if (!pcap) {
		message("%s: %s", name, error);
		return NULL;
	}
	status = activate(pcap, snaplen);
	if (status < 0) {
		report_failure(pcap, name, status);
		pcap_close(pcap);
		return NULL;
	}
	if (status > 0)
		message("%s: %s", name, pcap_statustostr(status));
	if (!source_check_linktype(pcap, name)) {
		pcap_close(pcap);
		return NULL;
	}
	if (!is_up(name)) {
		report_failure(pcap, name, PCAP_ERROR_IFACE_NOT_UP);
		pcap_close(pcap);
		return NULL;
	}
	if (pcap_setnonblock(pcap, 1, error) < 0) {
		message("%s: %s", name, error);
		pcap_close(pcap);
		return NULL;
	}
	return pcap;
}

/**
 * struct capture - A running capture
 * @pcap:	libpcap's handle
 * @sink:	Who takes the packets
 * @stop_sec:	When the user asked to stop, by the clock of the time stamps
 * @stop_nsec:	The same
 * @stopping:	The user has asked to stop
 * @passed_stop:	A packet from after that has been seen
 * @dropped:	Packets that the kernel or the interface has dropped
 * @losing:	The ring has not been empty since some were
 * @interval_ms:	When the next interval of the sink is over, by the monotonic clock
 */
struct capture {
	pcap_t *pcap;
	struct sink *sink;
	time_t stop_sec;
	long stop_nsec;
	bool stopping;
	bool passed_stop;
	uint64_t dropped;
	bool losing;
	int64_t interval_ms;
};

static void on_live_packet(u_char *user, const struct pcap_pkthdr *header,
			   const u_char *bytes)
{
	struct capture *capture = (struct capture *)user;

	if (capture->stopping && (header->ts.tv_sec > capture->stop_sec ||
				  (header->ts.tv_sec == capture->stop_sec &&
				   header->ts.tv_usec > capture->stop_nsec)))
		capture->passed_stop = true;
	if (!capture->passed_stop && capture->sink->wanted)
		capture->sink->packet(capture->sink, header, bytes);
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void print_statistics(pcap_t *pcap, const char *name, uint64_t captured)
{
	struct pcap_stat stat;

	fprintf(stderr, "%llu packets captured\n", (unsigned long long)captured);
	if (pcap_stats(pcap, &stat) < 0) {
		message("%s: no statistics: %s", name, pcap_geterr(pcap));
		return;
	}
	fprintf(stderr, "%u packets received by filter\n", stat.ps_recv);
	fprintf(stderr, "%u packets dropped by kernel\n", stat.ps_drop);
	if (stat.ps_ifdrop > 0)
		fprintf(stderr, "%u packets dropped by interface\n", stat.ps_ifdrop);
}

/* Sleep until there are packets, a signal came or the time is over */
static void wait_for_packets(pcap_t *pcap, int timeout_ms, const sigset_t *during_wait)
{
	struct pollfd fd = { .fd = pcap_get_selectable_fd(pcap), .events = POLLIN };
	const struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L,
	};

	ppoll(&fd, 1, timeout_ms < 0 ? NULL : &timeout, during_wait);
}

/* Packets are dropped behind those that wait in the ring. So the loss is spread over all
 * batches until the ring is empty: every connection that lives then may be affected. */
static void note_loss(struct capture *capture)
{
	struct pcap_stat stat;
	uint64_t dropped;

	if (pcap_stats(capture->pcap, &stat) < 0)
		return;
	dropped = (uint64_t)stat.ps_drop + stat.ps_ifdrop;
	if (dropped != capture->dropped)
		capture->losing = true;
	capture->dropped = dropped;
	if (capture->losing)
		capture->sink->lost++;
}

/* Read what there is. Return: packets, or libpcap's negative status */
static int read_batch(struct capture *capture)
{
	int n;

	note_loss(capture);
	n = pcap_dispatch(capture->pcap, BATCH, on_live_packet, (u_char *)capture);
	if (n == 0)
		capture->losing = false;
	if (n == 0 && capture->sink->idle)
		capture->sink->idle(capture->sink);
	return n;
}

/* Call the sink's interval when it is over. Return: milliseconds until the next is; -1
 * where there is none */
static int tick(struct capture *capture)
{
	struct sink *sink = capture->sink;
	int64_t now;

	if (sink->interval_ms == 0)
		return -1;
	now = monotonic_ms();
	if (now >= capture->interval_ms) {
		sink->interval(sink);
		capture->interval_ms = now + sink->interval_ms;
	}
	return (int)(capture->interval_ms - now);
}

static int run_until_stopped(struct capture *capture, const char *name,
			     const sigset_t *during_wait)
{
	capture->interval_ms = monotonic_ms() + capture->sink->interval_ms;
	while (capture->sink->wanted && signals_stops() == 0) {
		int n = read_batch(capture);
		int timeout_ms = tick(capture);
		sigset_t pending;

		if (n < 0)
			return n;
		/* Signals are blocked: under load look for them by hand. */
		sigpending(&pending);
		if (n == 0 && capture->sink->wanted)
			wait_for_packets(capture->pcap, timeout_ms, during_wait);
		else if (!sigisemptyset(&pending))
			wait_for_packets(capture->pcap, 0, during_wait);
		if (signals_take_statistics())
			print_statistics(capture->pcap, name, capture->sink->count);
	}
	return 0;
}

static int drain(struct capture *capture, const sigset_t *during_wait)
{
	int64_t begin = monotonic_ms();
	int64_t idle_since = begin;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	capture->stop_sec = now.tv_sec;
	capture->stop_nsec = now.tv_nsec;
	capture->stopping = true;
	while (capture->sink->wanted && !capture->passed_stop && signals_stops() < 2) {
		int n = read_batch(capture);
		int64_t ms = monotonic_ms();

		if (n < 0)
			return n;
		if (n > 0)
			idle_since = ms;
		if (ms - idle_since >= DRAIN_IDLE_MS || ms - begin >= DRAIN_MAX_MS)
			break;
		wait_for_packets(capture->pcap, n > 0 ? 0 : RETIRE_MS / 2, during_wait);
	}
	return 0;
}

bool live_run(pcap_t *pcap, const char *name, struct sink *sink)
{
	struct capture capture = { .pcap = pcap, .sink = sink };
	sigset_t during_wait;
	int status;

	signals_block(&during_wait);
	status = run_until_stopped(&capture, name, &during_wait);
	if (status == 0)
		status = drain(&capture, &during_wait);
	sigprocmask(SIG_SETMASK, &during_wait, NULL);
	if (status < 0)
		message("%s: %s", name, pcap_geterr(pcap));
	if (sink->idle)
		sink->idle(sink);
	print_statistics(pcap, name, sink->count);
	return status == 0;
}
