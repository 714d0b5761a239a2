# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Nobody listens: on the host, on the guest; a seqpacket connection, which the device
# does not offer, so that the guest's kernel refuses it itself.
#
# expect: refused conn.unanswered 2 1 1
# expect: refused conn.refused - 2 2

refused() {
    expect_status 3 udsload vsock-connect 2 2000
    expect_status 3 on_host run uds-connect vm3 2001
    expect_status 3 udsload -t seqpacket vsock-connect 2 2002
    # A packet later than the time limit is what proves that there was no answer.
    expect_status 3 on_host run uds-connect vm3 2001
}

record refused -- refused
