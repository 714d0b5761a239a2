# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by tests of the Wireshark plugin: a tshark that has it, and nothing else of
# whoever runs the test.

# shellcheck source=tests/lib/need.sh
. tests/lib/need.sh
# shellcheck source=tests/lib/complaints.sh
. tests/lib/complaints.sh

# tshark_home PART BUILD - make $home, a home into which scripts/install-plugin has put
# the plugin of a build; it goes when the test ends. Files for tshark belong there.
#
# Started by root, tshark loads no user's plugins: it runs as nobody then.
tshark_home() {
    need "$1" tshark tshark
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    chmod 755 "$home"
    unset XDG_CONFIG_HOME XDG_DATA_HOME
    HOME=$home scripts/install-plugin --build "$2" --user "$(id -un)" >/dev/null
    if [ "$(id -u)" -eq 0 ]; then
        chown -R nobody "$home"
    fi
}

# run_tshark ARGUMENT... - in $home; any complaint on stderr is a failure of the test
run_tshark() {
    local status=0
    (
        cd "$home"
        if [ "$(id -u)" -eq 0 ]; then
            exec runuser -u nobody -- env HOME="$home" TZ=UTC0 LC_ALL=C.UTF-8 tshark "$@"
        fi
        HOME=$home TZ=UTC0 LC_ALL=C.UTF-8 exec tshark "$@"
    ) 2>"$home.err" || status=$?
    if [ "$status" -ne 0 ] || [ -n "$(complaints "$home.err")" ]; then
        echo "tshark $*: exit status $status" >&2
        cat "$home.err" >&2
        rm -f "$home.err"
        return 1
    fi
    rm -f "$home.err"
}
