# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A reader that is slow: on the host, on the guest.
#
# expect: slow-host credit.stall 2 1 1
# expect: slow-guest credit.stall 3 1 1

slow_host() {
    on_host start slow uds-listen vm3_1234 sleep 2500 receive 2000000 eof
    udsload vsock-connect 2 1234 send 2000000
    on_host wait slow
}

slow_guest() {
    here slow vsock-listen 1235 sleep 2500 receive 2000000 eof
    on_host run uds-connect vm3 1235 send 2000000
    reap slow
}

record slow-host -s 128 -- slow_host
record slow-guest -s 128 -- slow_guest
