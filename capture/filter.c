/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is asked of an expression besides its answers.
 */

#include "filter.h"

#include <stdlib.h>

#include "filter_ast.h"

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	filter_arena_free(&filter->memory);
	free(filter);
}

bool filter_keeps_connections(const struct filter *filter)
{
	return filter->keeps;
}

bool filter_does_with_headers(const struct filter *filter)
{
	return !(filter->root->uses & USES_FAULT);
}

void filter_print_program(const struct bpf_program *program, int style)
{
	bpf_dump(program, style);
}
