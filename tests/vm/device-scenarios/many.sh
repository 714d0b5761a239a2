# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Many connections at once.

many() {
    on_host start server -n 40 uds-listen vm3_1234 receive 100 send 100 drain
    udsload -n 40 vsock-connect 2 1234 send 100 receive 100
    on_host wait server
    here server -n 40 vsock-listen 1235 receive 100 send 100 drain
    on_host run -n 40 uds-connect vm3 1235 send 100 receive 100
    reap server
}

record many -- many
