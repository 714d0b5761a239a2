# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# vsockdump captures what tcpdump captures beside it under the same load, to
# the byte, and loses nothing.

load() {
    vsockload -l 2000 -n 8 -j 4 -m 200 send 64
    vsockload -l 3000 -n 2 -j 2 -m 20 send 65536
    vsockload -l 4000 -t seqpacket -n 4 -j 4 -m 25 send 64 1000 70000
}

# The kernel stamps a packet once for all who capture. Without that, each
# capturing socket reads the clock for itself, and the files differ in it.
vsockload stamp >stamp.out &
stamp=$!
wait_for 60 grep -q on stamp.out || fail "no time stamps"

wait_quiet
start tcpdump tcpdump -i vsockmon0 -n -Z root -B 65536 -w b.pcap
start vsockdump vsockdump -i vsockmon0 -n -w a.pcap
load
settle
# vsockdump takes in what came before the signal; tcpdump must be left the time.
stop vsockdump
wait_for 60 has_taken_all tcpdump || fail "tcpdump does not take what there is"
stop tcpdump
kill "$stamp"
expect_no_loss tcpdump.err
expect_no_loss vsockdump.err
expect_lines b.pcap ' RW' 1600
cmp a.pcap b.pcap || fail "vsockdump's file is not tcpdump's"
# Together several MB that nobody needs on the host.
rm a.pcap b.pcap b.pcap.txt
