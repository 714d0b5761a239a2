# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The smallest and the largest writes. A write of no bytes makes no packet, on
# a stream or a seqpacket connection. A message beyond the receiver's buffer is
# refused before it reaches the wire.

sizes() {
    vsockload -l 1024 send 0 1 0 65536
    vsockload -l 1025 -t seqpacket send 0 1 0 2
    vsockload -l 1026 -t seqpacket too-big 300000
}

record sizes -- sizes
expect_lines sizes.pcap '1:1024 > 1:1234: stream RW, .*length 1\b' 1 1
expect_lines sizes.pcap '1:1024 > 1:1234: stream RW, .*length 65536\b' 1 1
expect_lines sizes.pcap '1:1024 > 1:1234: stream RW' 2 2
expect_lines sizes.pcap '1:1025 > 1:1234: seqpacket RW, flags \[EOM\]' 2 2
expect_lines sizes.pcap '1:1026 > 1:1234: seqpacket RW' 0 0
