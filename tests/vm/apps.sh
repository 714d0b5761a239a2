# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# needs: adb curl etcd etcdctl nghttp nghttpd openssl socat ssh ssh-keygen sshd
# time-limit: 500
#
# Records pcaps/apps: real programs over vsock. Those that know only TCP or standard
# input and output talk through a socat on each side, as people do it. It is run by
# scripts/record-apps, and not with the other scenarios: it wants many programs, and
# proves nothing about vsockdump that they don't.

# is_listening_tcp PORT
is_listening_tcp() {
    ss --no-header --listening --tcp | grep -q ":$1 "
}

# serve VSOCK-PORT SOCAT-ADDRESS: every connection to the port gets the address, a
# program or a TCP server.
serve() {
    socat "VSOCK-LISTEN:$1,reuseaddr,fork" "$2" &
    servers="${servers:-} $!"
    wait_for 60 is_listening "$1" || fail "nobody listens on vsock port $1"
}

# bridge TCP-PORT VSOCK-PORT: a local TCP port that leads to the vsock port.
bridge() {
    socat "TCP-LISTEN:$1,bind=127.0.0.1,reuseaddr,fork" "VSOCK-CONNECT:1:$2" &
    servers="${servers:-} $!"
    wait_for 60 is_listening_tcp "$1" || fail "nobody listens on TCP port $1"
}

# OpenSSH: log in with a key, run a command.
login() {
    serve 22 "EXEC:/usr/bin/sshd -i -e -f $PWD/sshd_config"
    ssh -F none -i client_key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o ProxyCommand='socat - VSOCK-CONNECT:1:22' root@guest 'uname -sr; seq 1 2000' >output
    end_servers
}

mkdir -p /run/sshd /root
echo 'sshd:x:100:65534::/run/sshd:/bin/false' >>/etc/passwd
ssh-keygen -q -t ed25519 -N '' -f host_key
ssh-keygen -q -t ed25519 -N '' -f client_key
cat >sshd_config <<CONFIG
HostKey $PWD/host_key
AuthorizedKeysFile $PWD/client_key.pub
StrictModes no
PermitRootLogin yes
CONFIG
record ssh -- login
expect_text output '^2000$' 1 1
rm host_key client_key

# HTTP/1.1: busybox's httpd and curl. A small page, one of several packets, one that
# is not there, a form that is posted to a program.
browse() {
    serve 80 'EXEC:busybox httpd -i -h www'
    bridge 8080 80
    curl -sS http://127.0.0.1:8080/index.html -o small
    curl -sS http://127.0.0.1:8080/large.txt -o large
    curl -sS http://127.0.0.1:8080/missing.html -o missing
    curl -sS --data name=vsock --data port=80 http://127.0.0.1:8080/cgi-bin/form -o form
    curl -sS http://127.0.0.1:8080/index.html http://127.0.0.1:8080/other.html -o one -o two
    end_servers
}

mkdir -p www/cgi-bin
echo '<html><body>A page over vsock.</body></html>' >www/index.html
echo '<html><body>Another page over vsock.</body></html>' >www/other.html
seq 1 9000 >www/large.txt
cat >www/cgi-bin/form <<'FORM'
#!/bin/sh
echo 'Content-Type: text/plain'
echo
cat
FORM
chmod 755 www/cgi-bin/form
record http -- browse
cmp large www/large.txt
expect_text form 'name=vsock&port=80' 1 1

# TLS 1.3 and TLS 1.2: OpenSSL's server and curl, with the keys in tls.keys.
fetch_secretly() {
    openssl s_server -HTTP -accept 127.0.0.1:4433 -cert cert.pem -key key.pem -quiet &
    servers="${servers:-} $!"
    wait_for 60 is_listening_tcp 4433 || fail 'no TLS server'
    serve 443 TCP:127.0.0.1:4433
    bridge 8443 443
    SSLKEYLOGFILE=tls.keys curl -sS -k --http1.1 --tlsv1.3 https://127.0.0.1:8443/page -o page.html
    SSLKEYLOGFILE=tls.keys curl -sS -k --http1.1 --tls-max 1.2 https://127.0.0.1:8443/large -o large.txt
    end_servers
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj /CN=vsock.example -keyout key.pem -out cert.pem -config /dev/null 2>openssl.log
# respond FILE TYPE: a whole HTTP response with the file, which is how s_server wants it
respond() {
    printf 'HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n' \
        "$2" "$(wc -c <"$1")"
    cat "$1"
}

echo '<html><body>A page that is kept secret.</body></html>' >secret.html
seq 1 8000 >secret.txt
respond secret.html text/html >page
respond secret.txt text/plain >large
record tls -- fetch_secretly
cmp page.html secret.html
cmp large.txt secret.txt

# HTTP/2 in clear: nghttp2's server and client, several streams in one connection.
fetch() {
    nghttpd --no-tls -d www -a 127.0.0.1 8081 &
    servers="${servers:-} $!"
    wait_for 60 is_listening_tcp 8081 || fail 'no HTTP/2 server'
    serve 8080 TCP:127.0.0.1:8081
    bridge 8082 8080
    nghttp -nv http://127.0.0.1:8082/index.html http://127.0.0.1:8082/large.txt \
        http://127.0.0.1:8082/missing.html
    end_servers
}

mkdir -p www
echo '<html><body>A page over vsock.</body></html>' >www/index.html
seq 1 9000 >www/large.txt
record http2 -- fetch

# gRPC over HTTP/2: etcd and its client put, get and delete keys.
use() {
    serve 2379 TCP:127.0.0.1:23790
    bridge 23791 2379
    export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=http://127.0.0.1:23791 \
        ETCDCTL_COMMAND_TIMEOUT=60s ETCDCTL_DIAL_TIMEOUT=60s
    etcdctl put guest/3 'a virtual machine'
    etcdctl put large "$(seq 1 4000 | tr '\n' ' ')" >/dev/null
    etcdctl get --prefix guest/
    etcdctl del guest/3
    end_servers
}

etcd --data-dir data --listen-client-urls http://127.0.0.1:23790 --log-level error \
    --advertise-client-urls http://127.0.0.1:23790 --listen-peer-urls http://127.0.0.1:23800 &
wait_for 100 is_listening_tcp 23790 || fail 'etcd does not listen'
record grpc -- use
rm -r data

# The Android Debug Bridge's client and its server, without a device.
ask() {
    adb -L tcp:5038 server nodaemon &
    servers="${servers:-} $!"
    wait_for 60 is_listening_tcp 5038 || fail 'no adb server'
    serve 5037 TCP:127.0.0.1:5038
    bridge 5037 5037
    adb devices -l
    adb get-state || true
    adb shell id || true
    end_servers
}

record adb -- ask

# Seqpacket: JSON texts, a message each. Messages of one packet (port 1024); of 70000
# bytes in two packets (1025); of 6000 bytes to a receiver with room for 8192, where the
# credit cuts them (1026).
# send PORT FILE BLOCK-SIZE [OPTION-OF-THE-LISTENER]
send() {
    socat -u -b 262144 "VSOCK-LISTEN:$1,type=5${4:-}" "CREATE:received-$1" &
    wait_for 60 is_listening "$1" || fail "nobody listens on vsock port $1"
    socat -u -b "$3" "$2" "VSOCK-CONNECT:1:$1,type=5"
    wait $!
    cmp "${2#OPEN:}" "received-$1"
}

# objects COUNT: a JSON text of COUNT entries of 50 bytes and some more
objects() {
    seq 1 "$1" | awk -v count="$1" 'BEGIN { printf "{\"machines\":[" }
        { printf "{\"cid\":%6d,\"name\":\"guest\",\"state\":\"runs\"}%s", $1, $1 < count ? "," : "" }
        END { print "]}" }'
}

talk() {
    send 1024 OPEN:small 100
    send 1025 OPEN:large 262144
    send 1026 OPEN:pieces 6000 ',setsockopt-listen=40:0:x0020000000000000'
}

objects 1 | awk '{ printf "%-99s\n", $0; printf "%-99s\n", $0 }' >small
objects 1500 >large
objects 120 | awk '{ for (i = 0; i < 5; i++) printf "%-5999s\n", $0 }' >pieces
record messages -- talk
