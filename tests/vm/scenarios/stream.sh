# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A stream connection: set-up, data both ways, a clean end.

record stream -- vsockload echo 5 100 1500
expect_lines stream.pcap '1:1024 > 1:1234: stream REQUEST, buf_alloc 262144, fwd_cnt 0, length 0' 1 1
expect_lines stream.pcap '1:1234 > 1:1024: stream RESPONSE, buf_alloc 262144, fwd_cnt 0, length 0' 1 1
expect_lines stream.pcap '1:1024 > 1:1234: stream RW, .*length (5|100|1500)\b' 3 3
expect_lines stream.pcap '1:1234 > 1:1024: stream RW, .*length (5|100|1500)\b' 3 3
expect_lines stream.pcap '1:1024 > 1:1234: stream SHUTDOWN, flags \[RECEIVE,SEND\]' 1 1
expect_lines stream.pcap 'stream RST' 1
