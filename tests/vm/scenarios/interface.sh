# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# What vsockdump says when it cannot capture, and that it says what to do.

# refused NAME REGEX COMMAND...: the command exits with 1 and its words on
# stderr, and nothing on stdout, match.
refused() {
    refused_name=$1
    refused_regex=$2
    shift 2
    # shellcheck disable=SC2069 # stderr is what is looked at
    expect_status 1 timeout 10 "$@" >"$refused_name.out" 2>"$refused_name.err"
    expect_text "$refused_name.err" "$refused_regex"
    [ ! -s "$refused_name.out" ] || fail "$refused_name: prints on stdout"
}

vsockdump -D >list.out || fail "-D: exit status $?"
expect_text list.out 'vsockmon0' 1 1

refused absent 'nosuch0' vsockdump -i nosuch0
refused ethernet '(EN10MB|Ethernet)' vsockdump -i lo
refused user 'cap_net_raw' su nobody -s /bin/sh -c 'exec vsockdump -i vsockmon0'

ip link set vsockmon0 down
refused down 'vsockmon0.*(up|down)' vsockdump -i vsockmon0

ip link del vsockmon0
refused deleted 'ip link add type vsockmon' vsockdump

rmmod vsockmon
refused unloaded 'modprobe vsockmon' vsockdump
expect_text unloaded.err 'ip link add type vsockmon'

# What the messages say works.
modprobe vsockmon
ip link add type vsockmon
ip link set vsockmon0 up
start again vsockdump -l -n -t
vsockload -l 1024 refuse
wait_for 5 lines_in 1 again.out '1:1024 > 1:1234: stream REQUEST' || fail "captures nothing"
stop again
