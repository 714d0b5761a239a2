/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_BUILD_H
#define VSOCKDUMP_FILTER_BUILD_H

/*
 * Makes the nodes of the tree. Each function returns NULL where there is no memory, and
 * where it is given NULL for a node.
 */

#include "filter_ast.h"

/** filter_build_number() - A constant of a calculation */
struct filter_node *filter_build_number(struct filter_arena *memory, uint64_t number);

/** filter_build_constant() - A condition that is always true, or never */
struct filter_node *filter_build_constant(struct filter_arena *memory, bool value);

/** filter_build_field() - A field in a calculation; @end tells which if it has ends */
struct filter_node *filter_build_field(struct filter_arena *memory,
				       enum filter_field_id field, enum filter_end end);

/** filter_build_link() - Some bytes of the record, in a calculation */
struct filter_node *filter_build_link(struct filter_arena *memory,
				      struct filter_node *offset, unsigned int size);

/** filter_build_negate() - Minus a number */
struct filter_node *filter_build_negate(struct filter_arena *memory,
					struct filter_node *node);

/**
 * filter_build_calculate() - Two numbers and an operator
 * @sign:	enum filter_token_kind; it does not divide by a constant zero
 */
struct filter_node *filter_build_calculate(struct filter_arena *memory, uint64_t sign,
					   struct filter_node *a, struct filter_node *b);

/**
 * filter_build_test() - That a field's value is in a set
 * @field:	The field; of one that has ends, the sender's
 * @end:	Which end, if it has ends
 * @mask:	Bits of the value that count
 * @set:	The set; copied
 */
struct filter_node *filter_build_test(struct filter_arena *memory,
				      enum filter_field_id field, enum filter_end end,
				      uint64_t mask, const struct filter_set *set);

/** filter_build_findings() - That one of some kinds of findings is there */
struct filter_node *filter_build_findings(struct filter_arena *memory, uint64_t kinds);

/** filter_build_not() - That something is not so */
struct filter_node *filter_build_not(struct filter_arena *memory,
				     struct filter_node *node);

/** filter_build_join() - Conditions joined; @kind is NODE_AND or NODE_OR */
struct filter_node *filter_build_join(struct filter_arena *memory,
				      enum filter_node_kind kind, struct filter_node *a,
				      struct filter_node *b);

/**
 * filter_build_compare() - That two numbers are in a relation
 * @keeps:	Set to whether all packets of a connection give the same answer
 */
struct filter_node *filter_build_compare(struct filter_arena *memory,
					 enum filter_relation relation,
					 struct filter_node *a, struct filter_node *b,
					 bool *keeps);

/** filter_build_relation() - Adds the numbers up to @max that are in a relation to
 * another one to a set; false where there is no memory */
bool filter_build_relation(struct filter_arena *memory, struct filter_set *set,
			   enum filter_relation relation, uint64_t number, uint64_t max);

/** filter_build_mirror() - The relation with its sides exchanged */
enum filter_relation filter_build_mirror(enum filter_relation relation);

/** filter_build_finish() - Puts all sets in order: the tree is complete */
void filter_build_finish(struct filter_node *node);

#endif
