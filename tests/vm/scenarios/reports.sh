# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Reports on live traffic: findings as they become known, connections while they
# last and at the end, and nothing that the kernel does is called a violation.

start findings vsockdump -i vsockmon0 --findings -n --limit stall=0.2
start flows vsockdump -i vsockmon0 --flows -n --report-interval 1
start judge vsockdump -i vsockmon0 --fail-on violation -w judged.pcap
vsockload -l 1024 -w 1500 send 1048576
vsockload -l 2024 refuse
# Known before anybody stops it
wait_for 60 lines_in 1 findings.out 'warning credit.stall 1:1234: ' || fail "no credit.stall"
wait_for 60 lines_in 1 flows.out '^0 1:1024 > 1:1234 stream accepted in .*, closed clean by 1:1024' ||
    fail "no report of the connection"
wait_quiet
stop findings
stop flows
stop judge
expect_text findings.out 'note conn.refused' 1 1
expect_text findings.out 'violation' 0 0
expect_text flows.out '^1 1:2024 > 1:1234 stream refused' 1
rm judged.pcap

# The verdict is the exit status, and the same from the file.
start warned vsockdump -i vsockmon0 --fail-on warning --limit stall=0.2 -w warned.pcap
vsockload -l 1024 -w 1500 send 1048576
wait_quiet
signal warned INT
expect_status 1 wait "$(cat warned.pid)"
expect_status 1 vsockdump --fail-on warning --findings --limit stall=0.2 -r warned.pcap
rm warned.pcap
