# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A guest that does nothing wrong, as tests/vm/guest-scripts/correct tell it: no warning
# and no violation, of neither end.
# time-limit: 120

# shellcheck source=tests/vm/guest-scripts/lib.sh
. /guest/scripts/lib.sh
play correct
