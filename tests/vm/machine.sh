# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by what boots machines, run and device: what they need, how a machine is started,
# and whether its kernel complained. Both have die, skip, and their options as variables.
# shellcheck disable=SC2154 # the options

# Some programs lie in sbin, which an ordinary user's PATH lacks.
PATH=$PATH:/usr/sbin:/sbin

# need_programs - leave where one is missing
need_programs() {
    local program package
    while read -r program package; do
        command -v "$program" >/dev/null || skip "no $program (package $package)"
    done <<'PROGRAMS'
qemu-system-x86_64 qemu-system-x86
busybox busybox-static
cpio cpio
depmod kmod
tcpdump tcpdump
ss iproute2
setcap libcap2-bin
PROGRAMS
}

# need_built PROGRAM... - of the build directory $bin
need_built() {
    local program
    for program in "$@"; do
        [ -x "$bin/$program" ] ||
            die "no $bin/$program: build it first, or name the build directory with --bin"
    done
}

# boot INITRAMFS CONSOLE RESULTS OPTION... - become a machine with $kernel, for $timeout
# seconds at the most; to be run in the background. The guest writes a tar file straight
# onto the disk RESULTS.
#
# panic=-1 and -no-reboot: a panic ends QEMU instead of hanging. nowatchdog: a
# busy host is no lockup in the guest. no_timer_check: and a tick that it delivers late is
# no broken timer. setpriv: QEMU does not outlive a killed timeout.
boot() {
    truncate -s 1G "$3" # sparse
    exec timeout --kill-after=5 "$timeout" setpriv --pdeathsig KILL \
        qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none \
        -kernel "$kernel/vmlinuz" -initrd "$1" \
        -append "console=ttyS0 loglevel=5 panic=-1 nowatchdog no_timer_check mitigations=off" \
        -serial "file:$2" \
        -drive "if=none,id=results,format=raw,cache=unsafe,file=$3" \
        -device virtio-blk-pci,drive=results "${@:4}" </dev/null
}

# kernel_trouble FILE... - the first line in which the guest's kernel complains
kernel_trouble() {
    grep -h -s -E '\[ cut here \]|Oops|BUG:|Kernel panic|general protection fault|unable to handle|UBSAN|KASAN|INFO: task .* blocked' "$@" |
        sed -n 1p
}
