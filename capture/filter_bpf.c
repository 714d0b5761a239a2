/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The BPF back end.
 *
 * Theory of operation: what a primitive looks at depends on whether the record has a
 * virtio header. That is decided once, at the beginning, and the expression is compiled
 * twice: once for records that have one, once for those that have none. In the second
 * program all that asks about that header is known to be false, so that little or
 * nothing is left of it. Where nothing is, the first one is told apart with fewer
 * instructions.
 *
 *	is it virtio, and long enough?     no: to the second program
 *	is the header captured?            no: reject
 *	first program
 *	second program
 *
 * Conditions become jumps, without values: each part is given the places to go on at, if
 * it is true and if it is false. Calculations go from left to right through A; what is
 * waiting for its right side lies in the scratch memory.
 */

#include "filter_bpf.h"

#include <glib.h>

#include "filter_lexer.h"

/* Bytes of the vsockmon header as the program sees them: big-endian */
#define MON_TRANSPORT 26
#define LAST_MON_BYTE (VSOCKHDR_MON_LEN - 1)
#define LAST_HDR_BYTE (VSOCKHDR_RECORD_HDRS_LEN - 1)

/* transport and len in one word: transport is 2; from where on the low byte of len is
 * large enough; where the next transport begins; the high byte of len */
#define VIRTIO_BEGIN UINT32_C(0x02000000)
#define VIRTIO_LONG  (VIRTIO_BEGIN | VSOCKHDR_HDR_LEN << 8)
#define VIRTIO_END   UINT32_C(0x02010000)
#define LEN_HIGH     UINT32_C(0xff)

struct filter_window filter_bpf_window(const struct filter_compiler *compiler,
				       enum filter_field_id field)
{
	const struct filter_field *info = &filter_fields[field];
	struct filter_window window = { info->offset, info->bits / 8 };

	if (info->layer == LAYER_VIRTIO ||
	    (info->layer == LAYER_ADDRESS && compiler->virtio))
		window.offset += VSOCKHDR_MON_LEN;
	return window;
}

static filter_label calculate(struct filter_compiler *compiler,
			      const struct filter_node *node, unsigned int slot,
			      filter_label next);

/* The bytes at an offset that is in A; one that is no record's ends the program */
static filter_label load_computed(struct filter_compiler *compiler, unsigned int size,
				  filter_label next)
{
	struct filter_code *code = &compiler->code;

	next = filter_code_step(code, BPF_LD | BPF_IND | size, 0, next);
	next = filter_code_step(code, BPF_MISC | BPF_TAX, 0, next);
	return filter_code_jump(code, BPF_JGT | BPF_K, FILTER_MAX_OFFSET, LABEL_REJECT,
				next);
}

static filter_label load_link(struct filter_compiler *compiler,
			      const struct filter_node *node, unsigned int slot,
			      filter_label next)
{
	const struct filter_node *offset = node->first;
	unsigned int size = node->number == 4 ? BPF_W : node->number == 2 ? BPF_H : BPF_B;

	if (offset->kind != NODE_NUMBER)
		return calculate(compiler, offset, slot,
				 load_computed(compiler, size, next));
	return filter_code_step(&compiler->code, BPF_LD | BPF_ABS | size,
				(uint32_t)offset->number, next);
}

static unsigned int opcode_of(uint64_t sign)
{
	static const unsigned int opcodes[TOKEN_OTHER] = {
		[TOKEN_PLUS] = BPF_ADD,       [TOKEN_MINUS] = BPF_SUB,
		[TOKEN_TIMES] = BPF_MUL,      [TOKEN_DIVIDE] = BPF_DIV,
		[TOKEN_MODULO] = BPF_MOD,     [TOKEN_BIT_AND] = BPF_AND,
		[TOKEN_BIT_OR] = BPF_OR,      [TOKEN_BIT_XOR] = BPF_XOR,
		[TOKEN_SHIFT_LEFT] = BPF_LSH, [TOKEN_SHIFT_RIGHT] = BPF_RSH,
	};

	return BPF_ALU | opcodes[sign];
}

static bool is_shift(uint64_t sign)
{
	return sign == TOKEN_SHIFT_LEFT || sign == TOKEN_SHIFT_RIGHT;
}

/* A operator constant. What is shifted out is zero; the kernel would not have it. */
static filter_label step_constant(struct filter_compiler *compiler, uint64_t sign,
				  uint32_t number, filter_label next)
{
	if (is_shift(sign) && number >= 32)
		return filter_code_step(&compiler->code, BPF_LD | BPF_IMM, 0, next);
	return filter_code_step(&compiler->code, opcode_of(sign) | BPF_K, number, next);
}

/* M[slot] operator A. Shifts by a number that is too large differ between machines. */
static filter_label step_computed(struct filter_compiler *compiler, uint64_t sign,
				  unsigned int slot, filter_label next)
{
	struct filter_code *code = &compiler->code;
	filter_label zero = next;

	if (is_shift(sign))
		zero = filter_code_step(code, BPF_LD | BPF_IMM, 0, next);
	next = filter_code_step(code, opcode_of(sign) | BPF_X, 0, next);
	next = filter_code_step(code, BPF_LD | BPF_MEM, slot, next);
	next = filter_code_step(code, BPF_MISC | BPF_TAX, 0, next);
	if (is_shift(sign))
		next = filter_code_jump(code, BPF_JGE | BPF_K, 32, zero, next);
	return next;
}

/* The number of a node into A; slots from the given one on may be used */
static filter_label calculate(struct filter_compiler *compiler,
			      const struct filter_node *node, unsigned int slot,
			      filter_label next)
{
	struct filter_code *code = &compiler->code;

	switch (node->kind) {
	case NODE_NUMBER:
		return filter_code_step(code, BPF_LD | BPF_IMM, (uint32_t)node->number,
					next);
	case NODE_FIELD:
		if (node->field == FIELD_WIRELEN)
			return filter_code_step(code, BPF_LD | BPF_W | BPF_LEN, 0, next);
		return filter_bpf_load(compiler, filter_bpf_window(compiler, node->field),
				       next);
	case NODE_LINK:
		return load_link(compiler, node, slot, next);
	case NODE_NEGATE:
		return calculate(compiler, node->first, slot,
				 filter_code_step(code, BPF_ALU | BPF_NEG, 0, next));
	default:
		break;
	}
	if (node->last->kind == NODE_NUMBER)
		return calculate(compiler, node->first, slot,
				 step_constant(compiler, node->number,
					       (uint32_t)node->last->number, next));
	next = step_computed(compiler, node->number, slot, next);
	next = calculate(compiler, node->last, slot + 1, next);
	next = filter_code_step(code, BPF_ST, slot, next);
	return calculate(compiler, node->first, slot, next);
}

static filter_label relate(struct filter_code *code, enum filter_relation relation,
			   unsigned int source, uint32_t k, filter_label yes,
			   filter_label no)
{
	switch (relation) {
	case RELATION_EQ:
		return filter_code_jump(code, BPF_JEQ | source, k, yes, no);
	case RELATION_NE:
		return filter_code_jump(code, BPF_JEQ | source, k, no, yes);
	case RELATION_GT:
		return filter_code_jump(code, BPF_JGT | source, k, yes, no);
	case RELATION_LE:
		return filter_code_jump(code, BPF_JGT | source, k, no, yes);
	case RELATION_LT:
		return filter_code_jump(code, BPF_JGE | source, k, no, yes);
	case RELATION_GE:
		break;
	}
	return filter_code_jump(code, BPF_JGE | source, k, yes, no);
}

static filter_label compare(struct filter_compiler *compiler,
			    const struct filter_node *node, filter_label yes,
			    filter_label no)
{
	struct filter_code *code = &compiler->code;
	filter_label next;

	if ((node->uses & USES_VIRTIO) && !compiler->virtio)
		return no;
	if (node->last->kind == NODE_NUMBER)
		return calculate(compiler, node->first, 0,
				 relate(code, node->relation, BPF_K,
					(uint32_t)node->last->number, yes, no));
	next = relate(code, node->relation, BPF_X, 0, yes, no);
	next = filter_code_step(code, BPF_LD | BPF_MEM, 0, next);
	next = filter_code_step(code, BPF_MISC | BPF_TAX, 0, next);
	next = calculate(compiler, node->last, 1, next);
	next = filter_code_step(code, BPF_ST, 0, next);
	return calculate(compiler, node->first, 0, next);
}

static filter_label test(struct filter_compiler *compiler, const struct filter_node *node,
			 filter_label yes, filter_label no)
{
	if ((node->uses & USES_VIRTIO) && !compiler->virtio)
		return no;
	if (yes == no)
		return yes;
	if (node->field == FIELD_TRANSPORT && compiler->virtio)
		return filter_set_has(&node->set, VSOCKHDR_TRANSPORT_VIRTIO & node->mask)
			       ? yes
			       : no;
	return filter_bpf_test(compiler, node, yes, no);
}

static bool is_one_value(const struct filter_node *node, enum filter_field_id field)
{
	return node && node->kind == NODE_TEST && node->field == field &&
	       node->mask == filter_field_max(field) && node->set.count == 1 &&
	       node->set.range[0].lo == node->set.range[0].hi;
}

/* A type and an op lie side by side: one load, one jump. NULL where it is not about
 * them */
static const struct filter_node *type_beside_op(const struct filter_node *node)
{
	if (is_one_value(node, FIELD_TYPE) && is_one_value(node->prev, FIELD_OP))
		return node;
	if (is_one_value(node, FIELD_OP) && is_one_value(node->prev, FIELD_TYPE))
		return node->prev;
	return NULL;
}

static filter_label test_type_and_op(struct filter_compiler *compiler, uint64_t type,
				     uint64_t op, filter_label yes, filter_label no)
{
	struct filter_window window = filter_bpf_window(compiler, FIELD_TYPE);

	yes = filter_code_jump(&compiler->code, BPF_JEQ | BPF_K,
			       GUINT32_SWAP_LE_BE((uint32_t)(type | op << 16)), yes, no);
	return filter_code_step(&compiler->code, BPF_LD | BPF_W | BPF_ABS, window.offset,
				yes);
}

static filter_label compile(struct filter_compiler *compiler,
			    const struct filter_node *node, filter_label yes,
			    filter_label no);

static filter_label compile_list(struct filter_compiler *compiler,
				 const struct filter_node *list, filter_label yes,
				 filter_label no)
{
	bool all = list->kind == NODE_AND;
	filter_label next = all ? yes : no;

	for (const struct filter_node *node = list->last; node; node = node->prev) {
		const struct filter_node *type = all ? type_beside_op(node) : NULL;

		if (type && compiler->virtio && next != no) {
			const struct filter_node *op = type == node ? node->prev : node;

			next = test_type_and_op(compiler, type->set.range[0].lo,
						op->set.range[0].lo, next, no);
			node = node->prev;
		} else if (all) {
			next = compile(compiler, node, next, no);
		} else {
			next = compile(compiler, node, yes, next);
		}
	}
	return next;
}

static filter_label compile(struct filter_compiler *compiler,
			    const struct filter_node *node, filter_label yes,
			    filter_label no)
{
	switch (node->kind) {
	case NODE_CONSTANT:
		return node->number ? yes : no;
	case NODE_AND:
	case NODE_OR:
		return compile_list(compiler, node, yes, no);
	case NODE_NOT:
		return compile(compiler, node->first, no, yes);
	case NODE_TEST:
		return test(compiler, node, yes, no);
	default:
		return compare(compiler, node, yes, no);
	}
}

/* What tells the two kinds of records apart. Where the one without a virtio header is
 * rejected anyway, whether it is too short need not be known. */
static filter_label tell_apart(struct filter_code *code, filter_label virtio,
			       filter_label none)
{
	filter_label next =
		filter_code_step(code, BPF_LD | BPF_B | BPF_ABS, LAST_HDR_BYTE, virtio);
	filter_label low;

	if (none != LABEL_REJECT) {
		next = filter_code_jump(code, BPF_JGE | BPF_K, VSOCKHDR_RECORD_HDRS_LEN,
					next, none);
		next = filter_code_step(code, BPF_LD | BPF_W | BPF_LEN, 0, next);
	}
	low = filter_code_jump(code, BPF_JSET | BPF_K, LEN_HIGH, next, none);
	low = filter_code_jump(code, BPF_JGE | BPF_K, VIRTIO_BEGIN, low, none);
	next = filter_code_jump(code, BPF_JGE | BPF_K, VIRTIO_LONG, next, low);
	next = filter_code_jump(code, BPF_JGE | BPF_K, VIRTIO_END, none, next);
	return filter_code_step(code, BPF_LD | BPF_W | BPF_ABS, MON_TRANSPORT, next);
}

/* That a byte is captured */
static filter_label need_byte(struct filter_code *code, uint32_t offset,
			      filter_label next)
{
	if (next == LABEL_REJECT)
		return next;
	return filter_code_step(code, BPF_LD | BPF_B | BPF_ABS, offset, next);
}

static filter_label compile_all(struct filter_compiler *compiler,
				const struct filter_node *root)
{
	filter_label virtio;
	filter_label none;

	if (root->uses & USES_FAULT)
		filter_code_need_reject(&compiler->code);
	none = compile(compiler, root, LABEL_ACCEPT, LABEL_REJECT);
	if (root->uses & (USES_ADDRESS | USES_VIRTIO | USES_VSOCKMON))
		none = need_byte(&compiler->code, LAST_MON_BYTE, none);
	if (!(root->uses & (USES_ADDRESS | USES_VIRTIO)))
		return none;
	compiler->virtio = true;
	virtio = compile(compiler, root, LABEL_ACCEPT, LABEL_REJECT);
	if (virtio == LABEL_REJECT && none == LABEL_REJECT)
		return LABEL_REJECT;
	return tell_apart(&compiler->code, virtio, none);
}

bool filter_compile(const struct filter *filter, struct bpf_program *program)
{
	struct filter_compiler compiler = { 0 };
	filter_label entry;

	/* No program knows what the tracker knows. */
	if (filter->root->uses & USES_TRACKER)
		return false;
	entry = compile_all(&compiler, filter->root);
	filter_arena_free(&compiler.memory);
	return filter_code_finish(&compiler.code, entry, program);
}
