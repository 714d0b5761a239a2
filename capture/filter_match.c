/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Evaluates an expression.
 *
 * Theory of operation: of what is compiled to BPF, the evaluation gives the same answer
 * as the program does, whatever the packet: it goes from left to right, stops where the
 * answer is known, and where a program would be ended by a byte that is not there, the
 * answer is no. --where knows more: what is not there is unknown, and makes the one
 * primitive false that asks for it. So an answer is one of three.
 */

#include <string.h>

#include "filter_ast.h"
#include "filter_lexer.h"

enum answer {
	NO,
	YES,
	/** A byte is not there, or a division by zero */
	FAULT,
};

/* @address: the header whose addresses count; @virtio: the virtio header; each NULL where
 * there is none */
struct view {
	const struct filter_subject *subject;
	enum filter_kind kind;
	const uint8_t *data;
	size_t caplen;
	uint32_t wirelen;
	const uint8_t *address;
	const uint8_t *vsockmon;
	const uint8_t *virtio;
};

bool filter_calculate(uint64_t sign, uint32_t a, uint32_t b, uint32_t *result)
{
	switch (sign) {
	case TOKEN_PLUS:
		*result = a + b;
		return true;
	case TOKEN_MINUS:
		*result = a - b;
		return true;
	case TOKEN_TIMES:
		*result = a * b;
		return true;
	case TOKEN_DIVIDE:
		*result = b > 0 ? a / b : 0;
		return b > 0;
	case TOKEN_MODULO:
		*result = b > 0 ? a % b : 0;
		return b > 0;
	case TOKEN_BIT_AND:
		*result = a & b;
		return true;
	case TOKEN_BIT_OR:
		*result = a | b;
		return true;
	case TOKEN_BIT_XOR:
		*result = a ^ b;
		return true;
	case TOKEN_SHIFT_LEFT:
		*result = b < 32 ? a << b : 0;
		return true;
	default:
		*result = b < 32 ? a >> b : 0;
		return true;
	}
}

bool filter_related(enum filter_relation relation, uint64_t a, uint64_t b)
{
	switch (relation) {
	case RELATION_EQ:
		return a == b;
	case RELATION_NE:
		return a != b;
	case RELATION_LT:
		return a < b;
	case RELATION_LE:
		return a <= b;
	case RELATION_GT:
		return a > b;
	case RELATION_GE:
		break;
	}
	return a >= b;
}

static uint64_t load_little(const uint8_t *from, unsigned int bits)
{
	uint64_t value = 0;

	for (unsigned int i = bits / 8; i > 0; i--)
		value = value << 8 | from[i - 1];
	return value;
}

/* Addresses and type of what is no packet */
static bool other_value(const struct filter_subject *subject, enum filter_field_id field,
			uint64_t *value)
{
	const struct vsockhdr_finding *finding = subject->finding;
	const struct vsockhdr_flow *flow = subject->flow;
	const struct vsockhdr_addr *src;
	const struct vsockhdr_addr *dst;

	if (finding && finding->has_addresses) {
		src = &finding->src;
		dst = &finding->dst;
	} else if (!finding && flow) {
		src = &flow->address[VSOCKHDR_CLIENT];
		dst = &flow->address[VSOCKHDR_SERVER];
	} else {
		return false;
	}
	switch (field) {
	case FIELD_SRC_CID:
		*value = src->cid;
		return true;
	case FIELD_DST_CID:
		*value = dst->cid;
		return true;
	case FIELD_SRC_PORT:
		*value = src->port;
		return true;
	case FIELD_DST_PORT:
		*value = dst->port;
		return true;
	case FIELD_TYPE:
		*value = flow ? flow->type : 0;
		return !finding;
	default:
		return false;
	}
}

/* Return: it has a value */
static bool field_value(const struct view *view, enum filter_field_id field,
			uint64_t *value)
{
	const struct filter_field *info = &filter_fields[field];
	const uint8_t *from = NULL;

	if (info->layer == LAYER_TRACKER)
		return filter_subject_value(view->subject, field, value);
	if (!view->data)
		return other_value(view->subject, field, value);
	switch (info->layer) {
	case LAYER_RECORD:
		*value = view->wirelen;
		return true;
	case LAYER_ADDRESS:
		from = view->address;
		break;
	case LAYER_VSOCKMON:
		from = view->vsockmon;
		break;
	default:
		from = view->virtio;
		break;
	}
	if (!from)
		return false;
	*value = load_little(from + info->offset, info->bits);
	return true;
}

/* Return: NO where a field has no value, FAULT, or YES and *number */
static enum answer calculate(const struct view *view, const struct filter_node *node,
			     uint32_t *number);

static enum answer load_link(const struct view *view, const struct filter_node *node,
			     uint32_t *number)
{
	uint32_t offset = 0;
	enum answer answer = calculate(view, node->first, &offset);

	if (answer != YES)
		return answer;
	if (offset > FILTER_MAX_OFFSET || !view->data ||
	    offset + node->number > view->caplen)
		return FAULT;
	*number = 0;
	for (uint64_t i = 0; i < node->number; i++)
		*number = *number << 8 | view->data[offset + i];
	return YES;
}

static enum answer calculate_step(const struct view *view, const struct filter_node *node,
				  uint32_t *number)
{
	uint32_t left = 0;
	uint32_t right = 0;
	enum answer answer = calculate(view, node->first, &left);

	if (answer == YES)
		answer = calculate(view, node->last, &right);
	if (answer == YES && !filter_calculate(node->number, left, right, number))
		return FAULT;
	return answer;
}

static enum answer calculate(const struct view *view, const struct filter_node *node,
			     uint32_t *number)
{
	uint64_t value = 0;
	enum answer answer;

	switch (node->kind) {
	case NODE_NUMBER:
		*number = (uint32_t)node->number;
		return YES;
	case NODE_FIELD:
		if (!field_value(view, node->field, &value))
			return NO;
		*number = (uint32_t)value;
		return YES;
	case NODE_LINK:
		return load_link(view, node, number);
	case NODE_NEGATE:
		answer = calculate(view, node->first, number);
		*number = -*number;
		return answer;
	default:
		return calculate_step(view, node, number);
	}
}

/* Whether a field that the calculation needs has no value: then it is not begun */
static bool lacks_header(const struct view *view, const struct filter_node *node)
{
	return view->data && (node->uses & USES_VIRTIO) && !view->virtio;
}

static enum answer compare(const struct view *view, const struct filter_node *node)
{
	uint32_t left = 0;
	uint32_t right = 0;
	enum answer answer;

	if (lacks_header(view, node))
		return NO;
	answer = calculate(view, node->first, &left);
	if (answer == YES)
		answer = calculate(view, node->last, &right);
	if (answer != YES)
		return view->kind == FILTER_WHERE ? NO : answer;
	return filter_related(node->relation, left, right) ? YES : NO;
}

static enum answer evaluate(const struct view *view, const struct filter_node *node);

/* Children of which the first one that is not @neutral decides */
static enum answer evaluate_list(const struct view *view, const struct filter_node *node,
				 enum answer neutral)
{
	enum answer answer = neutral;

	for (const struct filter_node *child = node->first; child && answer == neutral;
	     child = child->next)
		answer = evaluate(view, child);
	return answer;
}

static enum answer evaluate(const struct view *view, const struct filter_node *node)
{
	uint64_t value = 0;
	enum answer answer;

	switch (node->kind) {
	case NODE_CONSTANT:
		return node->number ? YES : NO;
	case NODE_AND:
		return evaluate_list(view, node, YES);
	case NODE_OR:
		return evaluate_list(view, node, NO);
	case NODE_NOT:
		answer = evaluate(view, node->first);
		return answer == FAULT ? FAULT : answer == YES ? NO : YES;
	case NODE_TEST:
		return field_value(view, node->field, &value) &&
				       filter_set_has(&node->set, value & node->mask)
			       ? YES
			       : NO;
	case NODE_FINDING:
		return filter_subject_findings(view->subject) & node->mask ? YES : NO;
	default:
		return compare(view, node);
	}
}

/* Headers as they are captured. Return: false where the snap length has cut one that the
 * expression needs */
static bool look_at_headers(struct view *view, unsigned int uses)
{
	bool virtio;

	if (view->caplen < VSOCKHDR_MON_LEN)
		return !(uses & (USES_ADDRESS | USES_VIRTIO | USES_VSOCKMON));
	view->vsockmon = view->data;
	view->address = view->data;
	virtio = vsockhdr_mon_get_transport(view->data) == VSOCKHDR_TRANSPORT_VIRTIO &&
		 vsockhdr_mon_get_len(view->data) >= VSOCKHDR_HDR_LEN &&
		 view->wirelen >= VSOCKHDR_RECORD_HDRS_LEN;
	if (!virtio)
		return true;
	if (view->caplen < VSOCKHDR_RECORD_HDRS_LEN)
		return !(uses & (USES_ADDRESS | USES_VIRTIO));
	view->virtio = view->data + VSOCKHDR_MON_LEN;
	view->address = view->virtio;
	return true;
}

/* Headers as they are printed */
static void look_at_record(struct view *view, const struct vsockhdr_record *rec)
{
	if (rec->has_mon) {
		view->vsockmon = view->data;
		view->address = view->data;
	}
	if (rec->has_hdr) {
		view->virtio = view->data + VSOCKHDR_MON_LEN;
		view->address = view->virtio;
	}
}

bool filter_matches(const struct filter *filter, const struct filter_subject *subject)
{
	static const uint8_t no_bytes[1];
	const struct packet *pkt = subject->pkt;
	struct view view = { .subject = subject, .kind = filter->kind };

	if (pkt) {
		view.data = pkt->data ? pkt->data : no_bytes;
		view.caplen = pkt->caplen;
		view.wirelen = (uint32_t)pkt->wirelen;
		if (filter->kind == FILTER_WHERE)
			look_at_record(&view, &pkt->rec);
		else if (!look_at_headers(&view, filter->root->uses))
			return false;
	}
	return evaluate(&view, filter->root) == YES;
}
