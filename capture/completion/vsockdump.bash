# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Completion of vsockdump's command line in bash, by bash-completion.

# Values that vsockdump itself knows
_vsockdump_interfaces() {
    "$1" -D 2>/dev/null | sed -n 's/^[0-9]*\.\([^ ]*\).*/\1/p'
}

_vsockdump_findings() {
    "$1" --explain all 2>/dev/null | sed 's/ .*//'
    echo all
}

# _vsockdump_reply GENERATOR... - what compgen makes of this and of the word so far
_vsockdump_reply() {
    mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

# NAME=SECONDS, more of them after commas; what readline takes for a word begins after
# the last "=" already.
_vsockdump_limits() {
    local before=''
    [[ $cur == *,* ]] && before=${cur%,*},
    mapfile -t COMPREPLY < <(compgen -P "$before" -W 'connect= close= stall= request=' \
        -- "${cur##*,}")
    [[ $COMP_WORDBREAKS == *=* && $before ]] &&
        COMPREPLY=("${COMPREPLY[@]#"${before%"${before##*=}"}"}")
    compopt -o nospace
}

# An operand is a word of a filter.
_vsockdump_filter() {
    local words='src dst cid port portrange addr op type flags mon_op transport len wirelen
        buf_alloc fwd_cnt greater less link and or not'
    case $prev in
        op) words='invalid request response rst shutdown rw credit_update credit_request' ;;
        type) words='stream seqpacket dgram' ;;
        flags) words='receive send eom eor' ;;
        cid) words='hypervisor local host any' ;;
        mon_op) words='unknown connect disconnect control payload' ;;
        transport) words='unknown no_info virtio' ;;
        src | dst) words='cid port portrange addr' ;;
    esac
    _vsockdump_reply -W "$words"
}

_vsockdump_options='-i --interface -r -V -F --where -c -s --snapshot-length -B --buffer-size
    --immediate-mode -j --time-stamp-type -y --linktype -Z --relinquish-privileges
    --no-sandbox -w --print -C -G -W -z -U --packet-buffered -l --count --flows --findings
    --stats --follow --json --explain --fail-on --limit --report-interval -n -N --cids -t
    --time-stamp-precision --micro --nano -# --number -q -e -v -x -X -A -D --list-interfaces
    -L --list-data-link-types -J --list-time-stamp-types --list-sockets --probe -d -h --help
    --version'

# What the option before the cursor takes; false where it takes nothing
_vsockdump_value() {
    case $prev in
        --interface | -!(-*)i) _vsockdump_reply -W "$(_vsockdump_interfaces "$1")" ;;
        -!(-*)[rw]) _filedir 'pcap*|cap|dmp' ;;
        --cids | -!(-*)[FV]) _filedir ;;
        --explain) _vsockdump_reply -W "$(_vsockdump_findings "$1")" ;;
        --fail-on) _vsockdump_reply -W 'note warning violation' ;;
        --limit) _vsockdump_limits ;;
        --time-stamp-precision) _vsockdump_reply -W 'micro nano' ;;
        --time-stamp-type | -!(-*)j)
            _vsockdump_reply -W 'host host_lowprec host_hiprec host_hiprec_unsynced
                adapter adapter_unsynced'
            ;;
        --linktype | -!(-*)y) _vsockdump_reply -W VSOCK ;;
        --relinquish-privileges | -!(-*)Z) _vsockdump_reply -u ;;
        -!(-*)z) _vsockdump_reply -c ;;
        --where | --follow | --report-interval | --snapshot-length | --buffer-size) ;;
        -!(-*)[csBCGW]) ;;
        *) return 1 ;;
    esac
}

_vsockdump() {
    # shellcheck disable=SC2034 # words and cword are _init_completion's
    local cur prev words cword split
    _init_completion -s -n : || return
    _vsockdump_value "$1" && return
    [[ $split == true ]] && return
    if [[ $cur == -* ]]; then
        _vsockdump_reply -W "$_vsockdump_options"
    else
        _vsockdump_filter
    fi
} && complete -F _vsockdump vsockdump
