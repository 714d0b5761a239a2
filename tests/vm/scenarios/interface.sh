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
    expect_status 1 timeout 60 "$@" >"$refused_name.out" 2>"$refused_name.err"
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
refused any 'leave out -i' vsockdump -i any
refused number 'no interface number 7: vsockdump -D' vsockdump -i 7
refused not_permitted 'setcap cap_net_raw,cap_net_admin.ep' \
    su nobody -s /bin/sh -c 'exec vsockdump'
expect_text not_permitted.err 'ip link add type vsockmon'
refused list 'ip link add type vsockmon' vsockdump -D

rmmod vsockmon
refused unloaded 'modprobe vsockmon$' vsockdump
refused unloaded_list 'modprobe vsockmon$' vsockdump -D
[ ! -e /sys/module/vsockmon ] || fail "vsockdump loads modules"

# What the message says works.
modprobe vsockmon
start again vsockdump -l -n -t
vsockload -l 1024 refuse
wait_for 60 lines_in 1 again.out '1:1024 > 1:1234: stream REQUEST' || fail "captures nothing"
stop again

# A kernel without the module, as far as anybody can see
rmmod vsockmon
mv /lib/modules /lib/modules.away
mkdir -p "/lib/modules/$(uname -r)"
refused unknown 'CONFIG_VSOCKMON' vsockdump
: >"/lib/modules/$(uname -r)/modules.dep"
refused absent_module 'has no vsockmon module' vsockdump
rm -r /lib/modules
mv /lib/modules.away /lib/modules
