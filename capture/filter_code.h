/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKDUMP_FILTER_CODE_H
#define VSOCKDUMP_FILTER_CODE_H

/*
 * BPF instructions, written from the last one to the first: all jumps go forward, so
 * that whoever writes a jump knows where it goes to.
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An instruction that has been written, or one of the next two */
typedef size_t filter_label;

/** The end of a program that takes the packet, and of one that does not */
#define LABEL_ACCEPT ((filter_label)SIZE_MAX)
#define LABEL_REJECT ((filter_label)SIZE_MAX - 1)

/** What a program returns that takes a packet: all of it */
#define FILTER_ACCEPT 262144

/**
 * struct filter_code - A program being written; all zero is none yet
 * @insn:	Its instructions, the last one first
 * @count:	How many
 * @room:	How many @insn has room for
 * @accept:	The "ret" that takes a packet, plus one
 * @reject:	The one that does not, plus one
 * @failed:	There is no memory, or there are too many
 */
struct filter_code {
	struct bpf_insn *insn;
	size_t count;
	size_t room;
	size_t accept;
	size_t reject;
	bool failed;
};

/** filter_code_need_reject() - Write the end that does not take a packet now, at the
 * latest: what follows is a calculation that may have to go there */
void filter_code_need_reject(struct filter_code *code);

/** filter_code_step() - Write an instruction that @next follows; returns its label */
filter_label filter_code_step(struct filter_code *code, unsigned int opcode, uint32_t k,
			      filter_label next);

/** filter_code_jump() - Write a conditional jump, unless both ways are the same */
filter_label filter_code_jump(struct filter_code *code, unsigned int opcode, uint32_t k,
			      filter_label yes, filter_label no);

/**
 * filter_code_finish() - Put the program in order
 * @code:	The program; its memory goes to @program, or is freed
 * @entry:	Where it begins
 * @program:	Where it goes
 *
 * Return: false where it failed
 */
bool filter_code_finish(struct filter_code *code, filter_label entry,
			struct bpf_program *program);

#endif
