# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by the tests of the Wireshark plugin.

# complaints FILE - what tshark complained of on its standard error, which is in FILE. From
# 4.6 on, Wireshark's ssh dissector warns of key exchanges that it knows, which is not about
# vsock.
complaints() {
    grep -v -e '^$' -e '\[packet-ssh WARNING\]' "$1" || true
}
