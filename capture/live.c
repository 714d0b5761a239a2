/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Capturing on an interface.
 *
 * Theory of operation: the kernel fills a ring of blocks (TPACKET_V3) and wakes us
 * when a block is full or retire_ms old. libpcap's "immediate mode" would wake us for
 * every packet, at a price that hurts here: it gives each packet a slot of the whole
 * snap length, so that the same memory holds a few dozen packets instead of tens of
 * thousands. Nobody can see 50 ms; --immediate-mode makes it 1 ms, the least there is.
 * Where packets only go into a file, it is a second: to wake up less often costs less.
 *
 * The loop reads without blocking and sleeps in ppoll(), the one place where signals
 * are let in. After the signal to stop, what was sent before it may still be in a
 * block that the kernel has not handed over: it is waited for, so that nothing is
 * lost that happened before ^C. The kernel's statistics say whether there is anything
 * to wait for. A second signal ends the wait.
 */

#include "source.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <vsockhdr/vsockhdr.h>

#include "interfaces.h"
#include "message.h"
#include "packet.h"
#include "signals.h"

/* How long the kernel may keep a block that is not full, in milliseconds */
static const int retire_ms[] = {
	[LIVE_DELAY_UNSEEN] = 50,
	[LIVE_DELAY_NONE] = 1,
	[LIVE_DELAY_LONG] = 1000,
};

/* Ring buffer: room for bursts of 64 KiB packets while a terminal scrolls. libpcap
 * takes less where the kernel does not have it */
#define RING_BYTES (16 * 1024 * 1024)

/* Longest BPF program that the kernel takes (BPF_MAXINSNS) */
#define KERNEL_MAX_INSTRUCTIONS 4096

/* Packets between two looks at the signals */
#define BATCH 256

/* After the signal to stop, in milliseconds: how often to look for packets; how long to
 * wait for blocks in the kernel's hands; the same where the packets do not end */
#define DRAIN_LOOK_MS 25
#define DRAIN_IDLE_MS 1150
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
			"the capabilities once:\n"
			"    setcap cap_net_raw,cap_net_admin+ep "
			"\"$(command -v vsockdump)\"",
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

/* The size of a mapping, of its line in /proc/PID/maps: "BEGIN-END ..." */
static uint64_t mapping_bytes(const char *line)
{
	char *dash;
	uint64_t begin = strtoull(line, &dash, 16);

	return *dash == '-' ? strtoull(dash + 1, NULL, 16) - begin : 0;
}

/* How large the ring is that the socket got, as the kernel shows its mapping; 0 where
 * that cannot be told */
static uint64_t ring_bytes(pcap_t *pcap)
{
	uint64_t bytes = 0;
	struct stat st;
	char line[512];
	char name[64];
	FILE *maps;

	if (fstat(pcap_fileno(pcap), &st) < 0)
		return 0;
	snprintf(name, sizeof(name), "socket:[%llu]", (unsigned long long)st.st_ino);
	maps = fopen("/proc/self/maps", "re");
	if (!maps)
		return 0;
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, name))
			bytes += mapping_bytes(line);
	fclose(maps);
	return bytes;
}

/* libpcap makes do with less memory than it was asked for, and does not say so */
static void check_ring(pcap_t *pcap, const char *name, const struct live_options *options)
{
	int asked = options->buffer_bytes;
	uint64_t wanted = (uint64_t)(asked > 0 ? asked : RING_BYTES);
	uint64_t got = ring_bytes(pcap);

	if (got > 0 && got < wanted / 10 * 9)
		message("%s: the kernel had memory for a buffer of only %llu KiB, not "
			"%llu: packets may be lost in bursts",
			name, (unsigned long long)(got / 1024),
			(unsigned long long)(wanted / 1024));
}

static int activate(pcap_t *pcap, const struct live_options *options)
{
	int bytes = options->buffer_bytes > 0 ? options->buffer_bytes : RING_BYTES;
	int status = pcap_set_snaplen(pcap, options->snaplen);

	if (status == 0)
		status = pcap_set_timeout(pcap, retire_ms[options->delay]);
	if (status == 0)
		status = pcap_set_buffer_size(pcap, bytes);
	if (status == 0)
		status = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	if (status == 0 && options->tstamp_type >= 0)
		status = pcap_set_tstamp_type(pcap, options->tstamp_type);
	if (status == 0)
		status = pcap_activate(pcap);
	return status;
}

static pcap_t *create(const char *name)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap;

	if (vsockhdr_host_is_vsockmon(name) == VSOCKHDR_UNKNOWN && errno == ENODEV) {
		interfaces_report_missing(name);
		return NULL;
	}
	pcap = pcap_create(name, error);
	if (!pcap)
		message("%s: %s", name, error);
	return pcap;
}

/* Whether an activated handle is what can be captured on; false after a message */
static bool check(pcap_t *pcap, const char *name)
{
	char error[PCAP_ERRBUF_SIZE] = "";

	if (!source_check_linktype(pcap, name))
		return false;
	if (!is_up(name)) {
		report_failure(pcap, name, PCAP_ERROR_IFACE_NOT_UP);
		return false;
	}
	if (pcap_setnonblock(pcap, 1, error) < 0) {
		message("%s: %s", name, error);
		return false;
	}
	return true;
}

pcap_t *live_open(const char *name, const struct live_options *options)
{
	pcap_t *pcap = create(name);
	int status;

	if (!pcap)
		return NULL;
	status = activate(pcap, options);
	if (status < 0)
		report_failure(pcap, name, status);
	else if (status > 0)
		message("%s: %s", name, pcap_statustostr(status));
	if (status < 0 || !check(pcap, name)) {
		pcap_close(pcap);
		return NULL;
	}
	check_ring(pcap, name, options);
	return pcap;
}

bool live_filter(pcap_t *pcap, const char *name, struct bpf_program *program)
{
	if (program->bf_len > KERNEL_MAX_INSTRUCTIONS)
		message("the filter's program has %u instructions, and the kernel takes "
			"%d: vsockdump filters by itself what the kernel hands over",
			program->bf_len, KERNEL_MAX_INSTRUCTIONS);
	if (pcap_setfilter(pcap, program) == 0)
		return true;
	message("%s: cannot set the filter: %s", name, pcap_geterr(pcap));
	return false;
}

bool live_print_link_types(const char *name)
{
	const struct live_options options = { .snaplen = SOURCE_MAX_SNAPLEN,
					      .tstamp_type = -1 };
	pcap_t *pcap = live_open(name, &options);
	int *types;
	int count;

	if (!pcap)
		return false;
	count = pcap_list_datalinks(pcap, &types);
	if (count < 0) {
		message("%s: %s", name, pcap_geterr(pcap));
		pcap_close(pcap);
		return false;
	}
	printf("Data link types for %s (use option -y to set):\n", name);
	for (int i = 0; i < count; i++)
		printf("  %s (%s)\n", pcap_datalink_val_to_name(types[i]),
		       pcap_datalink_val_to_description_or_dlt(types[i]));
	pcap_free_datalinks(types);
	pcap_close(pcap);
	return true;
}

bool live_print_tstamp_types(const char *name)
{
	pcap_t *pcap = create(name);
	int *types;
	int count;

	if (!pcap)
		return false;
	count = pcap_list_tstamp_types(pcap, &types);
	if (count <= 0) {
		if (count == 0)
			message("%s: its time stamp type cannot be set", name);
		else
			message("%s: %s", name, pcap_geterr(pcap));
		pcap_close(pcap);
		return count == 0;
	}
	printf("Time stamp types for %s (use option -j to set):\n", name);
	for (int i = 0; i < count; i++)
		printf("  %s (%s)\n", pcap_tstamp_type_val_to_name(types[i]),
		       pcap_tstamp_type_val_to_description(types[i]));
	pcap_free_tstamp_types(types);
	pcap_close(pcap);
	return true;
}

/**
 * struct capture - A running capture
 * @pcap:	libpcap's handle
 * @sink:	Who takes the packets
 * @stop_sec:	When the user asked to stop, by the clock of the time stamps
 * @stop_nsec:	The same
 * @stopping:	The user has asked to stop
 * @passed_stop:	A packet from after that has been seen
 * @read:	Packets that came
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
	uint64_t read;
	uint64_t dropped;
	bool losing;
	int64_t interval_ms;
};

static void on_live_packet(u_char *user, const struct pcap_pkthdr *header,
			   const u_char *bytes)
{
	struct capture *capture = (struct capture *)user;

	capture->read++;
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

	inform("%llu packets captured\n", (unsigned long long)captured);
	if (pcap_stats(pcap, &stat) < 0) {
		message("%s: no statistics: %s", name, pcap_geterr(pcap));
		return;
	}
	inform("%u packets received by filter\n", stat.ps_recv);
	inform("%u packets dropped by kernel\n", stat.ps_drop);
	if (stat.ps_ifdrop > 0)
		inform("%u packets dropped by interface\n", stat.ps_ifdrop);
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

	/* Asking costs more than a packet. */
	if (!capture->sink->minds_loss || pcap_stats(capture->pcap, &stat) < 0)
		return;
	dropped = (uint64_t)stat.ps_drop + stat.ps_ifdrop;
	if (dropped != capture->dropped)
		capture->losing = true;
	capture->dropped = dropped;
	if (capture->losing)
		capture->sink->lost++;
}

/* Read what there is. Return: packets, fewer than BATCH when nothing is left in the ring;
 * or libpcap's negative status */
static int read_batch(struct capture *capture)
{
	int n = pcap_dispatch(capture->pcap, BATCH, on_live_packet, (u_char *)capture);

	if (n > 0)
		note_loss(capture);
	if (n >= 0 && n < BATCH) {
		capture->losing = false;
		if (capture->sink->idle)
			capture->sink->idle(capture->sink);
	}
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
		if (!capture->sink->wanted)
			break;
		if (n < BATCH) {
			wait_for_packets(capture->pcap, timeout_ms, during_wait);
		} else {
			/* Signals are blocked: under load look for them by hand. */
			sigpending(&pending);
			if (!sigisemptyset(&pending))
				wait_for_packets(capture->pcap, 0, during_wait);
		}
		if (signals_take_statistics())
			print_statistics(capture->pcap, name, capture->sink->count);
		if (signals_take_flush() && capture->sink->flush)
			capture->sink->flush(capture->sink);
	}
	return 0;
}

/* Whether every packet that the kernel has counted has come or was dropped. (Its counts
 * are of 32 bits.) */
static bool has_all(const struct capture *capture)
{
	struct pcap_stat stat;

	return pcap_stats(capture->pcap, &stat) == 0 &&
	       stat.ps_recv - stat.ps_drop == (u_int)capture->read;
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
		if (n < BATCH && has_all(capture))
			break;
		if (ms - idle_since >= DRAIN_IDLE_MS || ms - begin >= DRAIN_MAX_MS)
			break;
		wait_for_packets(capture->pcap, n > 0 ? 0 : DRAIN_LOOK_MS, during_wait);
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
