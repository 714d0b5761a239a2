# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A guest that commits every fault that it can, one in each script of
# tests/vm/guest-scripts: each is found and the guest blamed, and nothing else is found.
# violations: on purpose
# time-limit: 180

# shellcheck source=tests/vm/guest-scripts/lib.sh
. /guest/scripts/lib.sh
play packet setup credit close message
