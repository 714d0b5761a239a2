# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# machines: 3 4
# Two guests talk to each other through the device: small, refused, large.

talk() {
    on_host await listens
    udsload vsock-connect 4 1234 send 500 receive 500
    expect_status 3 udsload vsock-connect 4 2000
    here large vsock-connect 4 1235 push 300000
    sleep 4
    kill "$(cat large.pid)"
    on_host post over
}

listen() {
    here small vsock-listen 1234 receive 500 send 500 eof
    here large vsock-listen 1235 drain
    on_host post listens
    on_host await over
    reap small
    sleep 1
    cat large.load
    kill "$(cat large.pid)" || true
}

if [ "$CID" = 3 ]; then
    on_host await records
    record siblings -s 128 -- talk
else
    on_host post records
    record siblings -s 128 -- listen
fi
