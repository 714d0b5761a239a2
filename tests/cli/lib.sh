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
