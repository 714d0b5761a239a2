# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# machines: 4
# Two connections at a time, for which somebody has to wait. In the first (1234) the
# guest ends its direction, and would answer the host's reply. In the second (1236) it
# closes while the device has not yet passed on all that it sent: the host's reader is
# slower than the guest is patient.
#
# expect: patience close.half_open - 1 1
# expect: patience close.no_rst 2 1 1

patience() {
    on_host start replier uds-listen "vm${CID}_1234" receive 400 drain push 600
    on_host start slow uds-listen "vm${CID}_1236" sleep 12000 drain
    here half vsock-connect 2 1234 send 400 shut sleep 10500
    udsload vsock-connect 2 1236 send 262144
    reap half
    on_host wait replier
    on_host wait slow
}

record patience -s 128 -- patience
