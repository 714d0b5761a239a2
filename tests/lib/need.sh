# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Sourced by tests that stand on a program of the system.

# need PART PROGRAM PACKAGE - leave the test, by name and loudly, where the program is
# missing: skipped (ctest's SKIP_RETURN_CODE 77), or failed in continuous integration
need() {
    command -v "$2" >/dev/null && return 0
    echo "SKIPPED: $1: no $2 (Debian package $3)" >&2
    [ "${CI:-}" != true ] || exit 1
    exit 77
}
