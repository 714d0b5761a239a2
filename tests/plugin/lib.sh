# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by the tests of Wireshark's plugin: tshark with the plugin and without it, run
# as an ordinary user, because root's tshark looks into no personal folder.
# usage of each test: NAME PLUGIN VSOCKDUMP

here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
top=$(realpath "$here/../..")
# shellcheck source=tests/lib/need.sh
. "$top/tests/lib/need.sh"
need plugin tshark tshark
need plugin jq jq
plugin=$(realpath "$1")
# shellcheck disable=SC2034 # for the test
vsockdump=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TZ=UTC0 LC_ALL=C.UTF-8
cd "$work" || exit

as_user=()
if [ "$(id -u)" -eq 0 ]; then
    need plugin setpriv util-linux
    as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi

# Personal folders with the plugin and without it
version=$(tshark --version 2>/dev/null | sed -n '1s/^TShark (Wireshark) \([0-9]*\.[0-9]*\).*/\1/p')
folder=.local/lib/wireshark/plugins/$version/epan
mkdir -p "with/$folder" without
cp "$plugin" "with/$folder"
chmod -R a+rX .
chmod 777 .

# The recorded and the constructed captures
# shellcheck disable=SC2034 # for the test
captures=("$top"/pcaps/*.pcap "$top"/pcaps/*/*.pcap)

fail() {
    echo "${BASH_SOURCE[-1]}:${BASH_LINENO[-2]}: $*" >&2
    exit 1
}

# tshark_in FOLDER ARGUMENT... - run tshark with a personal folder. What Wireshark takes
# for a mistake of a dissector ends it
tshark_in() {
    local home=$work/$1
    shift
    "${as_user[@]}" env HOME="$home" XDG_CONFIG_HOME="$home/.config" TMPDIR="$work" \
        WIRESHARK_ABORT_ON_DISSECTOR_BUG=1 WIRESHARK_ABORT_ON_TOO_MANY_ITEMS=1 \
        "${under[@]}" tshark "$@"
}
under=()

# complaints FILE - what tshark complained of on its standard error, which is in FILE. From
# 4.6 on, Wireshark's ssh dissector warns of key exchanges that it knows, which is not about
# vsock.
complaints() {
    grep -v -e '^$' -e '\[packet-ssh WARNING\]' "$1" || true
}

# quietly COMMAND... - run it; it must succeed without a complaint on standard error
quietly() {
    "$@" 2>"$work/err" || { cat "$work/err" >&2; fail "exit status $?: $*"; }
    if [ -n "$(complaints "$work/err")" ]; then
        cat "$work/err" >&2
        fail "it complains: $*"
    fi
}

# The plugin is there: without it every comparison with itself would succeed
has_plugin() {
    tshark_in "$1" -G fields >known.txt 2>/dev/null
    grep -q $'\tvsock\.stream\t' known.txt
}
has_plugin with || fail 'tshark does not load the plugin'
if has_plugin without; then
    echo 'SKIPPED: plugin: it is installed for everybody, so there is no tshark without it' >&2
    [ "${CI:-}" != true ] || exit 1
    exit 77
fi

# install_plugin - make one more personal folder, "installed", in the way that a user does
install_plugin() {
    mkdir -p installed
    env -u XDG_CONFIG_HOME -u XDG_DATA_HOME HOME="$work/installed" "$top/scripts/install-plugin" \
        --build "$(dirname "$plugin")/.." --user "$(id -un)" >/dev/null
    chmod -R a+rX installed
}
