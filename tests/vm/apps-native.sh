# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# needs: iperf3 nbdcopy nbdinfo ncat qemu-ga qemu-io qemu-storage-daemon socat
# time-limit: 300
#
# Records more of pcaps/apps: programs that speak vsock themselves, on one side at least,
# and a load that is known from TCP. It is run by scripts/record-apps, as apps.sh is.

# serve PORT COMMAND...: a server in the background, which listens when this returns.
serve() {
    serve_port=$1
    shift
    "$@" &
    servers="${servers:-} $!"
    wait_for 60 is_listening "$serve_port" || fail "nobody listens on vsock port $serve_port"
}

# ncat: a line each way, then a text there and back.
chat() {
    # shellcheck disable=SC2016 # the server's shell expands it
    serve 1234 ncat --vsock -l 1234 --sh-exec 'read line; echo "I heard: $line"; exec cat'
    {
        echo 'Is somebody there?'
        sleep 2
        seq 1 2000
        sleep 1
    } | ncat --vsock 1 1234 >heard
    end_servers
}

record ncat -- chat
expect_text heard '^I heard: Is somebody there\?$' 1 1
expect_text heard '^2000$' 1 1

# NBD: QEMU's server; clients of libnbd and of QEMU. What the disk is; writing and
# reading; reading all of it.
attach() {
    serve 10809 qemu-storage-daemon \
        --blockdev driver=file,filename=disk,node-name=disk \
        --nbd-server addr.type=vsock,addr.cid=4294967295,addr.port=10809 \
        --export type=nbd,id=export,node-name=disk,name=disk,writable=on
    nbdinfo nbd+vsock://1/disk >info
    qemu-io -t writeback --image-opts \
        driver=raw,file.driver=nbd,file.export=disk,file.server.type=vsock,file.server.cid=1,file.server.port=10809 \
        -c 'write -P 0x5a 4096 6000' -c 'read -P 0x5a 4096 6000' -c 'read -P 0 32768 512' \
        -c 'discard 0 4096' -c 'flush' >io
    nbdcopy nbd+vsock://1/disk copy
    end_servers
}

dd if=/dev/zero of=disk bs=1024 count=40 2>/dev/null
record nbd -- attach
expect_text info '^.*export-size: 40960' 1 1
expect_text io '^read 6000/6000 bytes' 1 1
cmp disk copy
rm disk copy

# QEMU's guest agent: JSON, a line a request and a line an answer.
ask() {
    serve 1235 qemu-ga -m vsock-listen -p 4294967295:1235 -t "$PWD" -f "$PWD/qemu-ga.pid"
    {
        echo '{"execute":"guest-sync","arguments":{"id":2026}}'
        usleep 300000
        echo '{"execute":"guest-info"}'
        usleep 500000
        echo '{"execute":"guest-get-osinfo"}'
        usleep 300000
        echo '{"execute":"guest-get-nothing"}'
        usleep 300000
    } | ncat --vsock 1 1235 >answers
    end_servers
}

record qemu-ga -- ask
expect_text answers '"return": 2026' 1 1
expect_text answers '"kernel-release"' 1 1
expect_text answers '"CommandNotFound"' 1 1

# iperf3: its control connection and two for data, each way; only heads are kept.
measure() {
    iperf3 -s -1 -p 5202 >server.log &
    serve 5201 socat VSOCK-LISTEN:5201,reuseaddr,fork TCP:127.0.0.1:5202
    socat TCP-LISTEN:5203,bind=127.0.0.1,reuseaddr,fork VSOCK-CONNECT:1:5201 &
    servers="$servers $!"
    usleep 500000
    iperf3 -c 127.0.0.1 -p 5203 -P 2 -n 400K -l 32K >client.log
    end_servers
}

record iperf3 -s 192 -- measure
expect_text client.log 'receiver' 2
