# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Connections to a port where nobody listens.

refused() {
    vsockload refuse
    vsockload -t seqpacket -l 1025 refuse
}

record refused -- refused
expect_lines refused.pcap '1:1024 > 1:1234: stream REQUEST' 1 1
expect_lines refused.pcap '1:1234 > 1:1024: stream RST, buf_alloc 0, fwd_cnt 0, length 0' 1 1
expect_lines refused.pcap '1:1025 > 1:1234: seqpacket REQUEST' 1 1
expect_lines refused.pcap '1:1234 > 1:1025: seqpacket RST, buf_alloc 0, fwd_cnt 0, length 0' 1 1
expect_lines refused.pcap '(RESPONSE|RW)' 0 0
