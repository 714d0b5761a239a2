# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Many connections: one after another, then many at a time.

connections() {
    vsockload -l 2000 -n 30 echo 40
    vsockload -l 3000 -n 50 -j 50 echo 40 80
    vsockload -t seqpacket -l 4000 -n 20 -j 20 echo 40
}

record many -- connections
expect_lines many.pcap ' REQUEST' 100 100
expect_lines many.pcap ' RESPONSE' 100 100
expect_lines many.pcap ' RW' 300 300
