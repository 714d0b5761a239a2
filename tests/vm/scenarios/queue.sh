# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A listener that does not take everybody: its queue is full, or it is of the other type.
# And a close that lingers.

queue() {
    vsockload -l 1024 -n 4 full
    vsockload -l 1030 other-type
    vsockload -l 1031 -t seqpacket other-type
    vsockload -l 1032 -w 500 linger 100000
}

record queue -s 76 -- queue
expect_lines queue.pcap ' REQUEST' 7 7
expect_lines queue.pcap '1:1234 > 1:102[67]: stream RST, buf_alloc 0, fwd_cnt 0, length 0' 2 2
expect_lines queue.pcap '1:1234 > 1:1030: seqpacket RST, buf_alloc 0, fwd_cnt 0, length 0' 1 1
expect_lines queue.pcap '1:1234 > 1:1031: stream RST, buf_alloc 0, fwd_cnt 0, length 0' 1 1
# The SHUTDOWN does not wait for the reader; the connection lasts until it has read.
expect_lines queue.pcap '1:1234 > 1:1032: stream CREDIT_UPDATE, .*fwd_cnt 100000\b' 1 1
awk '/1:1032 > 1:1234: stream SHUTDOWN/ { seen = 1 }
     /1:1234 > 1:1032: stream CREDIT_UPDATE/ { exit !seen }' queue.pcap.txt ||
    fail "the SHUTDOWN came after the reader"
