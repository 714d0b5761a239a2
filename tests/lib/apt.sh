# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by what fetches from Debian's archive: its mirror, a cache, and an apt of our own
# whose only source is one release.
#
# Configuration, proxy and mirror are the system's; lists and state are in the cache, so
# that no root is needed and the system's apt learns nothing of it. What is signed by
# nobody in Debian's keyring is not taken: apt refuses the release, and checks by its
# signature the index, and by the index the hash of a package.

cache=${VSOCKHDR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vsockhdr}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail_apt() {
    echo "apt: $*" >&2
    exit 1
}

# mirror_of LABEL - the mirror of the archive that the system's apt uses: label Debian or
# Debian-Security; nothing where it has none
mirror_of() {
    # shellcheck disable=SC2016 # the format is apt's to expand
    apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' 'Component: main' 'Origin: Debian' "Label: $1" | sed -n 1p
}

# find_mirror - set $mirror to that of Debian
find_mirror() {
    mirror=$(mirror_of Debian)
    [ -n "$mirror" ] || fail_apt "it knows no source of Debian here: run apt-get update"
}

# lock_cache - one at a time: the second of two runs waits for what the first one fetches
# instead of fetching it again
lock_cache() {
    mkdir -p "$cache"
    cache=$(realpath "$cache")
    exec 9>"$cache/lock"
    flock 9
}

# work_in_cache - make $work, a folder in the locked cache that goes when the script ends
work_in_cache() {
    # What a killed run left; the lock says that nobody is at work on it.
    rm -rf "$cache"/unpacking.*
    work=$(mktemp -d "$cache/unpacking.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
}

# own_apt PROGRAM ARGUMENT... - apt-get or apt-cache of the release that open_apt was given
own_apt() {
    "$1" -q -q -o Dir::State="$apt" -o Dir::State::status="$apt/status" \
        -o Dir::Cache="$apt/cache" -o Dir::Etc::sourcelist="$apt/sources.list" \
        -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null \
        -o APT::Architecture=amd64 -o APT::Architectures::=amd64 \
        -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o Acquire::AllowInsecureRepositories=false \
        -o APT::Update::Error-Mode=any -o APT::Sandbox::User=root "${@:2}"
}

# update - ask the mirror what the release has now
update() {
    rm -f "$apt/fresh"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    local mirror security
    find_mirror
    security=$(mirror_of Debian-Security)
    [ -r "$keyring" ] || fail_apt "no $keyring (package debian-archive-keyring)"
    {
        echo "deb [signed-by=$keyring] $mirror $suite main"
        [ "$suite" = sid ] || [ -z "$security" ] ||
            echo "deb [signed-by=$keyring] $security $suite-security main"
    } >"$apt/sources.list"
    own_apt apt-get update >&2 && touch "$apt/fresh"
}

# open_apt SUITE - the apt of this release, in the locked cache; its lists may be a day old
open_apt() {
    suite=$1
    apt=$cache/apt-$suite
    # Once a day is often enough. Without a network, yesterday's answer is one, too.
    if [ -z "$(find "$apt/fresh" -mmin -1440 2>/dev/null)" ] && ! update; then
        compgen -G "$apt/lists/*_Packages*" >/dev/null ||
            fail_apt "cannot ask for the packages of $suite"
        echo "apt: cannot ask for the packages of $suite: what was known is used" >&2
    fi
}

# download PACKAGE... - the files of packages, NAME or NAME=VERSION, into $work. It fails
# where the release has moved on since it was asked: then update, and try again
download() {
    (cd "$work" && own_apt apt-get download "$@" >&2)
}
