# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Bad ends: data nobody reads, a listener that goes with a connection waiting,
# a process killed in mid-transfer.

bad_ends() {
    vsockload -l 1024 unread 1000
    vsockload -l 1025 backlog 1000
    vsockload -l 1026 -w 300 kill 1048576
    vsockload -l 1027 -t seqpacket unread 1000
}

record abort -s 128 -- bad_ends
expect_lines abort.pcap '1:1234 > 1:1024: stream (SHUTDOWN|RST)' 1
expect_lines abort.pcap '1:1234 > 1:1025: stream (SHUTDOWN|RST)' 1
expect_lines abort.pcap '1:1026 > 1:1234: stream SHUTDOWN, flags \[RECEIVE,SEND\]' 1
expect_lines abort.pcap '1:1234 > 1:1027: seqpacket (SHUTDOWN|RST)' 1
