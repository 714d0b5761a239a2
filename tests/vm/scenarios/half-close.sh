# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The client ends its direction; the server's data still comes the other way.

record half-close -- vsockload -w 300 half-close 400 600
expect_lines half-close.pcap '1:1024 > 1:1234: stream SHUTDOWN, flags \[SEND\]' 1 1
expect_lines half-close.pcap '1:1234 > 1:1024: stream RW, .*length 600\b' 1 1
expect_lines half-close.pcap '1:1234 > 1:1024: stream SHUTDOWN, flags \[RECEIVE,SEND\]' 1 1
awk '/1:1024 > 1:1234: stream SHUTDOWN, flags \[SEND\]/ { seen = 1 }
     /1:1234 > 1:1024: stream RW/ { exit !seen }' half-close.pcap.txt ||
    fail "the reply did not come after the half-close"
