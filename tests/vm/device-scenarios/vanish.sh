# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The host's program asks for a connection and is gone before the guest answers. The
# device ends by that, so this is the last scenario of its machine.
#
# expect: vanish conn.unanswered 2 1 2
# expect: vanish close.reset 2 0 1

vanish() {
    here server vsock-listen 1235 drain
    on_host leave vm3 1235
    on_host start after -n 2 uds-listen vm3_1234 drain
    for _ in 1 2; do
        udsload vsock-connect 2 1234 || echo 'the device answers nobody any more'
    done
    reap server
}

record vanish -- vanish
