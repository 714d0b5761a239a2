# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Seqpacket connections: messages in one packet, a message in several packets,
# and messages that end a record.

messages() {
    vsockload -t seqpacket -l 1024 echo 5 3000
    vsockload -t seqpacket -l 1025 send 140000
    vsockload -t seqpacket -l 1026 -e echo 7 200
}

record seqpacket -s 256 -- messages
expect_lines seqpacket.pcap 'seqpacket REQUEST' 3 3
expect_lines seqpacket.pcap '1:1024 > 1:1234: seqpacket RW, flags \[EOM\], .*length (5|3000)\b' 2 2
expect_lines seqpacket.pcap '1:1025 > 1:1234: seqpacket RW, buf_alloc .*length 65536\b' 2 2
expect_lines seqpacket.pcap '1:1025 > 1:1234: seqpacket RW, flags \[EOM\], .*length 8928\b' 1 1
expect_lines seqpacket.pcap '1:1026 > 1:1234: seqpacket RW, flags \[EOM,EOR\]' 2 2
expect_lines seqpacket.pcap '1:1234 > 1:1026: seqpacket RW, flags \[EOM,EOR\]' 2 2
