# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# What goes wrong around a live capture gives a clear message and the right exit status,
# and what was captured before it is kept. (unplug.sh: the interface, temporary.sh: the
# interface that vsockdump made.)

# Whether a file ends with a whole packet, and has at least N of them
is_whole() {
    vsockdump --count -r "$1" >whole.out 2>whole.err || {
        cat whole.err
        fail "$1 is damaged"
    }
    [ "$(sed 's/ packets*$//' whole.out)" -ge "$2" ] || fail "$1 has only $(cat whole.out)"
}

# Whether a file has more than N bytes; for wait_for
is_longer() {
    [ "$(wc -c <"$2")" -gt "$1" ]
}

echo "the disk is full"
mkdir full
mount -t tmpfs -o size=64k none full
wait_quiet
start full vsockdump -U -w full/a.pcap
vsockload -l 1100 -n 4 -j 1 -m 20 send 4096
expect_status 1 wait "$(cat full.pid)"
expect_text full.err 'full/a.pcap: cannot write: No space left on device' 1 1
cp full/a.pcap full.pcap
umount full
is_whole full.pcap 5

echo "the reader of standard output goes away"
wait_quiet
{
    vsockdump -l -n -t 2>pipe.err || echo $? >pipe.status
} | {
    head -n 2 >pipe.out
    exec </dev/null
    : >pipe.left
} &
wait_for 60 grep -q 'listening on' pipe.err || fail "does not capture"
vsockload -l 1200 -n 4 echo 10
wait_for 60 test -e pipe.left || fail "head does not end"
vsockload -l 1210 echo 10
wait_for 60 test -s pipe.status || fail "vsockdump goes on"
expect_text pipe.out ' REQUEST| RESPONSE' 2 2
[ "$(cat pipe.status)" = 1 ] || fail "exit status $(cat pipe.status)"
expect_text pipe.err 'cannot write to standard output: Broken pipe' 1 1
expect_text pipe.err 'packets dropped by kernel' 1 1

echo "SIGKILL in the middle of writing"
wait_quiet
start kill vsockdump -U -w kill.pcap
vsockload -l 1300 -n 2 -j 2 -m 2000 send 1000 &
load=$!
wait_for 60 is_longer 20000 kill.pcap || fail "nothing is written"
signal kill KILL
wait "$(cat kill.pid)" || true
wait "$load"
is_whole kill.pcap 10
rm kill.pcap

echo "SIGHUP ends a capture in order"
wait_quiet
start hup vsockdump -w hup.pcap
vsockload -l 1400 echo 10
settle
stop hup HUP
expect_no_loss hup.err
is_whole hup.pcap 8

echo "a filter that is larger than the kernel takes"
ports=$(seq 1 2 12001 | tr '\n' ',')
wait_quiet
start large vsockdump -l -n -t "port {${ports%,}, 1234} and op request and not len > 77"
expect_text large.err "instructions, and the kernel takes 4096: vsockdump filters by itself" 1 1
vsockload -l 1500 echo 10
wait_for 60 lines_in 1 large.out '1:1500 > 1:1234: stream REQUEST' || fail "the filter passes nothing"
stop large
expect_text large.out . 1 1

echo "a ring buffer that cannot be had"
expect_status 1 sh -c 'ulimit -v 50000; exec vsockdump -B 65536' 2>ring.err
expect_text ring.err 'vsockmon0: .*(mmap|ring|memory)' 1 1
