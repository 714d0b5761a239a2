# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Who speaks at once: a server on the host, right after it has accepted; a client on the
# guest, which fills the host's buffer and closes.
#
# expect: client-leaves hdr.bad_op 2 1 20

server_speaks() {
    for port in 1240 1241 1242 1243; do
        on_host start server uds-listen "vm3_$port" push 100 drain
        udsload vsock-connect 2 "$port" receive 100
        on_host wait server
    done
}

client_leaves() {
    on_host start sink -n 20 uds-listen vm3_1236 drain
    udsload -n 20 vsock-connect 2 1236 send 65536
    on_host wait sink
}

record server-speaks -- server_speaks
record client-leaves -s 128 -- client_leaves
