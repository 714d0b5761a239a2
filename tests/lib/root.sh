# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by tests that need a Debian 12 on which nothing has been prepared: a root file
# system made by debootstrap.

# shellcheck source=tests/lib/need.sh
. tests/lib/need.sh
# shellcheck source=tests/lib/apt.sh
. tests/lib/apt.sh

# make_root PART - make one in $root, which goes when the test ends; leave the test where
# that cannot be done
make_root() {
    local part=$1 mirror base log
    need "$part" debootstrap debootstrap
    if [ "$(id -u)" -ne 0 ]; then
        echo "SKIPPED: $part: only root can make a root file system" >&2
        [ "${CI:-}" != true ] || exit 1
        exit 77
    fi
    find_mirror

    mkdir -p build/fresh "$cache"
    root=$(mktemp -d "$PWD/build/fresh/XXXXXX")
    trap 'rm -rf --one-file-system "$root"' EXIT

    # The bare system is kept for the next run, for a week: its packages grow old.
    base=$cache/bookworm-minbase.tar
    find "$cache" -maxdepth 1 -name "$(basename "$base")" -mtime +7 -delete
    if [ ! -e "$base" ]; then
        log=$root.log
        debootstrap --variant=minbase bookworm "$root" "$mirror" >"$log" 2>&1 || {
            tail -n 20 "$log" >&2
            exit 1
        }
        rm -f "$log"
        tar --one-file-system -C "$root" -cf "$base.$$" .
        mv "$base.$$" "$base"
    else
        tar -C "$root" -xf "$base"
    fi
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
}

# in_root DIRECTORY COMMAND... - run a command there
#
# Mounts are in a name space of their own: they go when the command ends, however it ends.
# The root is one, too, so that a command in it can do the same.
in_root() {
    # shellcheck disable=SC2016 # the inner shell's to expand
    unshare --mount --pid --fork bash -euo pipefail -c '
        root=$1
        shift
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
            LANG=C.UTF-8 CI="${CI:-}" http_proxy="${http_proxy:-}" \
            sh -c "cd \"\$1\" && shift && exec \"\$@\"" sh "$@"
    ' bash "$root" "$@"
}
