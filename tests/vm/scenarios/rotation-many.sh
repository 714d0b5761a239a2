# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Thousands of switches from file to file under load, as many as a day of a file a
# minute has and more: together the files are the whole traffic.

wait_quiet
mkdir parts
vsockload stamp >stamp.out &
stamp=$!
wait_for 60 grep -q on stamp.out || fail "no time stamps"
start whole vsockdump -w whole.pcap
start parts vsockdump -w parts/ -C 1k -W 1000000
vsockload -l 2000 -n 8 -j 4 -m 1500 send 64
settle
stop whole
stop parts
kill "$stamp"
expect_no_loss whole.err
expect_no_loss parts.err

count=$(find parts -type f | wc -l)
echo "$count files of $(wc -c <whole.pcap) bytes"
[ "$count" -gt 1440 ] || fail "only $count files"
# In the order of their numbers, without their headers
head -c 24 whole.pcap >together.pcap
find parts -type f | sort | xargs -n 500 tail -q -c +25 >>together.pcap
cmp whole.pcap together.pcap || fail "the files are not the whole"
rm -r parts whole.pcap together.pcap
