/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the unit tests share.
 */

#include "helper.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* clang-format off */
const uint8_t example_record[EXAMPLE_RECORD_LEN] = {
	/* vsockmon header */
	0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* src_cid 3 */
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* dst_cid 2 */
	0x00, 0x04, 0x00, 0x00,                         /* src_port 1024 */
	0xd2, 0x04, 0x00, 0x00,                         /* dst_port 1234 */
	0x04, 0x00,                                     /* op: payload */
	0x02, 0x00,                                     /* transport: virtio */
	0x2c, 0x00,                                     /* len 44 */
	0x00, 0x00,                                     /* reserved */
	/* virtio_vsock_hdr */
	0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* src_cid 3 */
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* dst_cid 2 */
	0x00, 0x04, 0x00, 0x00,                         /* src_port 1024 */
	0xd2, 0x04, 0x00, 0x00,                         /* dst_port 1234 */
	0x06, 0x00, 0x00, 0x00,                         /* len 6 */
	0x02, 0x00,                                     /* type: seqpacket */
	0x05, 0x00,                                     /* op: RW */
	0x01, 0x00, 0x00, 0x00,                         /* flags: EOM */
	0x00, 0x00, 0x04, 0x00,                         /* buf_alloc 262144 */
	0x07, 0x00, 0x00, 0x00,                         /* fwd_cnt 7 */
	/* payload */
	'h', 'e', 'l', 'l', 'o', '\n',
};
/* clang-format on */

const uint8_t *const example_packet = example_record + 32;

const struct vsockhdr_mon example_mon = {
	.src_cid = 3,
	.dst_cid = 2,
	.src_port = 1024,
	.dst_port = 1234,
	.op = 4,
	.transport = 2,
	.len = 44,
	.reserved = 0,
};

const struct vsockhdr example_hdr = {
	.src_cid = 3,
	.dst_cid = 2,
	.src_port = 1024,
	.dst_port = 1234,
	.len = 6,
	.type = 2,
	.op = 5,
	.flags = 1,
	.buf_alloc = 262144,
	.fwd_cnt = 7,
};

uint8_t *guarded(size_t slot, size_t size)
{
	static uint8_t *memory;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	assert_true(slot < GUARDED_SLOTS && size <= GUARDED_MAX && page >= GUARDED_MAX);
	if (!memory) {
		memory = mmap(NULL, 2 * page * GUARDED_SLOTS, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(memory != MAP_FAILED);
		for (size_t i = 0; i < GUARDED_SLOTS; i++)
			assert_int_equal(
				mprotect(memory + (2 * i + 1) * page, page, PROT_NONE),
				0);
	}
	return memory + (2 * slot + 1) * page - size;
}

/* Makes the next fragment of the bytes */
static void add_fragment(struct iovec *iov, size_t *iovcnt, const uint8_t *from,
			 size_t size)
{
	uint8_t *to = guarded(*iovcnt, size);

	memcpy(to, from, size);
	iov[(*iovcnt)++] = (struct iovec) { to, size };
}

void each_split(const uint8_t *bytes, size_t size, split_fn *fn, void *context)
{
	struct iovec iov[GUARDED_SLOTS];
	size_t iovcnt;

	assert_true(MAX_FRAGMENTS(size) <= GUARDED_SLOTS);
	for (size_t i = 0; i <= size; i++) {
		for (size_t k = i; k <= size; k++) {
			iovcnt = 0;
			add_fragment(iov, &iovcnt, bytes, i);
			add_fragment(iov, &iovcnt, bytes + i, k - i);
			add_fragment(iov, &iovcnt, bytes + k, size - k);
			fn(iov, iovcnt, context);
		}
	}

	iovcnt = 0;
	for (size_t i = 0; i < size; i++)
		add_fragment(iov, &iovcnt, bytes + i, 1);
	fn(iov, iovcnt, context);

	iovcnt = 0;
	for (size_t i = 0; i < size; i++) {
		iov[iovcnt++] = (struct iovec) { NULL, 0 };
		add_fragment(iov, &iovcnt, bytes + i, 1);
	}
	iov[iovcnt++] = (struct iovec) { NULL, 0 };
	fn(iov, iovcnt, context);
}

size_t join(uint8_t *to, const struct iovec *iov, size_t iovcnt)
{
	size_t size = 0;

	for (size_t i = 0; i < iovcnt; i++) {
		if (iov[i].iov_len > 0)
			memcpy(to + size, iov[i].iov_base, iov[i].iov_len);
		size += iov[i].iov_len;
	}
	return size;
}

/* One field at one place: written, then read, with every byte around it watched */
static void check_field(const struct field *field, uint8_t *memory, size_t size,
			uint8_t *wire, uint64_t value)
{
	uint64_t mask =
		field->size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * field->size) - 1;
	uint8_t expected[128];

	assert_true(size <= sizeof(expected));
	memset(memory, 0xa5, size);
	memset(expected, 0xa5, size);
	for (size_t i = 0; i < field->size; i++)
		expected[(size_t)(wire - memory) + field->offset + i] =
			(uint8_t)(value >> (8 * i));

	field->set(wire, value);
	assert_memory_equal(memory, expected, size);
	assert_int_equal(field->get(wire), value & mask);
	assert_memory_equal(memory, expected, size);
}

void check_fields(const struct field *fields, size_t count, size_t len)
{
	static const uint64_t values[] = {
		0,
		1,
		UINT64_MAX,
		UINT64_C(0x8000000000000000),
		UINT64_C(0x7fffffffffffffff),
		UINT64_C(0x8080808080808080),
		UINT64_C(0x0123456789abcdef),
		UINT64_C(0xfedcba9876543210),
	};
	/* A multiple of 8, so that the memory is aligned: 8 bytes before the header, room
	 * to shift it, and at least 8 bytes behind it */
	size_t size = (8 + 8 + len + 8 + 7) / 8 * 8;
	uint8_t *memory = guarded(0, size);
	size_t end = 0;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(fields[i].offset, end);
		end += fields[i].size;
		for (size_t shift = 0; shift < 8; shift++)
			for (size_t v = 0; v < COUNT(values); v++)
				check_field(&fields[i], memory, size, memory + 8 + shift,
					    values[v]);
	}
	assert_int_equal(end, len);
}

#define CHECK_FIELD(name, bits, offset) _assert_int_equal(a->name, b->name, file, line);

void check_hdr_equal(const struct vsockhdr *a, const struct vsockhdr *b, const char *file,
		     int line)
{
	VSOCKHDR_FIELDS(CHECK_FIELD)
}

void check_mon_equal(const struct vsockhdr_mon *a, const struct vsockhdr_mon *b,
		     const char *file, int line) { VSOCKHDR_MON_FIELDS(CHECK_FIELD) }

/* splitmix64 (Steele, Lea and Flood, 2014) */
uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t next_edge(uint64_t *state)
{
	uint64_t number = next_random(state);
	unsigned int width = 8U << (number >> 8 & 3);
	uint64_t max = UINT64_MAX >> (64 - width);

	switch (number & 7) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return max;
	case 3:
		return max - 1;
	case 4:
		return max / 2;
	case 5:
		return max / 2 + 1;
	default:
		return next_random(state);
	}
}

void fill_random(uint64_t *state, void *to, size_t size)
{
	uint8_t *bytes = to;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)next_random(state);
}

#define RANDOM_FIELD(name, bits, offset) to->name = (uint##bits##_t)next_edge(state);

void random_hdr(uint64_t *state, struct vsockhdr *hdr)
{
	struct vsockhdr *to = hdr;

	VSOCKHDR_FIELDS(RANDOM_FIELD)
}

void random_mon(uint64_t *state, struct vsockhdr_mon *mon)
{
	struct vsockhdr_mon *to = mon;

	VSOCKHDR_MON_FIELDS(RANDOM_FIELD)
}
