/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_BPF_H
#define VSOCKDUMP_FILTER_BPF_H

/*
 * What the two halves of the BPF back end share: filter_bpf.c compiles conditions and
 * calculations, filter_bpf_set.c tests of a field against a set.
 */

#include "filter_ast.h"
#include "filter_code.h"

/**
 * struct filter_compiler - A compilation
 * @code:	The program so far
 * @memory:	What it takes meanwhile
 * @virtio:	The record has a virtio header, in this part of the program
 */
struct filter_compiler {
	struct filter_code code;
	struct filter_arena memory;
	bool virtio;
};

/** struct filter_window - Little-endian bytes of a record, 1 to 8 */
struct filter_window {
	unsigned int offset;
	unsigned int bytes;
};

/** filter_bpf_window() - Where a field is in the record */
struct filter_window filter_bpf_window(const struct filter_compiler *compiler,
				       enum filter_field_id field);

/** filter_bpf_load() - Put a value of up to 4 bytes into A */
filter_label filter_bpf_load(struct filter_compiler *compiler,
			     struct filter_window window, filter_label next);

/** filter_bpf_test() - Test whether a field's value is in a set */
filter_label filter_bpf_test(struct filter_compiler *compiler,
			     const struct filter_node *node, filter_label yes,
			     filter_label no);

#endif
