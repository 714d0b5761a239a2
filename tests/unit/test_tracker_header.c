/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Findings that one header alone gives, and those of seqpacket messages. Specification
 * 1.3, 5.10.6.2 (addressing), 5.10.6.4 (types), 5.10.6.6 (messages).
 */

#include "tracker_helper.h"

static void test_truncated(void **state)
{
	static const int errors[] = { VSOCKHDR_ERR_MON_TRUNCATED,
				      VSOCKHDR_ERR_HDR_TRUNCATED,
				      VSOCKHDR_ERR_TRANSPORT_LEN };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_RW);

		packet.err = errors[i];
		packet.no_mon = errors[i] == VSOCKHDR_ERR_MON_TRUNCATED;
		packet.no_hdr = true;
		say_this(&packet);
		assert_int_equal(story.watch.told.flow, VSOCKHDR_NO_FLOW);
		expect(VSOCKHDR_HDR_TRUNCATED, i + 1, packet.no_mon ? NOBODY : CLIENT,
		       "");
		assert_int_equal(story.watch.finding[i].has_addresses, !packet.no_mon);
	}
}

/* What the snap length cut is no fault. */
static void test_snapped(void **state)
{
	static const int errors[] = { VSOCKHDR_ERR_MON_SNAPPED, VSOCKHDR_ERR_HDR_SNAPPED,
				      VSOCKHDR_ERR_CAPLEN };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_RW);

		packet.err = errors[i];
		packet.no_mon = true;
		say_this(&packet);
		assert_int_equal(story.watch.told.flow, VSOCKHDR_NO_FLOW);
	}
	capture_ends();
	assert_int_equal(story.watch.flows, 0);
}

/* The 44 bytes are there, though the record ends too early: it counts. */
static void test_truncated_after_header(void **state)
{
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_REQUEST);

	(void)state;
	packet.err = VSOCKHDR_ERR_HDR_TRUNCATED;
	say_this(&packet);
	expect(VSOCKHDR_HDR_TRUNCATED, 1, CLIENT, "");
	assert_int_equal(story.watch.told.flow, 0);
}

static void test_mon_mismatch(void **state)
{
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_REQUEST);

	(void)state;
	packet.other_mon = true;
	say_this(&packet);
	expect(VSOCKHDR_HDR_MON_MISMATCH, 1, NOBODY, "mon_op 0, expected_mon_op 1");
}

/* Each address of the vsockmon header is held against the other header. */
static void test_mon_addresses(void **state)
{
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = { .time_ns = START_NS, .rec = &rec };

	(void)state;
	for (int i = 0; i < 5; i++) {
		packet_record(&packet, &rec);
		switch (i) {
		case 0:
			rec.mon.src_cid++;
			break;
		case 1:
			rec.mon.dst_cid++;
			break;
		case 2:
			rec.mon.src_port++;
			break;
		case 3:
			rec.mon.dst_port++;
			break;
		default:
			rec.mon.reserved++;
		}
		watch_see(&story.watch, &seen);
		assert_int_equal(story.watch.findings, i < 4 ? i + 1 : 4);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(story.watch.finding[i].id, VSOCKHDR_HDR_MON_MISMATCH);
		assert_int_equal(story.watch.finding[i].frame, i + 1);
	}
	story.expected = 4;
}

static void test_bad_op(void **state)
{
	(void)state;
	say(CLIENT, VSOCKHDR_OP_INVALID);
	assert_int_equal(story.watch.told.flow, VSOCKHDR_NO_FLOW);
	expect(VSOCKHDR_HDR_BAD_OP, 1, CLIENT, "op 0");
	set_up();
	say(SERVER, 8);
	expect(VSOCKHDR_HDR_BAD_OP, 4, SERVER, "op 8");
	assert_int_equal(story.watch.told.flow, 0);
	assert_int_equal(story.watch.told.from, SERVER);
	assert_false(story.watch.told.credit_known);
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[SERVER].packets, 2);
}

static void test_bad_type(void **state)
{
	(void)state;
	story.type = 3;
	say_rw(CLIENT, 10);
	expect(VSOCKHDR_HDR_BAD_TYPE, 1, CLIENT, "type 3");
	assert_int_equal(story.watch.told.flow, VSOCKHDR_NO_FLOW);
	say_rst0(SERVER);
	assert_int_equal(story.watch.told.flow, VSOCKHDR_NO_FLOW);
	story.type = 1;
	set_up();
	story.type = 0;
	say_rw(CLIENT, 10);
	expect(VSOCKHDR_HDR_BAD_TYPE, 5, CLIENT, "type 0");
	say_rst0(SERVER);
	assert_false(story.watch.told.ended);
	story.type = 1;
	say_rw(CLIENT, 100);
	expect_credit(262044, 100, 262144);
}

static void test_cids(void **state)
{
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_RW);

	(void)state;
	story.addr[CLIENT].cid = UINT64_C(0x100000003);
	say(CLIENT, VSOCKHDR_OP_RW);
	expect(VSOCKHDR_HDR_CID_HIGH_BITS, 1, CLIENT, "");
	story.addr[CLIENT].cid = 3;
	story.addr[SERVER].cid = UINT64_C(0x8000000000000002);
	say(CLIENT, VSOCKHDR_OP_RW);
	expect(VSOCKHDR_HDR_CID_HIGH_BITS, 2, CLIENT, "");
	story.addr[SERVER].cid = 0;
	say(CLIENT, VSOCKHDR_OP_RW);
	expect(VSOCKHDR_HDR_RESERVED_CID, 3, CLIENT, "");
	story.addr[SERVER].cid = VSOCKHDR_CID_ANY;
	say(SERVER, VSOCKHDR_OP_RW);
	expect(VSOCKHDR_HDR_RESERVED_CID, 4, SERVER, "");
	packet.dst.port = VSOCKHDR_PORT_ANY;
	say_this(&packet);
}

/* Linux answers a packet with an RST to where it came from, be that nowhere. */
static void test_cids_of_rst(void **state)
{
	(void)state;
	story.addr[SERVER].cid = 0;
	say_rst0(SERVER);
	expect(VSOCKHDR_HDR_RESERVED_CID, 1, SERVER, "");
	say(CLIENT, VSOCKHDR_OP_REQUEST);
	expect(VSOCKHDR_HDR_RESERVED_CID, 2, CLIENT, "");
	say_rst0(SERVER);
	expect(VSOCKHDR_CONN_REFUSED, 3, NOBODY, "");
}

/* A header that was never filled in, and the answer to it */
static void test_empty(void **state)
{
	struct packet packet = { .op = VSOCKHDR_OP_INVALID };

	(void)state;
	say_this(&packet);
	assert_int_equal(story.watch.told.flow, VSOCKHDR_NO_FLOW);
	expect(VSOCKHDR_HDR_BAD_OP, 1, NOBODY, "empty_bytes 44");
	packet.op = VSOCKHDR_OP_RST;
	say_this(&packet);
	expect_nothing();
	packet.op = VSOCKHDR_OP_INVALID;
	packet.dst.port = 1;
	say_this(&packet);
	assert_int_equal(story.watch.findings, 4);
	story.expected = 4;
}

static void test_unknown_flags(void **state)
{
	(void)state;
	say_flags(CLIENT, VSOCKHDR_OP_REQUEST, 1, 0);
	expect(VSOCKHDR_HDR_UNKNOWN_FLAGS, 1, CLIENT, "flags 1");
	say(SERVER, VSOCKHDR_OP_RESPONSE);
	say_flags(CLIENT, VSOCKHDR_OP_RW, 6, 10);
	/* Bit 1 is EOR, which a stream has not; bit 2 is nothing at all. */
	expect(VSOCKHDR_SEQ_FLAGS_ON_STREAM, 3, CLIENT, "flags 6");
	expect(VSOCKHDR_HDR_UNKNOWN_FLAGS, 3, CLIENT, "flags 4");
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, SEND | 4, 0);
	expect(VSOCKHDR_HDR_UNKNOWN_FLAGS, 4, CLIENT, "flags 4");
}

static void test_lengths(void **state)
{
	struct packet packet;

	(void)state;
	set_up();
	packet = say_packet(CLIENT, VSOCKHDR_OP_RW);
	packet.len = 10;
	packet.payload_more = 1;
	say_this(&packet);
	/* It may be a piece of a packet that vhost cuts: the next one tells. */
	expect_nothing();
	packet.payload_more = -1;
	say_this(&packet);
	expect(VSOCKHDR_HDR_LEN_MISMATCH, 3, CLIENT, "len 10, payload 11");
	expect(VSOCKHDR_HDR_LEN_MISMATCH, 4, CLIENT, "len 10, payload 9");

	packet = say_packet(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	packet.len = 10;
	say_this(&packet);
	expect(VSOCKHDR_HDR_LEN_ON_CONTROL, 5, CLIENT, "len 10");
	packet.payload_more = -10;
	say_this(&packet);
	expect(VSOCKHDR_HDR_LEN_MISMATCH, 6, CLIENT, "len 10, payload 0");
	expect(VSOCKHDR_HDR_LEN_ON_CONTROL, 6, CLIENT, "len 10");

	say_rw(CLIENT, 65536);
	say_rw(CLIENT, 65537);
	expect(VSOCKHDR_HDR_OVERSIZE, 8, CLIENT, "len 65537");
}

static void say_piece(int from, uint32_t len, int payload_more)
{
	struct packet packet = say_packet(from, VSOCKHDR_OP_RW);

	packet.len = len;
	packet.payload_more = payload_more;
	say_this(&packet);
}

/* vhost cuts a packet; vsockmon shows with each piece all that is left of it. */
static void test_pieces(void **state)
{
	(void)state;
	set_up();
	say_piece(SERVER, 4, 6);
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	say_piece(SERVER, 4, 2);
	say_piece(SERVER, 2, 0);
	say_piece(SERVER, 4, 6);
	say_piece(SERVER, 6, 0);
	/* Another packet than the rest */
	say_piece(SERVER, 4, 6);
	say_piece(SERVER, 5, 0);
	expect(VSOCKHDR_HDR_LEN_MISMATCH, 9, SERVER, "len 4, payload 10");
	say_piece(CLIENT, 4, 6);
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	expect(VSOCKHDR_HDR_LEN_MISMATCH, 11, CLIENT, "len 4, payload 10");
	/* The rest may be what the capture lost, or come after its end. */
	say_piece(CLIENT, 4, 6);
	story.lost++;
	say(CLIENT, VSOCKHDR_OP_CREDIT_UPDATE);
	say_piece(CLIENT, 4, 6);
	capture_ends();
	expect_nothing();
}

/* The same on a connection that is over, which is kept in another way until then. */
static void test_pieces_over(void **state)
{
	(void)state;
	set_up();
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_CLOSE_RESET, 3, SERVER,
	       "unconsumed_client 0, unconsumed_server 0");
	say_piece(SERVER, 4, 6);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 4, SERVER, "");
	say_piece(SERVER, 6, 0);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 5, SERVER, "");
	say_piece(SERVER, 4, 6);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 6, SERVER, "");
	say_piece(SERVER, 5, 0);
	expect(VSOCKHDR_CLOSE_AFTER_RST, 7, SERVER, "");
	expect(VSOCKHDR_HDR_LEN_MISMATCH, 6, SERVER, "len 4, payload 10");
	capture_ends();
	assert_int_equal(story.watch.flow[0].end[SERVER].packets, 6);
	assert_int_equal(story.watch.flow[0].end[CLIENT].packets, 1);
}

/* A packet whose header the snap length cut is as good as lost. */
static void test_cut_header(void **state)
{
	struct packet packet = say_packet(CLIENT, VSOCKHDR_OP_RW);

	(void)state;
	set_up();
	packet.err = VSOCKHDR_ERR_HDR_SNAPPED;
	packet.no_hdr = true;
	say_this(&packet);
	say_credit(SERVER, 262144, 10);
	expect_note(VSOCKHDR_CREDIT_FWD_CNT_AHEAD, 4, SERVER, "fwd_cnt 10, sent 0", true);
}

static void begin_messages(void)
{
	story.type = VSOCKHDR_TYPE_SEQPACKET;
	story.buf_alloc[SERVER] = 1000;
	set_up();
}

static void test_eor(void **state)
{
	(void)state;
	begin_messages();
	say_flags(CLIENT, VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM | VSOCKHDR_SEQ_EOR, 10);
	say_flags(CLIENT, VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM, 10);
	say_flags(CLIENT, VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOR, 10);
	expect(VSOCKHDR_SEQ_EOR_WITHOUT_EOM, 5, CLIENT, "");
}

static void test_flags_on_stream(void **state)
{
	(void)state;
	set_up();
	for (uint32_t flags = 0; flags < 4; flags++)
		say_flags(CLIENT, VSOCKHDR_OP_RW, flags, 10);
	expect(VSOCKHDR_SEQ_FLAGS_ON_STREAM, 4, CLIENT, "flags 1");
	expect(VSOCKHDR_SEQ_FLAGS_ON_STREAM, 5, CLIENT, "flags 2");
	expect(VSOCKHDR_SEQ_FLAGS_ON_STREAM, 6, CLIENT, "flags 3");
}

static void test_message_too_big(void **state)
{
	(void)state;
	begin_messages();
	say_rw(CLIENT, 1000);
	say_credit(SERVER, 500, 1000);
	say_rw(CLIENT, 1);
	expect(VSOCKHDR_SEQ_MESSAGE_TOO_BIG, 5, CLIENT, "message 1001, buf_alloc 1000");
	say_flags(CLIENT, VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM, 1);
	say_credit(SERVER, 2000, 1002);
	/* The next message: as large as the buffer has ever been, then larger */
	say_flags(CLIENT, VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM, 2000);
	say_credit(SERVER, 2000, 3002);
	say_rw(CLIENT, 1500);
	say_credit(SERVER, 2000, 4502);
	say_rw(CLIENT, 501);
	expect(VSOCKHDR_SEQ_MESSAGE_TOO_BIG, 12, CLIENT, "message 2001, buf_alloc 2000");
}

static void test_eom_missing(void **state)
{
	(void)state;
	begin_messages();
	say_rw(CLIENT, 10);
	say_rw(CLIENT, 20);
	say_flags(SERVER, VSOCKHDR_OP_RW, VSOCKHDR_SEQ_EOM, 5);
	say_flags(CLIENT, VSOCKHDR_OP_SHUTDOWN, BOTH, 0);
	say(SERVER, VSOCKHDR_OP_RST);
	expect(VSOCKHDR_SEQ_EOM_MISSING, 4, CLIENT, "bytes 30");
	expect_end(VSOCKHDR_CLOSE_CLEAN, CLIENT);
}

/* The capture ended inside the message: the connection did not. */
static void test_eom_not_yet(void **state)
{
	(void)state;
	begin_messages();
	say_rw(CLIENT, 10);
	capture_ends();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_truncated),
		STORY(test_snapped),
		STORY(test_truncated_after_header),
		STORY(test_mon_mismatch),
		STORY(test_mon_addresses),
		STORY(test_bad_op),
		STORY(test_bad_type),
		STORY(test_cids),
		STORY(test_cids_of_rst),
		STORY(test_empty),
		STORY(test_unknown_flags),
		STORY(test_lengths),
		STORY(test_pieces),
		STORY(test_pieces_over),
		STORY(test_cut_header),
		STORY(test_eor),
		STORY(test_flags_on_stream),
		STORY(test_message_too_big),
		STORY(test_eom_missing),
		STORY(test_eom_not_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
