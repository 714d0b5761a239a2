# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The host's program asks for a connection and is gone before the guest answers. The
# device ends by that, so this is the last scenario of its machine.
#
# expect: vanish conn.unanswered 2 1 2

vanish() {
    here server vsock-listen 1235 drain
    on_host leave vm3 1235
    on_host start after -n 2 uds-listen vm3_1234 drain
    for _ in 1 2; do
        expect_status 3 udsload vsock-connect 2 1234
    done
    reap server
}

record vanish -- vanish
