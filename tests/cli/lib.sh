# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by the tests of the command line: runs vsockdump and compares what it did.
# Each check names the line that failed; the first failure ends the test.

here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
# shellcheck disable=SC2034 # for the test
top=$(realpath "$here/../..")
# shellcheck disable=SC2154 # set by the test
vsockdump=$(realpath "$vsockdump")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TZ=UTC0
cd "$work" || exit

fail() {
    echo "${BASH_SOURCE[-1]}:${BASH_LINENO[-2]}: $*" >&2
    echo "--- standard output" >&2
    head -n 20 out >&2
    echo "--- standard error" >&2
    cat err >&2
    exit 1
}

# run STATUS ARGUMENT... - run vsockdump, its output in ./out and ./err
run() {
    local want=$1 got=0
    shift
    "$vsockdump" "$@" >out 2>err || got=$?
    [ "$got" = "$want" ] || fail "exit status $got, not $want: vsockdump $*"
}

# out_is TEXT - standard output is exactly this
out_is() { diff -u <(printf '%s\n' "$1") out || fail "standard output differs"; }

# err_has TEXT - standard error has this text
err_has() { grep -qF -- "$1" err || fail "standard error lacks: $1"; }

# lines COUNT - standard output has so many lines
lines() { [ "$(wc -l <out)" = "$1" ] || fail "$(wc -l <out) lines, not $1"; }

# Captures are written byte by byte, so that they can hold what no kernel sends.

le() { # le BYTES NUMBER - little-endian
    local i bytes='' byte
    for ((i = 0; i < $1; i++)); do
        printf -v byte '\\x%02x' $((($2 >> (8 * i)) & 255))
        bytes+=$byte
    done
    printf '%b' "$bytes"
}

pcap_header() { le 4 0xa1b2c3d4 && le 2 2 && le 2 4 && le 8 0 && le 4 262144 && le 4 271; }

# record SECONDS MICROSECONDS CAPTURED LENGTH - a record header
record() { le 4 "$1" && le 4 "$2" && le 4 "$3" && le 4 "$4"; }

# addresses SRC_CID SRC_PORT DST_CID DST_PORT
addresses() { le 8 "$1" && le 8 "$3" && le 4 "$2" && le 4 "$4"; }

# mon OP TRANSPORT LENGTH - the rest of a vsockmon header
mon() { le 2 "$1" && le 2 "$2" && le 2 "$3" && le 2 0; }

# virtio LEN TYPE OP FLAGS BUF_ALLOC FWD_CNT - the rest of a virtio header
virtio() { le 4 "$1" && le 2 "$2" && le 2 "$3" && le 4 "$4" && le 4 "$5" && le 4 "$6"; }

# packet SECONDS MICROSECONDS SRC_CID SRC_PORT DST_CID DST_PORT OP FLAGS BUF_ALLOC FWD_CNT
#     [LEN [TYPE]] - a whole record, its payload zeros
packet() {
    local length=${11:-0}
    record "$1" "$2" $((76 + length)) $((76 + length))
    addresses "$3" "$4" "$5" "$6"
    case $7 in
        1 | 2) mon 1 2 44 ;;
        3 | 4) mon 2 2 44 ;;
        5) mon 4 2 44 ;;
        *) mon 3 2 44 ;;
    esac
    addresses "$3" "$4" "$5" "$6"
    virtio "$length" "${12:-1}" "$7" "$8" "$9" "${10}"
    head -c "$length" /dev/zero
}
