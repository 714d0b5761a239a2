# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The list of sockets: what ss lists, and whose they are. And what a user sees of them
# who is not root, and what everybody sees whose kernel does not tell.

is_held() {
    [ "$(ss --no-header --all --vsock | grep -c ESTAB)" -eq 2 ]
}

# Addresses as ss prints them, and as vsockdump does
addresses_of_ss() {
    ss --no-header --all --vsock | awk '{ print $5, $6 }' | sort
}

addresses_of_vsockdump() {
    sed 1d "$1" | awk '{ print $3, $4 }' | sort
}

wait_quiet
vsockdump --list-sockets >none.txt
expect_text none.txt '^Type +State +Local +Peer +Inode +Shutdown +Processes$' 1 1
expect_text none.txt '' 1 1

vsockload -p 4321 -l 2222 -w 60000 half-close 10 20 &
holder=$!
wait_for 60 is_held || fail "no connection"

vsockdump -n --list-sockets >list.txt
cat list.txt
addresses_of_ss >ss.addresses
addresses_of_vsockdump list.txt >list.addresses
diff ss.addresses list.addresses || fail "vsockdump does not list what ss lists"
expect_text list.txt "^stream +LISTEN +[*1]:4321 +\*:\* +[1-9][0-9]* +- +vsockload/$holder\$" 1 1
expect_text list.txt "^stream +ESTAB +1:4321 +1:2222 .* vsockload/$holder\$" 1 1
expect_text list.txt "^stream +ESTAB +[*1]:2222 +1:4321 +[1-9][0-9]* +SEND +vsockload/$holder\$" 1 1

vsockdump --list-sockets >names.txt
expect_text names.txt "^stream +ESTAB +local:4321 +local:2222 .* vsockload/$holder\$" 1 1

vsockdump --list-sockets --json >list.json
expect_text list.json '' 3 3
expect_text list.json "^\{\"type\":\"stream\",\"state\":\"ESTAB\",\"local\":\"1:4321\",\"local_cid\":1,\"local_port\":4321,\"peer\":\"1:2222\",.*\"processes\":\[\{\"name\":\"vsockload\",\"pid\":$holder\}\]\}\$" 1 1
expect_text list.json '"state":"LISTEN".*"peer":null,"peer_cid":null,"peer_port":null' 1 1

# Somebody else sees the sockets, but not whose they are.
su -s /bin/sh nobody -c 'vsockdump -n --list-sockets' >nobody.txt 2>nobody.err
expect_text nobody.txt '' 4 4
expect_text nobody.txt 'vsockload' 0 0
expect_text nobody.err 'vsockdump: 3 sockets: the processes may not be seen: root sees them all' 1 1

# The module is not loaded behind anybody's back.
rmmod vsock_diag
expect_status 1 vsockdump --list-sockets >unloaded.txt 2>unloaded.err
expect_text unloaded.err 'modprobe vsock_diag' 1 1
[ ! -s unloaded.txt ] || fail "a list was printed"
[ ! -e /sys/module/vsock_diag ] || fail "vsockdump loaded the module"
modprobe vsock_diag

kill "$holder"
wait_quiet
