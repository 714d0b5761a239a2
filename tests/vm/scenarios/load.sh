# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# More traffic than a small buffer holds: vsockdump counts as tcpdump does what it took and
# what it lost, and what it took is a whole file, in order. (tests/vm/load measures.)

small() { vsockload -l 2000 -n 8 -j 4 -m 100 send 64; }
large() { vsockload -l 3000 -n 2 -j 2 -m 60 send 65536; }
many() { vsockload -l 4000 -n 100 -j 20 echo 40; }

# expect_whole NAME: all that was received was taken or dropped, and all taken is in the file.
expect_whole() {
    captured=$(statistic "$1.err" captured)
    received=$(statistic "$1.err" 'received by filter')
    dropped=$(statistic "$1.err" 'dropped by kernel')
    echo "$1: captured $captured, received $received, dropped $dropped"
    [ "$((captured + dropped))" -eq "$received" ] || fail "$1: the numbers do not add up"
    expect_text "$1.count" "^$captured packets\$" 1 1
    # In each connection; two processors may stamp packets in another order than they hand
    # them over.
    expect_text "$1.findings" 'credit.fwd_cnt_regress' 0 0
}

for load in small large many; do
    wait_quiet
    start vsockdump vsockdump -B 2048 -w vsockdump.pcap
    start tcpdump tcpdump -i vsockmon0 -Z root -B 2048 -w tcpdump.pcap
    if [ "$load" = large ]; then
        # What comes while they sleep does not fit.
        signal vsockdump STOP
        signal tcpdump STOP
        large
        wait_quiet
        signal vsockdump CONT
        signal tcpdump CONT
    else
        "$load"
    fi
    settle
    wait_for 60 has_taken_all tcpdump || fail "tcpdump does not take what there is"
    for tool in vsockdump tcpdump; do
        stop "$tool"
        mv "$tool.err" "$load-$tool.err"
        vsockdump --count -r "$tool.pcap" >"$load-$tool.count" 2>whole.err || fail "$(cat whole.err)"
        vsockdump --findings -n -r "$tool.pcap" >"$load-$tool.findings" 2>/dev/null
        expect_whole "$load-$tool"
        rm "$tool.pcap" "$load-$tool.findings"
    done
    if [ "$load" = large ]; then
        [ "$(statistic large-vsockdump.err 'dropped by kernel')" -gt 0 ] || fail "nothing was dropped"
    else
        expect_no_loss "$load-vsockdump.err"
    fi
done
