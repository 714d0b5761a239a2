# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# machines: 4
# A process is killed: the guest's while it sends, while it receives; the host's while it
# sends, while it receives. The last of these leaves the guest waiting for good.
#
# expect: killed hdr.bad_op 2 1 1
# expect: killed close.no_rst 2 2 2

guest_sender() {
    on_host start reader uds-listen "vm${CID}_1234" sleep 3000 drain
    here sender vsock-connect 2 1234 push 65536 push 2000000
    said sender 'sent 65536'
    sleep 1
    kill -KILL "$(cat sender.pid)"
}

guest_reader() {
    on_host start writer uds-listen "vm${CID}_1236" push 2000000
    here reader vsock-connect 2 1236 receive 100000 hold
    said reader holds
    kill -KILL "$(cat reader.pid)"
    on_host wait writer
}

host_sender() {
    here reader vsock-listen 1235 sleep 700 drain
    on_host start sender uds-connect "vm$CID" 1235 push 65536 push 2000000
    on_host said sender 'sent 65536'
    sleep 0.4
    on_host kill sender
    reap reader
}

host_reader() {
    here writer vsock-listen 1237 push 2000000
    on_host start taker uds-connect "vm$CID" 1237 receive 100000 hold
    on_host said taker holds
    sleep 1
    on_host kill taker
}

# Both at a time, for the guest waits 8 seconds for the end of each.
both() {
    host_reader
    guest_sender
    sleep 1
    kill "$(cat writer.pid)"
}

record guest-reader-killed -s 128 -- guest_reader
record host-sender-killed -s 128 -- host_sender
record killed -s 128 -- both
