# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# What scenarios are written with. Sourced by the guest's init in front of each
# scenario, which runs in busybox's ash with -eu in /out/NAME: what it writes
# there is brought back, what it prints is its log, and its exit status is the
# result.

# The shell prefers busybox's own ip, which knows no vsockmon.
ip() {
    /usr/bin/ip "$@"
}

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when it has not
# after so long.
wait_for() {
    wait_tries=$(($1 * 20))
    shift
    until "$@"; do
        wait_tries=$((wait_tries - 1))
        [ "$wait_tries" -gt 0 ] || return 1
        usleep 50000
    done
}

# Whether no vsock socket is left: none listening, none connected, none
# lingering for its close time-out. The kernel has then sent its last packet.
is_quiet() {
    [ -z "$(ss --no-header --all --vsock)" ]
}

wait_quiet() {
    wait_for 60 is_quiet || fail "vsock sockets are left: $(ss --all --vsock)"
}

# The last packet has been shown, too: it may still be queued when its socket is gone.
# Loopback has one queue, so what was sent before a REQUEST that has been answered has
# been shown. Those who capture see that REQUEST to port 65535, and its RST.
settle() {
    wait_quiet
    vsockload -l 65534 -p 65535 refuse
}

# is_listening PORT: whether somebody listens on this vsock port.
is_listening() {
    ss --no-header --listening --vsock | grep -q ":$1 "
}

# end_servers: ends the processes in $servers, unless they have ended by themselves, so
# that no socket is left when a recording ends.
end_servers() {
    # shellcheck disable=SC2086 # words
    kill $servers 2>/dev/null || true
    servers=
}

# How many lines of file $2 match the extended regular expression $1.
count_lines() {
    grep -c -E -e "$1" "$2" || true
}

# expect_text FILE REGEX [MIN [MAX]]: the text file has at least MIN (1) and at
# most MAX (any number) lines that match.
expect_text() {
    expect_n=$(count_lines "$2" "$1")
    [ "$expect_n" -ge "${3:-1}" ] && [ "$expect_n" -le "${4:-$expect_n}" ] && return
    sed 's/^/    /' "$1" | tail -n 40
    fail "$1: $expect_n lines match '$2', expected ${3:-1} to ${4:-any}"
}

# expect_lines PCAP REGEX MIN [MAX]: the same, of what vsockdump prints of a
# capture.
expect_lines() {
    [ "$1.txt" -nt "$1" ] || vsockdump -n -t -r "$1" >"$1.txt" || fail "vsockdump cannot read $1"
    expect_text "$1.txt" "$2" "$3" "${4:-}"
}

# expect_status STATUS COMMAND...: the command exits with this very status.
expect_status() {
    expect_wanted=$1
    expect_got=0
    shift
    "$@" || expect_got=$?
    [ "$expect_got" -eq "$expect_wanted" ] ||
        fail "$*: exit status $expect_got, expected $expect_wanted"
}

# statistic FILE WORDS: the number in a line such as "12 packets captured" that
# tcpdump or vsockdump printed; the last one when there are several.
statistic() {
    sed -n "s/^\([0-9][0-9]*\) packets\{0,1\} $2\$/\1/p" "$1" | tail -n 1
}

# expect_no_loss FILE: the statistics in FILE say that every packet was taken.
expect_no_loss() {
    stat_captured=$(statistic "$1" 'captured')
    stat_received=$(statistic "$1" 'received by filter')
    stat_dropped=$(statistic "$1" 'dropped by kernel')
    if [ "${stat_dropped:-unknown}" != 0 ] || [ "${stat_captured:-none}" != "$stat_received" ]; then
        cat "$1"
        fail "packets are missing: captured ${stat_captured:-none}," \
            "received ${stat_received:-none}, dropped ${stat_dropped:-unknown}"
    fi
}

# lines_in N FILE REGEX: whether at least N lines of the file match; for wait_for.
lines_in() {
    [ "$(count_lines "$3" "$2")" -ge "$1" ]
}

is_listening_or_gone() {
    grep -q 'listening on' "$1.err" || ! kill -0 "$(cat "$1.pid")" 2>/dev/null
}

# start NAME COMMAND...: runs a capture program in the background, its output in
# NAME.out and NAME.err, and returns when it captures.
start() {
    start_name=$1
    shift
    # The command's own shell empties it later, and what an earlier one said is no news.
    : >"$start_name.err"
    "$@" >"$start_name.out" 2>"$start_name.err" </dev/null &
    echo $! >"$start_name.pid"
    wait_for 60 is_listening_or_gone "$start_name" || true
    grep -q 'listening on' "$start_name.err" || {
        cat "$start_name.err"
        fail "$1 does not capture"
    }
}

# signal NAME SIGNAL: to a program that start began.
signal() {
    kill "-$2" "$(cat "$1.pid")"
}

# finish NAME: waits for a program that start began; it must exit with 0.
finish() {
    expect_status 0 wait "$(cat "$1.pid")"
    rm "$1.pid"
}

# stop NAME [SIGNAL]: ends a program that start began.
stop() {
    signal "$1" "${2:-INT}"
    finish "$1"
}

# has_captured NAME N: whether a vsockdump that start began has taken N packets by now;
# for wait_for.
has_captured() {
    signal "$1" USR1
    stat_captured=$(statistic "$1.err" captured)
    [ "${stat_captured:-0}" -ge "$2" ]
}

# has_taken_all NAME: whether a tcpdump that start began has taken all that the kernel has
# for it; for wait_for. The kernel hands packets over when a block of the buffer is full
# or a second old, and what tcpdump has not got when it is stopped is lost.
has_taken_all() {
    signal "$1" USR1
    sed -n 's/^tcpdump: \([0-9]*\) packets* captured, \([0-9]*\) packets* received by filter, \([0-9]*\) .*/\1 \2 \3/p' \
        "$1.err" | awk '{ all = $1 + $3 == $2 } END { exit !all }'
}

# stop_tcpdump NAME: ends a tcpdump that start began, when it has all that was sent.
stop_tcpdump() {
    settle
    wait_for 60 has_taken_all "$1" || fail "tcpdump does not take what there is"
    stop "$1"
}

# record NAME [TCPDUMP-OPTION...] -- COMMAND...: captures what vsockmon0 shows
# while the command runs, and until all its sockets are gone, into NAME.pcap.
record() {
    record_name=$1
    record_options=
    shift
    while [ "$1" != -- ]; do
        record_options="$record_options $1"
        shift
    done
    shift
    wait_quiet
    # shellcheck disable=SC2086 # options are words
    start "tcpdump-$record_name" tcpdump -i vsockmon0 -n -U -Z root \
        -B 8192 $record_options -w "$record_name.pcap" \
        'link[16:4] != 0xffff0000 and link[20:4] != 0xffff0000' # settle's ports
    "$@" || fail "$*: exit status $?"
    stop_tcpdump "tcpdump-$record_name"
    expect_no_loss "tcpdump-$record_name.err"
}
