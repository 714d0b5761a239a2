# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Wireshark's own tshark captures through vsockdump as an extcap, on a machine that has
# no vsockmon device, and leaves none behind.
# needs: tshark dumpcap
# kernels: bookworm

# Where a package would put it
library=$(find /lib /usr/lib -name 'libwireshark.so.*' 2>/dev/null | head -n 1)
extcap=/usr${library#/usr}
extcap=${extcap%/*}/wireshark/extcap
mkdir -p "$extcap"
ln -s /usr/bin/vsockdump "$extcap/vsockdump"

has_device() {
    ls -d /sys/class/net/vsockmon* >/dev/null 2>&1
}

has_no_device() {
    ! has_device
}

ip link del vsockmon0
has_no_device || fail "a vsockmon device is left before the capture"

# dumpcap begins its file when vsockdump has begun to write into the FIFO.
tshark -i vsockmon -f 'port 1234' -o extcap.vsockmon.filter:'port 1024' \
    -o extcap.vsockmon.snapshotlength:80 -w live.pcapng >tshark.out 2>tshark.err &
tshark=$!
wait_for 60 [ -s live.pcapng ] || {
    cat tshark.err
    fail "tshark does not capture"
}
has_device || fail "no vsockmon device during the capture"

vsockload -l 1024 refuse
vsockload -l 1024 send 1000
# Not 1234
vsockload -l 1024 -p 1235 refuse
# Not 1024
vsockload -l 2000 refuse
wait_quiet

has_last() {
    vsockdump -n -t -r live.pcapng 2>/dev/null | grep -q '1:1024 > 1:1234: stream SHUTDOWN'
}
wait_for 60 has_last || fail "the packets do not come"

# As when the user presses Ctrl-C, or Wireshark's red button
kill -INT "$tshark"
expect_status 0 wait "$tshark"
cat tshark.err

# Wireshark would show any word of vsockdump as an error.
expect_text tshark.err 'Error by extcap' 0 0
expect_text tshark.err 'vsockdump' 0 0
wait_for 60 has_no_device || fail "a vsockmon device is left: $(ls /sys/class/net)"
[ -z "$(find /tmp -name 'wireshark_extcap*')" ] || fail "the FIFO is left"

expect_lines live.pcapng '^1:1024 > 1:1234: .* REQUEST' 2 2
expect_lines live.pcapng '^1:1234 > 1:1024: .* RST' 1
expect_lines live.pcapng '^1:1024 > 1:1234: .* RW.*length 1000' 1
expect_lines live.pcapng '1:1235|1:2000' 0 0
# The snap length of the dialog: 80 bytes of the packet with 1000 bytes of payload
[ "$(wc -c <live.pcapng)" -lt 3000 ] || fail "the snap length was not 80"

# The protocol without tshark, for ends that it does not come to by itself.
# capture NAME: a capture into NAME.fifo, in place of the shell that it is called in
capture() {
    exec vsockdump --capture --extcap-interface vsockmon --fifo "$1.fifo" 2>"$1.err"
}

# Wireshark has been killed: its child ends all the same, although somebody reads on.
mkfifo killed.fifo
cat killed.fifo >killed.pcap &
cat=$!
(
    capture killed &
    exec sleep 600
) &
wireshark=$!
wait_for 60 [ -s killed.pcap ] || fail "does not capture"
kill -KILL "$wireshark"
expect_status 0 wait "$cat"
wait_for 60 has_no_device || fail "a vsockmon device is left by a killed Wireshark"
expect_text killed.err . 0 0

# The reader goes away, and no signal comes: the next packet ends it, as a good end.
mkfifo closed.fifo
head -c 24 closed.fifo >closed.pcap &
reader=$!
capture closed &
vsockdump=$!
wait "$reader"
vsockload refuse
expect_status 0 wait "$vsockdump"
wait_for 60 has_no_device || fail "a vsockmon device is left"
expect_text closed.err . 0 0
rm killed.fifo closed.fifo
