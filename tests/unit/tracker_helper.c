/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Stories for the tracker, as tracker_helper.h says.
 */

#include "tracker_helper.h"

#include <stdio.h>
#include <string.h>
#include <vsockhdr/finding.h>

struct story story;

static void begin(const struct vsockhdr_tracker_options *options)
{
	memset(&story, 0, sizeof(story));
	watch_start(&story.watch, options);
	story.now_ns = START_NS;
	story.type = VSOCKHDR_TYPE_STREAM;
	story.addr[CLIENT] = (struct vsockhdr_addr) { 3, 1024 };
	story.addr[SERVER] = (struct vsockhdr_addr) { 2, 1234 };
	story.buf_alloc[CLIENT] = 262144;
	story.buf_alloc[SERVER] = 262144;
}

int begin_story(void **state)
{
	(void)state;
	begin(NULL);
	return 0;
}

int end_story(void **state)
{
	(void)state;
	expect_nothing();
	watch_stop(&story.watch);
	return 0;
}

void with_options(const struct vsockhdr_tracker_options *options)
{
	watch_stop(&story.watch);
	begin(options);
}

void pass(int64_t ns)
{
	story.now_ns += ns;
}

struct packet say_packet(int from, uint16_t op)
{
	return (struct packet) {
		.src = story.addr[from],
		.dst = story.addr[!from],
		.lost = story.lost,
		.buf_alloc = story.buf_alloc[from],
		.fwd_cnt = story.fwd_cnt[from],
		.type = story.type,
		.op = op,
	};
}

uint64_t say_this(const struct packet *packet)
{
	struct packet now = *packet;
	uint64_t frame;

	story.now_ns += MILLISECOND;
	now.time_ns = story.now_ns;
	watch_feed(&story.watch, &now);
	frame = story.watch.frame;
	assert_true(frame < STORY_FRAMES);
	story.time_ns[frame] = story.now_ns;
	story.flow[frame] = story.watch.told.flow;
	return frame;
}

uint64_t say_flags(int from, uint16_t op, uint32_t flags, uint32_t len)
{
	struct packet packet = say_packet(from, op);

	packet.flags = flags;
	packet.len = len;
	return say_this(&packet);
}

uint64_t say(int from, uint16_t op)
{
	return say_flags(from, op, 0, 0);
}

uint64_t say_rw(int from, uint32_t len)
{
	return say_flags(from, VSOCKHDR_OP_RW, 0, len);
}

uint64_t say_credit(int from, uint32_t buf_alloc, uint32_t fwd_cnt)
{
	story.buf_alloc[from] = buf_alloc;
	story.fwd_cnt[from] = fwd_cnt;
	return say(from, VSOCKHDR_OP_CREDIT_UPDATE);
}

uint64_t say_rst0(int from)
{
	struct packet packet = say_packet(from, VSOCKHDR_OP_RST);

	packet.buf_alloc = 0;
	packet.fwd_cnt = 0;
	return say_this(&packet);
}

void set_up(void)
{
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	say(SERVER, VSOCKHDR_OP_RESPONSE);
}

void capture_ends(void)
{
	vsockhdr_tracker_finish(story.watch.tracker);
}

static void check_next(enum vsockhdr_finding_id id, enum vsockhdr_severity severity,
		       uint64_t frame, int fault, const char *figures, bool capture_loss)
{
	const struct vsockhdr_finding *found;
	char text[256] = "";
	size_t len = 0;

	if (story.expected == story.watch.findings)
		fail_msg("no %s at frame %llu", vsockhdr_finding_info(id)->name,
			 (unsigned long long)frame);
	found = &story.watch.finding[story.expected++];
	assert_string_equal(vsockhdr_finding_info(found->id)->name,
			    vsockhdr_finding_info(id)->name);
	assert_int_equal(found->frame, frame);
	assert_int_equal(found->severity, severity);
	assert_int_equal(found->capture_loss, capture_loss);
	assert_int_equal(found->time_ns, story.time_ns[frame]);
	assert_int_equal(found->flow, story.flow[frame]);
	assert_int_equal(found->has_fault, fault != NOBODY);
	if (fault != NOBODY)
		assert_true(same_addr(&found->fault, &story.addr[fault]));
	assert_true(found->figures <= VSOCKHDR_MAX_FIGURES);
	for (unsigned int i = 0; i < found->figures; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %llu",
					i ? ", " : "", found->figure[i].name,
					(unsigned long long)found->figure[i].value);
	assert_string_equal(text, figures);
}

void expect(enum vsockhdr_finding_id id, uint64_t frame, int fault, const char *figures)
{
	check_next(id, vsockhdr_finding_info(id)->severity, frame, fault, figures, false);
}

void expect_note(enum vsockhdr_finding_id id, uint64_t frame, int fault,
		 const char *figures, bool capture_loss)
{
	check_next(id, VSOCKHDR_NOTE, frame, fault, figures, capture_loss);
}

void expect_nothing(void)
{
	if (story.expected < story.watch.findings) {
		const struct vsockhdr_finding *next =
			&story.watch.finding[story.expected];

		fail_msg("unexpected %s at frame %llu",
			 vsockhdr_finding_info(next->id)->name,
			 (unsigned long long)next->frame);
	}
}

void expect_credit(uint64_t peer_free, uint64_t in_flight, uint32_t peer_buf_alloc)
{
	const struct vsockhdr_told *told = &story.watch.told;

	assert_true(told->credit_known);
	assert_int_equal(told->peer_free, peer_free);
	assert_int_equal(told->in_flight, in_flight);
	assert_int_equal(told->peer_buf_alloc, peer_buf_alloc);
}

void expect_end(enum vsockhdr_close close, int closed_by)
{
	const struct vsockhdr_told *told = &story.watch.told;

	assert_true(told->ended);
	assert_int_equal(told->close, close);
	assert_true(same_addr(&told->closed_by, &story.addr[closed_by]));
}
