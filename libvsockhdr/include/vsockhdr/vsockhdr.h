/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_VSOCKHDR_H
#define VSOCKHDR_VSOCKHDR_H

/*
 * libvsockhdr: the whole of it. Decoding, encoding and naming need nothing but libc,
 * allocate nothing and keep no state, so every function may be called from any thread
 * at any time.
 *
 * Data is never wrong to give: whatever may come from a guest, a file or a person has an
 * error code, or is carried as it is. What follows is for the caller to see to, and
 * calling otherwise is undefined. A build of the library with assertions
 * (CMAKE_BUILD_TYPE=Debug) ends the program with SIGABRT where it can tell.
 *
 * - Pointers are not NULL, unless it is said that they may be; where there are 0 bytes, 0
 *   fragments or 0 room at them, they may be.
 * - So many bytes as are said to be there are there, also if somebody else changes them
 * at the same time.
 * - A struct that a function reads is whole: made by the function that is there to make
 * it, which has said VSOCKHDR_OK, or with every member set. A vsockhdr_packet is one of
 * the two parsers', its fragments are still there, and only its hdr is for others to
 * change.
 * - A tracker is given frames in the order of their numbers, which grow, and is not
 * called by the functions that it calls.
 * - A tracker's time limits are not negative.
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
