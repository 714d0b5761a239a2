# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The interface goes away while vsockdump captures: it says so, keeps what it
# has and ends with status 1.

start vsockdump vsockdump -i vsockmon0 -w kept.pcap
vsockload echo 5
wait_quiet
wait_for 60 has_captured vsockdump 1 || fail "captures nothing"
ip link del vsockmon0
expect_status 1 wait "$(cat vsockdump.pid)"
ip link add type vsockmon
ip link set vsockmon0 up
expect_text vsockdump.err 'vsockdump: vsockmon0: '
expect_lines kept.pcap 'stream REQUEST' 1 1

# Taken down and up again, it goes on.
start again vsockdump -i vsockmon0 -n -t -l
ip link set vsockmon0 down
sleep 1
ip link set vsockmon0 up
vsockload echo 5
wait_for 60 lines_in 1 again.out 'stream REQUEST' || fail "captures nothing after down and up"
stop again

# Taken down first, it is gone a second later: that is noticed, too.
start later vsockdump -i vsockmon0 -w later.pcap
vsockload echo 5
wait_quiet
wait_for 60 has_captured later 1 || fail "captures nothing"
ip link set vsockmon0 down
sleep 1
ip link del vsockmon0
expect_status 1 wait "$(cat later.pid)"
expect_text later.err 'vsockdump: vsockmon0: '
expect_lines later.pcap 'stream REQUEST' 1 1

# The driver stays while an interface is up; then it goes, and takes the interface along.
ip link add type vsockmon
ip link set vsockmon0 up
start driver vsockdump -i vsockmon0 -w driver.pcap
vsockload echo 5
wait_quiet
wait_for 60 has_captured driver 1 || fail "captures nothing"
if rmmod vsockmon 2>rmmod.err; then
    fail "the driver goes while it is used"
fi
ip link set vsockmon0 down
rmmod vsockmon
expect_status 1 wait "$(cat driver.pid)"
expect_text driver.err 'vsockdump: vsockmon0: '
expect_lines driver.pcap 'stream REQUEST' 1 1
modprobe vsockmon
ip link add type vsockmon
ip link set vsockmon0 up
