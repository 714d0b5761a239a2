# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Records cut by the snap length: in the payload, and inside the headers (76
# bytes), which a reader must survive and name.

record snaplen -s 100 -- vsockload -l 1024 echo 10 500
expect_lines snaplen.pcap '1:1024 > 1:1234: stream RW, .*length 10\b' 1 1
expect_lines snaplen.pcap '1:1024 > 1:1234: stream RW, .*length 500\b' 1 1

record snaplen-header -s 60 -- vsockload -l 1025 echo 10 500
# Four packets of data, and a set-up and an end of two or more packets: each
# has its line, and none of them claims to know what was cut off.
expect_lines snaplen-header.pcap '^' 8
expect_lines snaplen-header.pcap 'length (10|500)\b' 0 0
