// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's device
 *
 * Theory of operation
 *
 * vhost wants from its user what a virtual machine monitor knows: where the guest's
 * memory is, where in it the queues are, and by which eventfds each side wakes the
 * other. It does not ask for a virtual machine. So this process is the guest: its
 * memory is one mapping, addressed from 0 as a guest would, and it works the rings
 * itself (virtio specification 1.3, 2.7 "Split Virtqueues").
 *
 * rx: each of the queue's descriptors is a buffer for the largest packet there is,
 * so vhost never cuts one. A buffer goes back to vhost when the next packet is asked
 * for. tx: a packet takes a slot of two descriptors, header and payload, and is waited
 * for until vhost has used it, which it says after it has handled the packet: a script's
 * next command finds a host that knows the packet. And a packet goes when all that the
 * host sent before has been shown. So the order on vsockmon0 is always the script's.
 * What vhost refuses it never gives back (drivers/vhost/vsock.c,
 * vhost_vsock_handle_tx_kick()), so such a slot stays taken.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <vsockhdr/vsockhdr.h>

#include "vsockguest-device.h"
#include "vsockguest-script.h"
#include "vsockguest.h"

#define FEATURES \
	((UINT64_C(1) << VIRTIO_F_VERSION_1) | (UINT64_C(1) << FEATURE_SEQPACKET))
#define FEATURE_SEQPACKET 1

#define QUEUE     64 /* descriptors of each queue */
#define SLOTS     (QUEUE / 2)
#define SLOT_SIZE (VSOCKHDR_HDR_LEN + PAYLOAD_MAX)
#define RX_SIZE   (VSOCKHDR_HDR_LEN + VSOCKHDR_MAX_PAYLOAD)

enum { RX, TX, QUEUES };

/** The guest's memory. */
struct memory {
	_Alignas(4096) struct {
		_Alignas(16) struct vring_desc desc[QUEUE];
		_Alignas(4096) uint8_t avail[4096];
		_Alignas(4096) uint8_t used[4096];
	} ring[QUEUES];
	uint8_t rx[QUEUE][RX_SIZE];
	uint8_t tx[SLOTS][SLOT_SIZE];
};

/** struct queue - This side of a virtqueue
 * @avail:	Ring of what is vhost's to use
 * @used:	Ring of what it has used
 * @seen:	Entries of @used that were taken
 * @kick:	Wakes vhost
 * @call:	Wakes us
 * @err:	vhost tells of a fault: it refuses a packet
 */
struct queue {
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t seen;
	int kick;
	int call;
	int err;
};

static int vhost = -1;
static struct memory *memory;
static struct queue queues[QUEUES];
static bool slot_taken[SLOTS];
static int rx_held = -1; /* the buffer that the caller is reading */

static void control(unsigned long request, const char *name, void *argument)
{
	if (ioctl(vhost, request, argument) < 0)
		die("%s: %s", name, strerror(errno));
}
#define CONTROL(request, argument) control(request, #request, argument)

/* Guest addresses begin at 0. */
static uint64_t guest_address(const void *p)
{
	return (uint64_t)((const uint8_t *)p - (const uint8_t *)memory);
}

static void offer(struct queue *queue, uint16_t head)
{
	uint16_t index = queue->avail->idx;
	uint64_t one = 1;

	queue->avail->ring[index % QUEUE] = head;
	/* vhost reads the entry once it sees the index. */
	__atomic_store_n(&queue->avail->idx, (uint16_t)(index + 1), __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (write(queue->kick, &one, sizeof(one)) != sizeof(one))
		die("kick: %s", strerror(errno));
}

/* The next entry that vhost has used, or NULL */
static const struct vring_used_elem *next_used(struct queue *queue)
{
	if (__atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE) == queue->seen)
		return NULL;
	return &queue->used->ring[queue->seen++ % QUEUE];
}

/* Sleep until an eventfd is written to, or until the deadline; false when that passed */
static bool sleep_until(int fd, int64_t deadline)
{
	uint64_t count;

	return wait_for_fd(fd, POLLIN, deadline) != 0 &&
	       read(fd, &count, sizeof(count)) == sizeof(count);
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		die("eventfd: %s", strerror(errno));
	return fd;
}

static void set_file(unsigned long request, const char *name, unsigned int index, int fd)
{
	struct vhost_vring_file file = { .index = index, .fd = fd };

	control(request, name, &file);
}
#define SET_FILE(request, index, fd) set_file(request, #request, index, fd)

static void set_up_queue(unsigned int index)
{
	struct queue *queue = &queues[index];
	struct vhost_vring_state num = { .index = index, .num = QUEUE };
	struct vhost_vring_state base = { .index = index, .num = 0 };
	struct vhost_vring_addr addr = {
		.index = index,
		.desc_user_addr = (uintptr_t)memory->ring[index].desc,
		.avail_user_addr = (uintptr_t)memory->ring[index].avail,
		.used_user_addr = (uintptr_t)memory->ring[index].used,
	};

	queue->avail = (void *)memory->ring[index].avail;
	queue->used = (void *)memory->ring[index].used;
	queue->kick = new_eventfd();
	queue->call = new_eventfd();
	queue->err = new_eventfd();
	CONTROL(VHOST_SET_VRING_NUM, &num);
	CONTROL(VHOST_SET_VRING_BASE, &base);
	CONTROL(VHOST_SET_VRING_ADDR, &addr);
	SET_FILE(VHOST_SET_VRING_KICK, index, queue->kick);
	SET_FILE(VHOST_SET_VRING_CALL, index, queue->call);
	SET_FILE(VHOST_SET_VRING_ERR, index, queue->err);
}

static void set_memory(void)
{
	struct vhost_memory *table =
		calloc(1, sizeof(*table) + sizeof(struct vhost_memory_region));

	memory = mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!table || memory == MAP_FAILED)
		die("no memory");
	table->nregions = 1;
	table->regions[0] = (struct vhost_memory_region) {
		.guest_phys_addr = 0,
		.memory_size = sizeof(*memory),
		.userspace_addr = (uintptr_t)memory,
	};
	CONTROL(VHOST_SET_MEM_TABLE, table);
	free(table);
}

static void offer_rx(unsigned int buffer)
{
	memory->ring[RX].desc[buffer] = (struct vring_desc) {
		.addr = guest_address(memory->rx[buffer]),
		.len = RX_SIZE,
		.flags = VRING_DESC_F_WRITE,
	};
	offer(&queues[RX], (uint16_t)buffer);
}

void device_open(uint64_t cid)
{
	uint64_t features;
	int running = 1;

	vhost = open("/dev/vhost-vsock", O_RDWR | O_CLOEXEC);
	if (vhost < 0)
		die("/dev/vhost-vsock: %s", strerror(errno));
	CONTROL(VHOST_SET_OWNER, NULL);
	CONTROL(VHOST_GET_FEATURES, &features);
	features &= FEATURES;
	if (features != FEATURES)
		die("vhost-vsock lacks features: it has 0x%llx",
		    (unsigned long long)features);
	CONTROL(VHOST_SET_FEATURES, &features);
	set_memory();
	for (unsigned int i = 0; i < QUEUES; i++)
		set_up_queue(i);
	for (unsigned int i = 0; i < QUEUE; i++)
		offer_rx(i);
	CONTROL(VHOST_VSOCK_SET_GUEST_CID, &cid);
	CONTROL(VHOST_VSOCK_SET_RUNNING, &running);
}

void device_close(void)
{
	close(vhost);
}

static size_t free_slot(void)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (!slot_taken[i])
			return i;
	}
	die("vhost has refused %d packets, and no slot is left", SLOTS);
}

/* Wait until vhost has used the tx queue's next entry; false where it refused it */
static bool wait_used(void)
{
	const struct queue *tx = &queues[TX];
	const struct vring_used_elem *used;
	struct pollfd events[] = { { .fd = tx->call, .events = POLLIN },
				   { .fd = tx->err, .events = POLLIN } };
	uint64_t count;

	while (!(used = next_used(&queues[TX]))) {
		if (poll(events, 2, DEFAULT_WITHIN_MS) <= 0)
			die("vhost does not use what is on the tx queue");
		if (read(tx->err, &count, sizeof(count)) == sizeof(count))
			return false;
		(void)!read(tx->call, &count, sizeof(count));
	}
	slot_taken[used->id / 2] = false;
	return true;
}

/* After each of these requests the kernel waits until vhost's thread has done its work
 * (drivers/vhost/vsock.c, vhost_vsock_dev_ioctl()). This one changes nothing: there is
 * no log. */
void device_settle(void)
{
	int no_log = -1;

	CONTROL(VHOST_SET_LOG_FD, &no_log);
}

bool device_send(const void *header, size_t header_size, const void *payload,
		 size_t payload_size)
{
	size_t slot = free_slot();
	struct vring_desc *desc = &memory->ring[TX].desc[slot * 2];
	uint8_t *to = memory->tx[slot];

	/* What the host sent before this packet must not be overtaken by it. */
	device_settle();
	slot_taken[slot] = true;
	memcpy(to, header, header_size);
	if (payload_size > 0)
		memcpy(to + header_size, payload, payload_size);
	desc[0] = (struct vring_desc) { .addr = guest_address(to),
					.len = (uint32_t)header_size };
	desc[1] = (struct vring_desc) { .addr = guest_address(to + header_size),
					.len = (uint32_t)payload_size };
	if (payload_size > 0) {
		desc[0].flags = VRING_DESC_F_NEXT;
		desc[0].next = (uint16_t)(slot * 2 + 1);
	}
	offer(&queues[TX], (uint16_t)(slot * 2));
	return wait_used();
}

size_t device_receive(const uint8_t **packet, int64_t deadline)
{
	const struct vring_used_elem *used;

	if (rx_held >= 0)
		offer_rx((unsigned int)rx_held);
	rx_held = -1;
	while (!(used = next_used(&queues[RX]))) {
		if (!sleep_until(queues[RX].call, deadline))
			return 0;
	}
	if (used->id >= QUEUE || used->len > RX_SIZE)
		die("vhost used what it was never given");
	rx_held = (int)used->id;
	*packet = memory->rx[rx_held];
	return used->len;
}
