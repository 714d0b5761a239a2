/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_COMPAT_H
#define VSOCK_PLUGIN_COMPAT_H

/*
 * What differs between Wireshark 4.0, 4.2, 4.4 and 4.6. Nothing else in this directory
 * looks at the version.
 */

#include <stdbool.h>
#include <wireshark.h>

#include <epan/tap.h>
#include <stdbool.h>
#include <ws_version.h>

#define WIRESHARK_AT_LEAST(major, minor)      \
	(WIRESHARK_VERSION_MAJOR > (major) || \
	 (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* From 4.4 on, truth values are C's */
#if WIRESHARK_AT_LEAST(4, 4)
#include <wsutil/plugins.h>
typedef bool compat_bool;
#else
typedef gboolean compat_bool;
#endif

/* Functions that make a filter of a packet are given what they were registered with. */
#if WIRESHARK_AT_LEAST(4, 4)
#define FILTER_PARAMETERS packet_info *pinfo, void *user_data
#define FILTER_UNUSED     ((void)user_data)
#define compat_register_conversation_filter(proto, title, is_valid, make) \
	register_conversation_filter(proto, title, is_valid, make, NULL)
#else
#define FILTER_PARAMETERS packet_info *pinfo
#define FILTER_UNUSED
#define compat_register_conversation_filter register_conversation_filter
#endif

/* Functions that begin a statistic say whether they could. */
#if WIRESHARK_AT_LEAST(4, 6)
typedef bool statistic_status;
#define STATISTIC_STATUS(ok) return ok
#else
typedef void statistic_status;
#define STATISTIC_STATUS(ok) return
#endif

/* What parts a menu from a submenu in the title of a statistic */
#if WIRESHARK_AT_LEAST(4, 4)
#define SUBMENU "//"
#else
#define SUBMENU "/"
#endif

/* epan/sequence_analysis.h is not among the headers that distributions install. */
typedef struct register_analysis register_analysis_t;
WS_DLL_PUBLIC register_analysis_t *sequence_analysis_find_by_name(const char *name);
WS_DLL_PUBLIC tap_packet_cb
sequence_analysis_get_packet_func(register_analysis_t *analysis);
WS_DLL_PUBLIC unsigned int sequence_analysis_get_tap_flags(register_analysis_t *analysis);
WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name,
					 const int proto_id, const char *tap_listener,
					 unsigned int tap_flags, tap_packet_cb tap_func);

/* The last argument, how many streams there are, came with 4.4 (and a second one, for
 * streams within streams).
 */
#if WIRESHARK_AT_LEAST(4, 4)
#define COMPAT_REGISTER_FOLLOW(proto, tap, by_frame, by_index, by_address, port, \
			       on_packet, count)                                 \
	register_follow_stream(proto, tap, by_frame, by_index, by_address, port, \
			       on_packet, count, NULL)
#else
#define COMPAT_REGISTER_FOLLOW(proto, tap, by_frame, by_index, by_address, port, \
			       on_packet, count)                                 \
	((void)(count), register_follow_stream(proto, tap, by_frame, by_index,   \
					       by_address, port, on_packet))
#endif

#endif
