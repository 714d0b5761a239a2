# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A filter runs in the kernel, also on an interface that vsockdump makes for itself, and
# nothing is left behind.

no_device() {
    [ -z "$(ip -o link show type vsockmon)" ]
}

wait_quiet
ip link del vsockmon0
no_device || fail "there is a vsockmon device"

# What the kernel hands over is what matches: "received by filter" counts that.
for signal in INT TERM; do
    start "request-$signal" vsockdump -n -t -l 'src cid 1 and op request'
    no_device && fail "no device was made"
    vsockload -l 1600 -n 5 -j 5 -m 50 send 1000
    vsockload -l 1700 refuse
    wait_quiet
    stop "request-$signal" "$signal"
    expect_no_loss "request-$signal.err"
    expect_text "request-$signal.err" '^6 packets captured' 1 1
    expect_text "request-$signal.err" '^6 packets received by filter' 1 1
    expect_text "request-$signal.out" 'stream REQUEST, buf_alloc 262144, fwd_cnt 0, length 0$' 6 6
    expect_text "request-$signal.out" . 6 6
    wait_for 60 no_device || fail "the device is still there after SIG$signal"
done
start killed vsockdump -n -t -l 'src cid 1 and op request'
signal killed KILL
wait_for 60 no_device || fail "the device is still there after SIGKILL"

ip link add type vsockmon
ip link set vsockmon0 up

# The same capture, filtered in the kernel and from a file: the same packets. Time stamps
# are equal while somebody has SO_TIMESTAMP set.
vsockload stamp >stamp.out &
stamp=$!
wait_for 60 grep -q on stamp.out || fail "no time stamps"
start all vsockdump -w all.pcap
cat >expressions <<'EXPRESSIONS'
op rw and len > 500
port 1802 or 1803
not (type stream or op credit_update) and dst port 1234
src port 1800-1801 and flags send,receive
len + 76 == wirelen and buf_alloc - fwd_cnt > 261000
link[62] == 3 or link[60:2] & 0x0200 != 0
EXPRESSIONS
n=0
while read -r expression; do
    n=$((n + 1))
    start "kernel-$n" vsockdump -w "kernel-$n.pcap" "$expression"
done <expressions
vsockload -l 1800 -n 4 -j 2 send 100 1000
vsockload -l 1804 -t seqpacket send 100 1000
vsockload -l 1805 refuse
settle
n=0
while read -r expression; do
    n=$((n + 1))
    stop "kernel-$n"
    expect_no_loss "kernel-$n.err"
done <expressions
stop all
kill "$stamp"
n=0
while read -r expression; do
    n=$((n + 1))
    vsockdump -r all.pcap -w "file-$n.pcap" "$expression" 2>/dev/null
    cmp "kernel-$n.pcap" "file-$n.pcap" || fail "the kernel and the file differ: $expression"
    [ "$(vsockdump --count -r "file-$n.pcap" 2>/dev/null)" != '0 packets' ] || fail "matches nothing: $expression"
    vsockdump --count -r "file-$n.pcap" 2>/dev/null
done <expressions

# A filter that splits connections makes no false alarm, one that does not judges fully.
wait_quiet
start split vsockdump --findings 'op request' --fail-on warning --limit connect=0.5
start whole vsockdump --findings 'port 1234' --fail-on violation
vsockload -l 1900 -n 3 echo 10
wait_quiet
# A REQUEST later than the limit
sleep 1
settle
stop split
expect_text split.err 'the filter passes only some packets of a connection' 1 1
stop whole
[ ! -s whole.out ] || fail "a finding in ordinary traffic: $(cat whole.out)"

# Processes are named, and in JSON, too (vsockload is both ends). Before the connection's
# last payload there are ten seconds to look.
start e vsockdump -n -e -l
start json vsockdump -e --json -l
vsockload -p 4321 -l 2222 -w 10000 half-close 10 20
settle
stop e
stop json
expect_text e.out 'vsockmon op payload, .* \[vsockload/[0-9]+.* > vsockload/[0-9]+' 1
expect_text json.out '"op":"RW".*"src_process":"vsockload/[0-9]+' 1
