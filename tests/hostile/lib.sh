# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by the tests of hostile captures, after vsockdump, mkhostile, within and measured
# were set: the command line's helpers, and these.

mkhostile=$(realpath "$mkhostile")
within=$(realpath "$within")
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"

# What vsockdump may take at most, in MiB: a million connections at 248 bytes, their index,
# and as many findings that wait; AddressSanitizer's own memory is not judged
limit=640
# shellcheck disable=SC2154 # set by the test
[ "$measured" = yes ] || limit=0

# every_way: the ways in which a capture can be shown
every_way=('' '-vvv -XX' '--json' '--json --where flow>=0' '--flows' '--flows --json'
    '--findings' '--findings --json' '--stats --json' '--follow 0' '--follow 0 --json'
    '--count' '-w copy.pcap')

# bounded STATUS ARGUMENT... - as run, with the limit
bounded() {
    local want=$1 got=0
    shift
    "$within" "$limit" "$vsockdump" "$@" >out 2>err || got=$?
    [ "$got" = "$want" ] || fail "exit status $got, not $want (99: too much memory): $*"
}

# is_json - every line of standard output is a JSON object
is_json() {
    jq -es 'all(.[]; type == "object")' out >/dev/null || fail "not JSON"
}

# shows_all STATUS FILE [MESSAGE] - every way of showing a file ends with the status and,
# if it is not 0, the message. --follow may also say that there is no connection
shows_all() {
    local way want
    for way in "${every_way[@]}"; do
        want=$1
        case $way in *follow*) [ -z "${no_flow:-}" ] || want=1 ;; esac
        # shellcheck disable=SC2086 # options
        bounded "$want" $way -r "$2"
        [ -z "${3:-}" ] || err_has "$3"
        case $way in *json*) is_json ;; esac
    done
}
