# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# A guest that does nothing wrong, as tests/vm/guest-scripts/correct tell it: no warning
# and no violation, of neither end.

# shellcheck source=tests/vm/guest-scripts/lib.sh
. /guest/scripts/lib.sh
# However long it takes, nobody is late.
play connect=600,close=600,stall=600,request=600 correct
