/* SPDX-License-Identifier: BSD-2-Clause */

#include "filter_code.h"

#include <stdlib.h>

#include "filter.h"

/* How far a conditional jump reaches (255), less what may be written between the time
 * its targets are looked at and the time it is written */
#define REACH 250

static filter_label put(struct filter_code *code, struct bpf_insn insn)
{
	if (code->count == code->room) {
		size_t room = code->room > 0 ? code->room * 2 : 64;
		struct bpf_insn *more = NULL;

		if (code->count < FILTER_MAX_INSTRUCTIONS)
			more = realloc(code->insn, room * sizeof(*more));
		if (!more) {
			code->failed = true;
			return 0;
		}
		code->insn = more;
		code->room = room;
	}
	code->insn[code->count] = insn;
	return code->count++;
}

static struct bpf_insn make(unsigned int opcode, uint32_t k)
{
	return (struct bpf_insn) { .code = (u_short)opcode, .k = k };
}

/* How many instructions lie between the next one to be written and another one */
static size_t distance(const struct filter_code *code, filter_label label)
{
	return code->count - label - 1;
}

/* A label within so many instructions from here: the one given, or a "ja" that does as
 * well. It is not a second "ret": the kernel, which checks that scratch memory is written
 * before it is read, takes what is behind a "ret" for what follows it. */
static filter_label within(struct filter_code *code, filter_label label, size_t reach)
{
	if (label == LABEL_ACCEPT || label == LABEL_REJECT) {
		bool accept = label == LABEL_ACCEPT;
		size_t *ret = accept ? &code->accept : &code->reject;

		if (*ret == 0)
			*ret = put(code,
				   make(BPF_RET | BPF_K, accept ? FILTER_ACCEPT : 0)) +
			       1;
		label = *ret - 1;
	}
	if (distance(code, label) > reach)
		return put(code, make(BPF_JMP | BPF_JA, (uint32_t)distance(code, label)));
	return label;
}

void filter_code_need_reject(struct filter_code *code)
{
	within(code, LABEL_REJECT, SIZE_MAX);
}

filter_label filter_code_step(struct filter_code *code, unsigned int opcode, uint32_t k,
			      filter_label next)
{
	if (code->failed)
		return 0;
	within(code, next, 0);
	return put(code, make(opcode, k));
}

filter_label filter_code_jump(struct filter_code *code, unsigned int opcode, uint32_t k,
			      filter_label yes, filter_label no)
{
	struct bpf_insn insn = make(BPF_JMP | opcode, k);

	if (yes == no || code->failed)
		return yes;
	yes = within(code, yes, REACH);
	no = within(code, no, REACH);
	insn.jt = (u_char)distance(code, yes);
	insn.jf = (u_char)distance(code, no);
	return put(code, insn);
}

bool filter_code_finish(struct filter_code *code, filter_label entry,
			struct bpf_program *program)
{
	if (!code->failed)
		within(code, entry, 0);
	if (code->failed || code->count > FILTER_MAX_INSTRUCTIONS) {
		free(code->insn);
		return false;
	}
	for (size_t i = 0; i < code->count / 2; i++) {
		struct bpf_insn insn = code->insn[i];

		code->insn[i] = code->insn[code->count - 1 - i];
		code->insn[code->count - 1 - i] = insn;
	}
	program->bf_len = (u_int)code->count;
	program->bf_insns = code->insn;
	return true;
}
