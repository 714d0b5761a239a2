/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_AST_H
#define VSOCKDUMP_FILTER_AST_H

/*
 * What an expression is once it has been read: a tree, which both back ends walk.
 *
 * The parser brings everything down to few kinds of nodes. Each primitive and each
 * comparison of a field with constants becomes a test "the field's value is in this
 * set"; ends (src, dst) are spelled out; names have become numbers. What is left are
 * comparisons of two calculations.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "filter_set.h"

/** Deepest tree; whoever walks it may recurse */
#define FILTER_MAX_DEPTH 1000

/** Where link[...] can be, at the most: no record is so long, and what BPF machines do
 * beyond it differs */
#define FILTER_MAX_OFFSET 0x7ffffff0

/** enum filter_field_id - Everything that a value can be had of */
enum filter_field_id {
	FIELD_SRC_CID,
	FIELD_DST_CID,
	FIELD_SRC_PORT,
	FIELD_DST_PORT,
	FIELD_LEN,
	FIELD_TYPE,
	FIELD_OP,
	FIELD_FLAGS,
	FIELD_BUF_ALLOC,
	FIELD_FWD_CNT,
	FIELD_MON_OP,
	FIELD_TRANSPORT,
	FIELD_WIRELEN,
	/* What the tracker knows, from here on */
	FIELD_FLOW,
	FIELD_FRAME,
	FIELD_FINDING,
	FIELD_SEVERITY,
	FIELD_FAULT_CID,
	FIELD_FAULT_PORT,
	FIELD_FROM,
	FIELD_PEER_FREE,
	FIELD_IN_FLIGHT,
	FIELD_PEER_BUF_ALLOC,
	FIELD_SETUP,
	FIELD_SETUP_TIME,
	FIELD_STALL,
	FIELD_CLOSE,
	FIELD_CLOSED_BY,
	FIELD_DURATION,
	FIELD_FIRST_FRAME,
	FIELD_LAST_FRAME,
	FIELD_FINDINGS,
	FIELD_PACKETS,
	FIELD_CLIENT_PACKETS,
	FIELD_SERVER_PACKETS,
	FIELD_BYTES,
	FIELD_CLIENT_BYTES,
	FIELD_SERVER_BYTES,
	FIELD_MIN_FREE,
	FIELD_CLIENT_MIN_FREE,
	FIELD_SERVER_MIN_FREE,
	FIELD_CLIENT_STALL,
	FIELD_SERVER_STALL,
	FIELD_COUNT
};

/** enum filter_layer - What a record must have so that a field has a value */
enum filter_layer {
	/** A whole vsockmon header; offsets are those of either header */
	LAYER_ADDRESS,
	/** A virtio header; offsets are its */
	LAYER_VIRTIO,
	/** A whole vsockmon header; offsets are its */
	LAYER_VSOCKMON,
	/** Nothing */
	LAYER_RECORD,
	/** The tracker */
	LAYER_TRACKER,
};

/** enum filter_names - Which words a field's values have */
enum filter_names {
	NAMES_NONE,
	NAMES_CID,
	NAMES_PORT,
	NAMES_OP,
	NAMES_TYPE,
	NAMES_FLAG,
	NAMES_MON_OP,
	NAMES_TRANSPORT,
	NAMES_DURATION,
	NAMES_SETUP,
	NAMES_CLOSE,
	NAMES_SEVERITY,
	NAMES_END,
	NAMES_FINDING,
};

/**
 * struct filter_field - A field
 * @name:	Its word; NULL for a second end, which follows its first
 * @layer:	What it is a field of
 * @bits:	Its width: 16, 32 or 64
 * @offset:	Where it is in its header, little-endian, in bytes
 * @names:	Words for its values
 * @has_ends:	There is one of the sender and one of the receiver
 */
struct filter_field {
	const char *name;
	enum filter_layer layer;
	unsigned int bits;
	unsigned int offset;
	enum filter_names names;
	bool has_ends;
};

extern const struct filter_field filter_fields[FIELD_COUNT];

/** filter_field_max() - Largest value of a field */
static inline uint64_t filter_field_max(enum filter_field_id field)
{
	return UINT64_MAX >> (64 - filter_fields[field].bits);
}

/** What a node needs to know of a record, bits */
enum {
	USES_ADDRESS = 1 << LAYER_ADDRESS,
	USES_VIRTIO = 1 << LAYER_VIRTIO,
	USES_VSOCKMON = 1 << LAYER_VSOCKMON,
	USES_RECORD = 1 << LAYER_RECORD,
	USES_TRACKER = 1 << LAYER_TRACKER,
	/** A byte that is not there, or a division by zero, may end the evaluation */
	USES_FAULT = 1 << 5,
};

enum filter_node_kind {
	/** Conditions: a constant; children first to last; first alone */
	NODE_CONSTANT,
	NODE_AND,
	NODE_OR,
	NODE_NOT,
	/** (field & mask) is in set */
	NODE_TEST,
	/** Any of the findings in mask is there */
	NODE_FINDING,
	/** first is in relation to last */
	NODE_COMPARE,
	/** Calculations, modulo 2^32: a constant; a field; bytes at offset first;
	 * first alone; first and last */
	NODE_NUMBER,
	NODE_FIELD,
	NODE_LINK,
	NODE_NEGATE,
	NODE_CALCULATE,
};

/** enum filter_relation - How two numbers are compared */
enum filter_relation {
	RELATION_EQ,
	RELATION_NE,
	RELATION_LT,
	RELATION_LE,
	RELATION_GT,
	RELATION_GE,
};

/** enum filter_end - Which end of a connection a field is of */
enum filter_end {
	/** Any of the two: the tree has it only while it is built */
	END_EITHER,
	END_SRC,
	END_DST,
	/** Each of the two, likewise */
	END_BOTH,
};

/**
 * struct filter_node - A node of the tree
 * @kind:	What it is
 * @uses:	USES_ bits of it and all below it
 * @depth:	Levels below it
 * @slots:	Of a calculation or comparison: numbers that must be kept meanwhile
 * @next:	Next child of its parent
 * @prev:	Previous one
 * @first:	First child
 * @last:	Last child
 * @field:	Of NODE_TEST and NODE_FIELD
 * @end:	Of NODE_FIELD, while the tree is built
 * @mask:	Of NODE_TEST and NODE_FINDING
 * @set:	Of NODE_TEST
 * @relation:	Of NODE_COMPARE
 * @number:	Of NODE_NUMBER and NODE_CONSTANT; of NODE_LINK 1, 2 or 4: how many
 *		bytes; of NODE_CALCULATE the operator, enum filter_token_kind
 */
struct filter_node {
	enum filter_node_kind kind;
	unsigned int uses;
	unsigned int depth;
	unsigned int slots;
	struct filter_node *next;
	struct filter_node *prev;
	struct filter_node *first;
	struct filter_node *last;
	enum filter_field_id field;
	enum filter_end end;
	uint64_t mask;
	struct filter_set set;
	enum filter_relation relation;
	uint64_t number;
};

/**
 * struct filter - An expression
 * @kind:	What it may be about
 * @root:	The tree
 * @keeps:	filter_keeps_connections()
 * @memory:	Where all nodes are
 */
struct filter {
	enum filter_kind kind;
	struct filter_node *root;
	bool keeps;
	struct filter_arena memory;
};

/**
 * filter_calculate() - One step of a calculation, as BPF does it
 * @sign:	enum filter_token_kind
 * @a:		Left
 * @b:		Right
 * @result:	Where the result goes
 *
 * Return: false where @b is zero and divides
 */
bool filter_calculate(uint64_t sign, uint32_t a, uint32_t b, uint32_t *result);

/** filter_related() - Whether two numbers are in a relation */
bool filter_related(enum filter_relation relation, uint64_t a, uint64_t b);

/**
 * filter_subject_value() - What a subject says of a field of LAYER_TRACKER
 * @subject:	The subject
 * @field:	The field, not FIELD_FINDING
 * @value:	Where the value goes
 *
 * Return: it is known
 */
bool filter_subject_value(const struct filter_subject *subject,
			  enum filter_field_id field, uint64_t *value);

/** filter_subject_findings() - Which kinds of findings a subject has, bit by bit */
uint64_t filter_subject_findings(const struct filter_subject *subject);

#endif
