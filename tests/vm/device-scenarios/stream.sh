# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Connections that are accepted, from the guest and from the host; both ends agree on
# what is sent, and the client closes.

accepted() {
    on_host start server uds-listen vm3_1234 receive 5 send 5 receive 1500 send 1500 eof
    udsload vsock-connect 2 1234 send 5 receive 5 send 1500 receive 1500
    on_host wait server
    here server vsock-listen 1235 receive 5 send 5 receive 1500 send 1500 eof
    on_host run uds-connect vm3 1235 send 5 receive 5 send 1500 receive 1500
    reap server
}

record stream -- accepted
