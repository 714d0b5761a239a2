/* SPDX-License-Identifier: BSD-2-Clause */

#include "text_story.h"

#include "address.h"
#include "duration.h"
#include "output.h"

static char *put_setup(char *p, const struct vsockhdr_told *told)
{
	if (told->ended && told->close == VSOCKHDR_CLOSE_REFUSED)
		p = put_literal(p, " [refused ");
	else
		p = put_literal(p, " [setup ");
	p = put_duration(p, told->setup_ns);
	*p++ = ']';
	return p;
}

static char *put_credit(char *p, const struct vsockhdr_told *told)
{
	const char *separator = "";

	p = put_literal(p, " [");
	if (told->credit_known) {
		p = put_u64(put_literal(p, "free "), told->peer_free);
		*p++ = '/';
		p = put_u64(p, told->peer_buf_alloc);
		separator = ", ";
	}
	if (told->stall_ns != VSOCKHDR_NO_TIME) {
		p = put_literal(put_string(p, separator), "stalled ");
		p = put_duration(p, told->stall_ns);
	}
	*p++ = ']';
	return p;
}

static char *put_end(char *p, const struct vsockhdr_told *told,
		     const struct naming *names)
{
	if (told->close == VSOCKHDR_CLOSE_CLEAN)
		p = put_literal(p, " [closed clean by ");
	else if (told->close == VSOCKHDR_CLOSE_RESET_STATE)
		p = put_literal(p, " [reset by ");
	else
		return p;
	p = put_address(p, &told->closed_by, names);
	*p++ = ']';
	return p;
}

static char *put_meaning(char *p, const struct vsockhdr_told *told,
			 const struct naming *names)
{
	if (told->setup_ns != VSOCKHDR_NO_TIME)
		p = put_setup(p, told);
	if (told->credit_known || told->stall_ns != VSOCKHDR_NO_TIME)
		p = put_credit(p, told);
	return told->ended ? put_end(p, told, names) : p;
}

char *put_story(char *p, const struct story *story, const struct naming *names,
		bool quiet)
{
	const char *separator = " [! ";

	if (!quiet)
		p = put_meaning(p, &story->told, names);
	if (story->findings.loud == 0)
		return p;
	for (uint64_t rest = story->findings.loud; rest != 0; rest &= rest - 1) {
		p = put_string(put_string(p, separator), finding_set_first(rest));
		separator = ", ";
	}
	return put_literal(p, "]");
}
