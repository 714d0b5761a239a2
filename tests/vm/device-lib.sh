# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# What the scenarios of tests/vm/device are written with, beyond guest/lib.sh: it stands in
# front of each. The second serial line leads to tests/vm/device on the host, which does
# what it is told there, a line a request, and answers with lines, the last of which is
# "status N".

stty raw -echo </dev/ttyS1
exec 7<>/dev/ttyS1

# on_host REQUEST...: prints what the host answers; its status is the answer's.
#   run ARGS          udsload ARGS
#   start NAME ARGS   the same in the background; returns when it listens
#   wait NAME         until that has ended; prints its output, returns its status
#   said NAME TEXT    until it has printed TEXT
#   kill NAME         by SIGKILL
#   leave PATH PORT   ask the device for a connection and be gone before it is there
#   post NAME, await NAME   the other machine's scenario waits for this one's
on_host() {
    echo "$*" >&7
    # A shell of its own, which has no children: busybox's read forgets the half of a line
    # that it has when a child ends.
    (
        while read -r answer <&7; do
            case $answer in
            'status '*) exit "${answer#status }" ;;
            *) echo "host: $answer" ;;
            esac
        done
        fail "the host does not answer: $*"
    )
}

# Through a device nothing tells when the last packet has been shown.
settle() {
    wait_quiet
    usleep 1300000
}

# here NAME ARGS...: udsload in the background on this machine, until it listens.
here() {
    here_name=$1
    shift
    udsload "$@" >"$here_name.load" 2>&1 </dev/null &
    echo $! >"$here_name.pid"
    case $* in
    *-listen* | *-pause*) wait_for 60 grep -s -q ready "$here_name.load" || fail "$* does not listen" ;;
    esac
}

# said NAME TEXT: until that has printed TEXT.
said() {
    wait_for 60 grep -s -q "$2" "$1.load" || fail "$1 does not say '$2'"
}

# reap NAME [STATUS]: waits for it; it must exit with STATUS (0).
reap() {
    expect_status "${2:-0}" wait "$(cat "$1.pid")"
    sed "s/^/$1: /" "$1.load"
    rm "$1.pid"
}
