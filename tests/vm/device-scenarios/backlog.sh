# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A listener that never accepts: on the guest, on the host. When the host's goes, a
# connection that the device still waits for may come about, too late for the guest.
#
# expect: guest-backlog conn.refused - 1 3
# expect: host-backlog conn.unanswered 2 1 3
# expect: host-backlog close.reset 2 0 3

guest_pauses() {
    here idle vsock-pause 1235
    for name in one two three four; do
        on_host start $name uds-connect vm3 1235 push 100 sleep 1500
    done
    sleep 1
    kill "$(cat idle.pid)"
    for name in one two three four; do
        on_host wait $name || true
    done
}

host_pauses() {
    on_host start other uds-listen vm3_1236 receive 100 drain
    here other vsock-connect 2 1236 push 100 sleep 1500 push 100
    said other 'sent 100'
    on_host start idle uds-pause vm3_1234
    for name in one two three four; do
        here $name vsock-connect 2 1234 push 100 sleep 2500
    done
    # The listener goes when nobody waits for it any more.
    for name in one two three four; do
        wait "$(cat $name.pid)" || true
    done
    on_host kill idle
    reap other
    on_host wait other
}

record guest-backlog -- guest_pauses
record host-backlog -- host_pauses
