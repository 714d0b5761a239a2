/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_VSOCKHDR_H
#define VSOCKHDR_VSOCKHDR_H

/*
 * libvsockhdr: the whole of it. Decoding, encoding and naming need nothing but libc,
 * allocate nothing and keep no state, so every function may be called from any thread
 * at any time.
 */

#include <vsockhdr/addr.h>
#include <vsockhdr/api.h>
#include <vsockhdr/chain.h>
#include <vsockhdr/error.h>
#include <vsockhdr/event.h>
#include <vsockhdr/finding.h>
#include <vsockhdr/hdr.h>
#include <vsockhdr/host.h>
#include <vsockhdr/names.h>
#include <vsockhdr/record.h>
#include <vsockhdr/tracker.h>

#endif
