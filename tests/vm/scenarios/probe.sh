# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# What --probe says of a machine that lacks more and more, and that it changes nothing.

# probe NAME STATUS COMMAND...: its table goes to NAME.out; nothing else happens.
probe() {
    probe_name=$1
    probe_status=$2
    shift 2
    lsmod | sort >modules.before
    ip -o link >links.before
    # shellcheck disable=SC2069 # the table is what is looked at
    expect_status "$probe_status" timeout 60 "$@" >"$probe_name.out" 2>"$probe_name.err"
    lsmod | sort >modules.after
    ip -o link >links.after
    cmp modules.before modules.after || fail "$probe_name: it loaded something"
    cmp links.before links.after || fail "$probe_name: it changed an interface"
    [ ! -s "$probe_name.err" ] || fail "$probe_name: $(cat "$probe_name.err")"
}

trap 'modprobe -a vsock_loopback vhost_vsock vsock_diag vsockmon' EXIT

wait_quiet
probe all 0 vsockdump --probe
expect_text all.out "^kernel +ok +$(uname -r | sed 's/[.+]/[&]/g')\$" 1 1
expect_text all.out '^vsock sockets +ok +yes$' 1 1
expect_text all.out '^transport: loopback +ok +yes$' 1 1
expect_text all.out '^transport: to guests +ok +yes$' 1 1
expect_text all.out '^transport: to the host +missing +no$' 1 1
expect_text all.out '^vsockmon driver +ok +yes$' 1 1
expect_text all.out '^vsockmon interfaces +ok +vsockmon0 \(up\)$' 1 1
expect_text all.out '^list of sockets +ok +yes$' 1 1
expect_text all.out '^permission to (capture|make one) +ok ' 2 2
# tshark is there if another scenario of this run needs it.
expect_text all.out '^Wireshark +(ok|missing) ' 1 1
expect_text all.out '^vsockdump can capture here' 1 1

probe json 0 vsockdump --probe --json
expect_text json.out '^\{"can_capture":true,.*"interfaces":\[\{"name":"vsockmon0","up":true,"temporary_of":null\}\].*\}$' 1 1

probe nobody 1 su nobody -s /bin/sh -c 'exec vsockdump --probe'
expect_text nobody.out '^permission to (capture|make one) +missing ' 2 2
expect_text nobody.out '^ +-> setcap cap_net_raw,cap_net_admin\+ep ./usr/bin/vsockdump.$' 2 2
expect_text nobody.out '^vsockdump cannot capture here' 1 1

ip link set vsockmon0 down
probe down 0 vsockdump --probe
expect_text down.out '^vsockmon interfaces +ok +vsockmon0 \(down\): vsockdump brings one up$' 1 1

ip link del vsockmon0
probe none 0 vsockdump --probe
expect_text none.out '^vsockmon interfaces +ok +none: vsockdump makes one$' 1 1

start temporary vsockdump
probe temporary 0 vsockdump --probe
expect_text temporary.out "^vsockmon interfaces +ok +vsockmon0 .up, temporary, of vsockdump $(cat temporary.pid).\$" 1 1
stop temporary

rmmod vsockmon
rmmod vsock_diag
rmmod vhost_vsock
rmmod vsock_loopback
probe unloaded 1 vsockdump --probe
expect_text unloaded.out '^transport: loopback +missing +no$' 1 1
expect_text unloaded.out '^vsockmon driver +missing +installed, not loaded$' 1 1
for module in vsock_loopback vhost_vsock vsock_diag vsockmon; do
    expect_text unloaded.out "^ +-> modprobe $module\$" 1 1
    [ ! -e "/sys/module/$module" ] || fail "--probe loaded $module"
done

# What it says works.
sed -n 's/^ *-> modprobe/modprobe/p' unloaded.out >commands
sh -e commands
probe again 0 vsockdump --probe
expect_text again.out '^ +-> modprobe' 0 0
