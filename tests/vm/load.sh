# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# vsockdump beside tcpdump under load: what each takes, loses and costs. A scenario of
# tests/vm/run that tests/vm/load runs; a row a capture goes into the file rows.
# time-limit: 3000

small() { vsockload -l 2000 -n 8 -j 4 -m 300 send 64; }
large() { vsockload -l 3000 -n 2 -j 2 -m 100 send 65536; }
many() { vsockload -l 4000 -n 200 -j 20 echo 40; }

# The processor's time that a process has used, in nanoseconds
run_time() {
    cut -d ' ' -f 1 "/proc/$1/schedstat"
}

# What it prints goes nowhere, as fast as that is.
to_null() {
    exec "$@" >/dev/null
}

# measure LOAD WHAT RING TOOL ARGUMENT...: a row LOAD WHAT RING TOOL RECEIVED DROPPED
# NANOSECONDS. The time is that from the beginning of the load to its last packet.
measure() {
    load=$1
    row="$1 $2 $3 $4"
    ring=$3
    tool=$4
    shift 4
    wait_quiet
    start tool to_null "$tool" -i vsockmon0 -B "$ring" "$@"
    usleep 300000
    before=$(run_time "$(cat tool.pid)")
    "$load"
    wait_quiet
    # A block that is not full comes to tcpdump when it is a second old.
    sleep 2
    after=$(run_time "$(cat tool.pid)")
    stop tool
    echo "$row $(statistic tool.err 'received by filter') \
$(statistic tool.err 'dropped by kernel') $((after - before))" | tee -a rows
    rm -f /tmp/load.pcap
}

for load in small large many; do
    for ring in 512 2048 16384; do
        measure "$load" write "$ring" vsockdump -w /tmp/load.pcap
        measure "$load" write "$ring" tcpdump -Z root -w /tmp/load.pcap
    done
    # The kernel drops what does not match: link[62] is the op.
    measure "$load" filter 2048 vsockdump -w /tmp/load.pcap 'op request'
    measure "$load" filter 2048 tcpdump -Z root -w /tmp/load.pcap 'link[62] = 1 and link[63] = 0'
    measure "$load" print 2048 vsockdump -n
    measure "$load" print 2048 tcpdump -Z root -n
done
