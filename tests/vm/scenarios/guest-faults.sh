# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A guest that commits every fault that it can, one in each script of
# tests/vm/guest-scripts: each is found and the guest blamed, and nothing else is found.
# violations: on purpose

# shellcheck source=tests/vm/guest-scripts/lib.sh
. /guest/scripts/lib.sh
# These limits lie in the midst between what comes at once and what comes late.
play connect=2,close=4,stall=4,request=4 packet setup credit close message
