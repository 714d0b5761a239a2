# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The host ends its direction and waits for the reply, which the guest cannot send: the
# device has closed both.

half_close() {
    here server vsock-listen 1235 receive 400 sleep 300 push 600 push 600
    on_host run uds-connect vm3 1235 send 400 shut drain
    reap server
}

record half-close -- half_close
