/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_FINDING_H
#define VSOCKHDR_FINDING_H

/*
 * Findings: what the tracker (tracker.h) sees go wrong, each with the end at fault, the
 * packet it is about, the figures and the clause of the specification.
 * docs/findings.md explains them one by one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vsockhdr/addr.h>

VSOCKHDR_BEGIN_DECLS

/** enum vsockhdr_severity - How bad a finding is */
enum vsockhdr_severity {
	/** Worth seeing */
	VSOCKHDR_NOTE = 0,
	/** Data lost, a stall or a hang */
	VSOCKHDR_WARNING = 1,
	/** An end did what the specification rules out, or left undone what it requires
	 */
	VSOCKHDR_VIOLATION = 2
};

/**
 * enum vsockhdr_finding_id - Which finding
 *
 * vsockhdr_finding_info() has the identifier (credit.overrun) and the texts. The
 * numbers are part of the ABI: they are only ever added to.
 */
enum vsockhdr_finding_id {
	VSOCKHDR_HDR_TRUNCATED,
	VSOCKHDR_HDR_MON_MISMATCH,
	VSOCKHDR_HDR_BAD_OP,
	VSOCKHDR_HDR_BAD_TYPE,
	VSOCKHDR_HDR_CID_HIGH_BITS,
	VSOCKHDR_HDR_RESERVED_CID,
	VSOCKHDR_HDR_UNKNOWN_FLAGS,
	VSOCKHDR_HDR_LEN_MISMATCH,
	VSOCKHDR_HDR_LEN_ON_CONTROL,
	VSOCKHDR_HDR_OVERSIZE,
	VSOCKHDR_CONN_REFUSED,
	VSOCKHDR_CONN_UNANSWERED,
	VSOCKHDR_CONN_DUPLICATE_REQUEST,
	VSOCKHDR_CONN_SHARED_PAIR,
	VSOCKHDR_CONN_TUPLE_REUSE,
	VSOCKHDR_CONN_UNEXPECTED_RESPONSE,
	VSOCKHDR_CONN_TYPE_CHANGE,
	VSOCKHDR_CONN_NO_CONNECTION,
	VSOCKHDR_CREDIT_OVERRUN,
	VSOCKHDR_CREDIT_FWD_CNT_AHEAD,
	VSOCKHDR_CREDIT_FWD_CNT_REGRESS,
	VSOCKHDR_CREDIT_REQUEST_UNANSWERED,
	VSOCKHDR_CREDIT_STALL,
	VSOCKHDR_CREDIT_STARVED,
	VSOCKHDR_CREDIT_SHRUNK,
	VSOCKHDR_CREDIT_ZERO_WINDOW,
	VSOCKHDR_CLOSE_RW_AFTER_SHUTDOWN,
	VSOCKHDR_CLOSE_RW_TO_CLOSED,
	VSOCKHDR_CLOSE_NO_RST,
	VSOCKHDR_CLOSE_HALF_OPEN,
	VSOCKHDR_CLOSE_RESET,
	VSOCKHDR_CLOSE_RST_REPLY_TO_RST,
	VSOCKHDR_CLOSE_STALE_RST,
	VSOCKHDR_CLOSE_AFTER_RST,
	VSOCKHDR_SEQ_EOM_MISSING,
	VSOCKHDR_SEQ_EOR_WITHOUT_EOM,
	VSOCKHDR_SEQ_FLAGS_ON_STREAM,
	VSOCKHDR_SEQ_MESSAGE_TOO_BIG,
	/** How many there are */
	VSOCKHDR_FINDING_COUNT
};

/** "No flow": flows are numbered from 0 */
#define VSOCKHDR_NO_FLOW UINT64_MAX

/** Most figures that a finding has */
#define VSOCKHDR_MAX_FIGURES 4

/**
 * struct vsockhdr_figure - A number that belongs to a finding
 * @name:	What it is: a static string, lower case with underscores; a name that
 *		ends in _ns is nanoseconds, others are bytes, counts or field values
 * @value:	The number
 */
struct vsockhdr_figure {
	const char *name;
	uint64_t value;
};

/**
 * struct vsockhdr_finding - One finding
 * @id:		Which
 * @severity:	That of its kind, or lower where it may be an artefact
 * @frame:	The packet that it is about; where something is missing, the packet
 *		that went unanswered
 * @time_ns:	That packet's time stamp
 * @flow:	Its flow, or VSOCKHDR_NO_FLOW
 * @src:	That packet's sender; valid if @has_addresses
 * @dst:	That packet's receiver, likewise
 * @has_addresses:	That packet named its ends
 * @fault:	The end at fault; valid if @has_fault
 * @has_fault:	It is known which end is at fault
 * @capture_loss:	The capture itself lost packets, and that may be all that there is
 *		to it: @severity is then VSOCKHDR_NOTE
 * @figures:	How many @figure are set
 * @figure:	Numbers that the message is made of
 */
struct vsockhdr_finding {
	enum vsockhdr_finding_id id;
	enum vsockhdr_severity severity;
	uint64_t frame;
	int64_t time_ns;
	uint64_t flow;
	struct vsockhdr_addr src;
	struct vsockhdr_addr dst;
	bool has_addresses;
	struct vsockhdr_addr fault;
	bool has_fault;
	bool capture_loss;
	unsigned int figures;
	struct vsockhdr_figure figure[VSOCKHDR_MAX_FIGURES];
};

/**
 * struct vsockhdr_finding_info - What is true of every finding of a kind
 * @name:	Identifier, such as "credit.overrun"
 * @severity:	How bad it is, unless a finding says less
 * @spec:	Clause of the virtio specification 1.3, such as "5.10.6.3"
 * @summary:	One sentence: what it says
 * @causes:	One or two sentences: what usually causes it
 * @next:	One or two sentences: what to look at next
 */
struct vsockhdr_finding_info {
	const char *name;
	enum vsockhdr_severity severity;
	const char *spec;
	const char *summary;
	const char *causes;
	const char *next;
};

/**
 * vsockhdr_finding_info() - About a kind of finding
 * @id:		Which
 *
 * Return: static; NULL where there is no such finding
 */
VSOCKHDR_API const struct vsockhdr_finding_info *
vsockhdr_finding_info(enum vsockhdr_finding_id id);

/** vsockhdr_finding_parse() - Kind of an identifier; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_finding_parse(const char *name, enum vsockhdr_finding_id *id);

/** vsockhdr_severity_name() - note, warning or violation; NULL for other numbers */
VSOCKHDR_API const char *vsockhdr_severity_name(enum vsockhdr_severity severity);

/** vsockhdr_severity_parse() - Severity of a name; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_severity_parse(const char *name,
					 enum vsockhdr_severity *severity);

/** Bytes that any finding's message takes, its final NUL among them */
#define VSOCKHDR_MESSAGE_LEN 512

/**
 * vsockhdr_finding_message() - A finding as a sentence that says which end is at fault
 * @buf:	Where the text goes; always ended by NUL unless @size is 0
 * @size:	Bytes at @buf; VSOCKHDR_MESSAGE_LEN is always enough
 * @finding:	The finding
 *
 * The sentence is for a person who does not know the protocol.
 *
 * Return: length of the whole text without its NUL, as snprintf() does
 */
VSOCKHDR_API size_t vsockhdr_finding_message(char *buf, size_t size,
					     const struct vsockhdr_finding *finding);

VSOCKHDR_END_DECLS

#endif
