# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Who captures has no privileges left: an ordinary user whom the program gives some,
# root that becomes another user (-Z), and root that stays root. In the sandbox the
# statistics are right, also when packets were dropped.

# expect_status_line NAME KEY VALUE: what the kernel says of a program that start began.
expect_status_line() {
    expect_text "$1.status" "^$2:[[:space:]]$3[[:space:]]*\$" 1 1
}

# expect_harmless NAME UID BOUNDING: it runs as this user and can do nothing special.
expect_harmless() {
    cp "/proc/$(cat "$1.pid")/status" "$1.status"
    expect_status_line "$1" Uid "$2[[:space:]]$2[[:space:]]$2[[:space:]]$2"
    expect_status_line "$1" Gid "$2[[:space:]]$2[[:space:]]$2[[:space:]]$2"
    for harmless_set in CapInh CapPrm CapEff CapAmb; do
        expect_status_line "$1" "$harmless_set" 0000000000000000
    done
    expect_status_line "$1" CapBnd "$3"
    expect_status_line "$1" NoNewPrivs 1
    expect_status_line "$1" Seccomp 2
}

# as_nobody COMMAND: the shell command as the user nobody, in the same process.
as_nobody() {
    exec su nobody -c "exec $*"
}

# Members of a group may capture, and nobody else may even run the program. This
# directory's file system would keep no capabilities.
echo 'vsockdump:x:900:nobody' >>/etc/group
mkdir -m 755 /tmp/programs
mkdir -m 777 /tmp/files
cp /usr/bin/vsockdump /tmp/programs/
chgrp vsockdump /tmp/programs/vsockdump
chmod 750 /tmp/programs/vsockdump
expect_status 1 su nobody -c '/tmp/programs/vsockdump -i vsockmon0' 2>not-yet.err
expect_text not-yet.err 'no permission to capture'
setcap cap_net_raw,cap_net_admin+ep /tmp/programs/vsockdump

wait_quiet
full=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
start user as_nobody /tmp/programs/vsockdump -i vsockmon0 -w /tmp/files/user.pcap
expect_harmless user 65534 "$full"
expect_status_line user Groups '900 65534'
vsockload echo 5
settle
stop user
expect_no_loss user.err
cp /tmp/files/user.pcap .
expect_lines user.pcap '> 1:1234: stream REQUEST' 1 1

sed -i 's/^\(vsockdump:x:900:\)nobody$/\1/' /etc/group
expect_status 126 su nobody -c '/tmp/programs/vsockdump --version' 2>outsider.err

# Root that becomes another user: the file is that user's.
start other vsockdump -i vsockmon0 -Z nobody -w /tmp/files/other.pcap
expect_harmless other 65534 0000000000000000
vsockload echo 5
settle
stop other
expect_no_loss other.err
[ "$(stat -c %U:%G /tmp/files/other.pcap)" = nobody:nogroup ] ||
    fail "whose is this? $(ls -l /tmp/files/other.pcap)"
cp /tmp/files/other.pcap .
expect_lines other.pcap '> 1:1234: stream REQUEST' 1 1
expect_status 1 vsockdump -i vsockmon0 -Z somebody 2>unknown.err
expect_text unknown.err 'there is no user somebody' 1 1

# Root that stays root. What does not fit into 16 MiB while it sleeps is dropped, and
# counted.
start root vsockdump -i vsockmon0 --count
expect_harmless root 0 0000000000000000
signal root STOP
vsockload -n 1 -m 400 send 65536
settle
signal root CONT
stop root
dropped=$(statistic root.err 'dropped by kernel')
captured=$(statistic root.err captured)
[ "$dropped" -gt 0 ] || fail "none of more than 24 MiB was dropped"
[ "$(statistic root.err 'received by filter')" -eq "$((captured + dropped))" ] ||
    fail "captured $captured and dropped $dropped are not what was received"
expect_text root.out "^$captured packets\$" 1 1
