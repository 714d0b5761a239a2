# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A sender that uses up its credit: first the default buffer, which the
# receiver leaves unread for a second and a half, then a small one.

transfers() {
    vsockload -l 1024 -w 1500 send 1048576
    vsockload -l 1025 -w 200 -b 8192 send 100000
    vsockload -t seqpacket -l 1026 -w 200 -b 8192 -m 5 send 8192
}

record credit -s 128 -- transfers
expect_lines credit.pcap '1:1024 > 1:1234: stream RW, .*length 65536\b' 4
expect_lines credit.pcap '1:1234 > 1:1024: stream CREDIT_UPDATE, buf_alloc 262144, fwd_cnt [1-9]' 1
expect_lines credit.pcap '1:1234 > 1:1025: stream CREDIT_UPDATE, buf_alloc 8192, fwd_cnt [1-9]' 5
expect_lines credit.pcap '1:1234 > 1:1026: seqpacket CREDIT_UPDATE, buf_alloc 8192, fwd_cnt [1-9]' 4
