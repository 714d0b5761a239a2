# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# Each option that needs an interface does what the manual says: "flag -x" begins what
# proves it for -x, as in tests/cli/flags.

flag() { echo "flag $*"; }

flag -i --interface
wait_quiet
start by-name vsockdump -i vsockmon0 -c 1
vsockload -l 1024 echo 10
finish by-name
expect_text by-name.err 'listening on vsockmon0, link-type VSOCK' 1 1
start by-number vsockdump --interface 1 -c 1
vsockload -l 1025 echo 10
finish by-number
expect_text by-number.err 'listening on vsockmon0, link-type VSOCK' 1 1

flag -B --buffer-size
start small vsockdump -B 1024 -c 1
vsockload -l 1026 echo 10
finish small
expect_status 2 vsockdump -B 0 2>wrong.err
expect_text wrong.err '-B takes a number from 1 to' 1 1

flag --immediate-mode
start immediate vsockdump --immediate-mode -l -n -t
vsockload -l 1027 echo 10
wait_for 60 lines_in 1 immediate.out '1:1027 > 1:1234: stream SHUTDOWN' || fail "nothing printed yet"
stop immediate
expect_no_loss immediate.err

flag -j --time-stamp-type -J --list-time-stamp-types
for option in -J --list-time-stamp-types; do
    expect_status 0 vsockdump "$option" -i vsockmon0 >types.out 2>types.err
    cat types.out types.err >types
    expect_text types '(Time stamp types for vsockmon0|its time stamp type cannot be set)' 1 1
done
start stamps vsockdump -j host -c 1
vsockload -l 1028 echo 10
finish stamps
expect_status 2 vsockdump --time-stamp-type sundial 2>wrong.err
expect_text wrong.err 'no kind of time stamp "sundial": -J lists them' 1 1

flag -L --list-data-link-types
for option in -L --list-data-link-types; do
    expect_status 0 vsockdump "$option" -i vsockmon0 >links.out 2>links.err
    expect_text links.out '^  VSOCK \(Linux vsock\)$' 1 1
done

flag --report-interval
wait_quiet
start report vsockdump --stats --report-interval 1
vsockload -l 1029 echo 10
wait_for 60 lines_in 2 report.out '^[0-9]+ packets,' || fail "no report every second"
stop report

flag --list-sockets
expect_status 0 vsockdump --list-sockets >sockets.out 2>sockets.err
