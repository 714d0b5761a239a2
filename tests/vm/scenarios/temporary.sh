# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The interface that vsockdump makes for itself, or brings up, is gone, or down, when
# vsockdump is, however it ended.

is_gone() {
    [ ! -e "/sys/class/net/$1" ]
}

is_down() {
    ip -o link show "$1" | grep -q 'state DOWN'
}

no_keeper() {
    ! grep -qsx vsockdump-iface /proc/[0-9]*/comm
}

expect_gone() {
    wait_for 60 is_gone "$1" || fail "$1 is still there"
    wait_for 60 no_keeper || fail "a keeper is still there"
}

ip link del vsockmon0
is_gone vsockmon0 || fail "cannot begin: vsockmon0 is there"

# It captures, and ends by itself.
start count vsockdump -n -t -c 2
expect_text count.err '^vsockdump: made the interface vsockmon0 for as long' 1 1
ip -o link show vsockmon0 | grep -q 'alias vsockdump temporary '"$(cat count.pid)" ||
    fail "vsockmon0 does not say whose it is"
vsockdump -D >list.out
expect_text list.out "^1.vsockmon0 .Up.*, temporary, of vsockdump $(cat count.pid).\$" 1 1
vsockload -l 1024 echo 10
wait_for 60 lines_in 1 count.err 'packets dropped by kernel' || fail "-c 2 did not stop"
finish count
expect_text count.out '1:1024 > 1:1234: stream REQUEST' 1 1
is_gone vsockmon0 || fail "vsockmon0 outlives vsockdump"
no_keeper || fail "the keeper outlives vsockdump"

# Signals that it handles, and those that kill it
for signal in INT TERM HUP; do
    start "$signal" vsockdump
    stop "$signal" "$signal"
    is_gone vsockmon0 || fail "SIG$signal: vsockmon0 is still there"
done
for signal in KILL:137 ABRT:134 SEGV:139 ALRM:142; do
    status=${signal#*:}
    signal=${signal%:*}
    start "$signal" vsockdump
    signal "$signal" "$signal"
    expect_status "$status" wait "$(cat "$signal.pid")"
    expect_gone vsockmon0
done

# The reader of a pipe has had enough, and does not wait for anybody.
vsockdump -l -n -t 2>pipe.err | {
    head -n 1 >pipe.out
    exec </dev/null
    : >pipe.left
} &
wait_for 60 grep -q 'listening on' pipe.err || fail "does not capture into a pipe"
vsockload -l 1025 echo 10
wait_for 60 test -e pipe.left || fail "head does not end"
vsockload -l 1026 echo 10
wait $!
expect_text pipe.out '1:1025 > 1:1234: stream REQUEST' 1 1
expect_gone vsockmon0

# Whoever reads what it prints hears of the end as soon as it is killed.
{
    vsockdump -l 2>killed.err &
    echo $! >killed.pid
} | cat >/dev/null &
wait_for 60 grep -q 'listening on' killed.err || fail "does not capture into a pipe"
kill -KILL "$(cat killed.pid)"
wait $!
expect_gone vsockmon0

# Two at once: each has its own, and neither takes the other's away.
start first vsockdump -l -n -t
start second vsockdump -l -n -t
expect_text second.err 'made the interface vsockmon1' 1 1
start third vsockdump -l -n -t -i vsockmon1
stop first
is_gone vsockmon0 || fail "vsockmon0 outlives the first"
vsockload -l 1027 echo 10
wait_for 60 lines_in 1 second.out '1:1027 > 1:1234: stream REQUEST' || fail "the second captures nothing"
wait_for 60 lines_in 1 third.out '1:1027 > 1:1234: stream REQUEST' || fail "-i captures nothing"

# Who may make none is told whose it is.
expect_status 1 timeout 60 su nobody -s /bin/sh -c 'exec vsockdump' >nobody.out 2>nobody.err
expect_text nobody.err "vsockmon1 is the temporary interface of vsockdump $(cat second.pid)," 1 1
stop third
stop second
expect_gone vsockmon1

# Somebody removes it meanwhile.
start removed vsockdump
ip link del vsockmon0
expect_status 1 wait "$(cat removed.pid)"
expect_text removed.err 'cannot remove' 0 0
expect_gone vsockmon0

# An interface that stays is preferred; one that is down is up for a while.
ip link add mine type vsockmon
start raised vsockdump -l -n -t
expect_text raised.err '^vsockdump: mine was down: it is up' 1 1
is_gone vsockmon0 || fail "made one though there was one"
vsockload -l 1028 echo 10
wait_for 60 lines_in 1 raised.out '1:1028 > 1:1234: stream REQUEST' || fail "captures nothing"
stop raised
is_down mine || fail "mine is still up"

start raised vsockdump
signal raised KILL
expect_status 137 wait "$(cat raised.pid)"
wait_for 60 is_down mine || fail "mine is still up after SIGKILL"
wait_for 60 no_keeper || fail "a keeper is still there"

start raised vsockdump
start beside vsockdump -l -n -t
expect_text beside.err 'made|was down' 0 0
stop raised
expect_text raised.err 'mine stays up: somebody else captures on it' 1 1
vsockload -l 1029 echo 10
wait_for 60 lines_in 1 beside.out '1:1029 > 1:1234: stream REQUEST' || fail "lost its interface"
stop beside
ip link del mine

# In a network namespace of its own
# shellcheck disable=SC2016 # the inner shell expands it
unshare -n sh -c '
    vsockdump 2>space.err &
    until grep -q "listening on" space.err; do usleep 50000; done
    /usr/bin/ip -o link show vsockmon0 >space.out
    kill -KILL $!
    while grep -qsx vsockdump-iface /proc/[0-9]*/comm; do usleep 50000; done
    [ ! -e /proc/self/net/dev ] || ! grep vsockmon0 /proc/self/net/dev
' || fail "not removed in a namespace"
expect_text space.out 'vsockdump temporary' 1 1
is_gone vsockmon0 || fail "made in the wrong namespace"
