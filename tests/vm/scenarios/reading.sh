# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# When a receiver tells of the room that it has made: data read in pieces small and large,
# SO_RCVLOWAT set in the midst of it, a buffer four times the sender's, a smaller one, small
# packets read one by one.

reading() {
    vsockload -l 1024 -w 300 pieces 100000 1000
    vsockload -l 1025 -w 300 pieces 262144 10000
    vsockload -l 1026 -w 300 pieces 200000 5000 60000
    vsockload -l 1027 -w 300 -b 1048576 send 524288
    vsockload -l 1028 -w 300 -b 131072 pieces 131072 10000
    vsockload -l 1030 -w 300 -b 4096 -m 20 send 50
    vsockload -l 1029 -t seqpacket -w 300 -m 10 send 10000
}

record reading -s 76 -- reading
# A sender goes no further than its own buffer is large, whatever the receiver has.
expect_lines reading.pcap '1:1234 > 1:1027: stream RESPONSE, buf_alloc 1048576' 1 1
expect_lines reading.pcap '1:1027 > 1:1234: stream RW, .*length 65536\b' 8 8
awk '/1:1027 > 1:1234: stream RW/ { sub(/.*free /, ""); if ($0 + 0 < 1048576 - 262144) exit 1 }' \
    reading.pcap.txt || fail "more in flight than the sender's own buffer"
# A packet that is read in a hundred pieces brings one update, and none for a part of it.
expect_lines reading.pcap '1:1234 > 1:1024: stream CREDIT_UPDATE' 1 1
expect_lines reading.pcap '1:1234 > 1:1030: stream CREDIT_UPDATE' 1 19
expect_lines reading.pcap '1:1234 > 1:1030: stream CREDIT_UPDATE, .*fwd_cnt 1000\b' 1 1
expect_lines reading.pcap '1:1234 > 1:1029: seqpacket CREDIT_UPDATE' 10 10
