# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# vsockdump as a person uses it: it prints while it captures, gives statistics
# on SIGUSR1 and at the end, stops after -c packets, and prints JSON live.

wait_quiet
start print vsockdump -l -n -t -i vsockmon0
vsockload -l 1024 echo 10 20
wait_for 60 lines_in 1 print.out '1:1234 > 1:1024: stream RST' || fail "nothing printed yet"
expect_text print.out '1:1024 > 1:1234: stream REQUEST, buf_alloc 262144, fwd_cnt 0, length 0' 1 1
expect_text print.out '1:1234 > 1:1024: stream RW, .*length (10|20)\b' 2 2
expect_text print.err 'packets? (captured|received by filter|dropped by kernel)' 0 0

signal print USR1
wait_for 60 lines_in 1 print.err 'packets dropped by kernel' || fail "no statistics on SIGUSR1"
[ "$(statistic print.err captured)" -ge 8 ] || fail "SIGUSR1 counts too few packets"
vsockload -l 1025 echo 30
wait_for 60 lines_in 1 print.out '1:1025 > 1:1234: stream SHUTDOWN' || fail "SIGUSR1 ended the capture"
settle
stop print
expect_no_loss print.err
[ "$(statistic print.err captured)" -eq "$(wc -l <print.out)" ] || fail "not a line for each packet"

start count vsockdump -n -t -i vsockmon0 -c 3
vsockload -l 1026 echo 10
wait_for 60 lines_in 1 count.err 'packets dropped by kernel' || fail "-c 3 did not stop"
finish count
expect_text count.out . 3 3
expect_text count.out '1:1026 > 1:1234: stream REQUEST' 1 1

wait_quiet
start json vsockdump -l --json -i vsockmon0
vsockload -l 1027 -t seqpacket echo 10
wait_for 60 lines_in 1 json.out '"op": *"SHUTDOWN"' || fail "no JSON yet"
stop json TERM
expect_text json.out '^\{.*"src": *"1:1027".*"op": *"REQUEST".*\}$' 1 1
expect_text json.out '^\{.*"op": *"RW".*"type": *"seqpacket".*"flags": *\["EOM"\].*\}$' 2 2
