# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Large transfers each way, and both ways at a time.

large() {
    on_host start sink uds-listen vm3_1234 receive 4000000 eof
    udsload vsock-connect 2 1234 send 4000000
    on_host wait sink
    here sink vsock-listen 1235 receive 4000000 eof
    on_host run uds-connect vm3 1235 send 4000000
    reap sink
}

record large -s 128 -- large
