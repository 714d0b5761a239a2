# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A capture that goes on from file to file, hundreds of times under load, by size and by
# time, loses and doubles nothing: together its files are what another vsockdump wrote
# into one.

load() {
    vsockload -l 2000 -n 8 -j 4 -m 200 send 64
    vsockload -l 3000 -n 2 -j 2 -m 5 send 65536
    vsockload -l 4000 -t seqpacket -n 4 -j 4 -m 5 send 64 1000 70000
}

# together WHOLE FILE...: the files' packets, in this order, are those of the whole
together() {
    together_whole=$1
    shift
    head -c 24 "$together_whole" >together.pcap
    for file; do
        tail -c +25 "$file"
    done >>together.pcap
    cmp "$together_whole" together.pcap || fail "$# files are not $together_whole"
    rm together.pcap
}

# has_lines FILE N: whether there are so many lines, each another
has_lines() {
    [ "$(wc -l <"$1")" -eq "$2" ] && [ "$(sort -u "$1" | wc -l)" -eq "$2" ]
}

mkdir size time
# A file that the command gets is complete.
cat >complete.sh <<'SCRIPT'
#!/bin/sh
vsockdump --count -r "$1" >/dev/null 2>>command.err || echo "torn: $1" >>command.err
echo "$1" >>command.log
SCRIPT
chmod +x complete.sh

# See live.sh.
vsockload stamp >stamp.out &
stamp=$!
wait_for 60 grep -q on stamp.out || fail "no time stamps"

wait_quiet
start whole vsockdump -i vsockmon0 -w whole.pcap
start size vsockdump -i vsockmon0 -w size/ -C 2k -W 100000 -z true
start time vsockdump -i vsockmon0 -w time/%s -G 1 -z ./complete.sh
load
sleep 2
load
settle
stop whole
stop size
# The window of the last packets is over, and the command has run for its file, too.
sleep 2
stop time
kill "$stamp"
for name in whole size time; do
    expect_no_loss "$name.err"
done
expect_lines whole.pcap ' RW' 3200

together whole.pcap size/*
together whole.pcap time/*
set -- size/*
[ $# -gt 300 ] || fail "only $# files"
# Each is a capture of its own.
while [ $# -gt 0 ]; do
    vsockdump --count -r "$1" >count.out 2>&1 || fail "$1: $(cat count.out)"
    shift
    [ $# -lt 20 ] || shift 19
done
set -- time/*
[ $# -ge 2 ] || fail "only $# files in more than two seconds"
wait_for 60 has_lines command.log $# || fail "the command ran for $(cat command.log)"
! grep -q torn command.err || fail "$(cat command.err)"

# -G with -W is how long a capture lasts: it ends although no packet comes.
expect_status 0 vsockdump -i vsockmon0 -w idle.pcap -G 2 -W 1 2>idle.err
expect_text idle.err '^vsockdump: maximum file limit reached: 1$'
[ "$(wc -c <idle.pcap)" -eq 24 ] || fail "a capture of nothing is no empty file"
rm -r size time whole.pcap whole.pcap.txt idle.pcap
