/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses as text and as socket addresses.
 */

#include <vsockhdr/addr.h>

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/vm_sockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsockhdr/hdr.h>
#include <vsockhdr/names.h>

/* Longest text that can be a CID or a port: a number of 64 bits in hexadecimal */
#define PART_LEN 24

size_t vsockhdr_addr_format(char *buf, size_t size, const struct vsockhdr_addr *addr)
{
	assert(addr && (buf || size == 0));
	/* At most 31 characters: never negative, never above SIZE_MAX. */
	return (size_t)snprintf(buf, size, "%" PRIu64 ":%" PRIu32, addr->cid, addr->port);
}

/* A whole text as a number of at most max, decimal or 0x hexadecimal, without the
 * signs, spaces and octals that strtoull() would take */
static bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	const char *alphabet = hex ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long long value;

	if (digits[0] == '\0' || digits[strspn(digits, alphabet)] != '\0')
		return false;
	errno = 0;
	value = strtoull(digits, NULL, hex ? 16 : 10);
	if (errno != 0 || value > max)
		return false;
	*number = value;
	return true;
}

static bool parse_cid(const char *text, uint64_t *cid)
{
	if (strcmp(text, "*") == 0) {
		*cid = VSOCKHDR_CID_ANY;
		return true;
	}
	return vsockhdr_cid_parse(text, cid) == VSOCKHDR_OK ||
	       parse_number(text, UINT64_MAX, cid);
}

static bool parse_port(const char *text, uint32_t *port)
{
	uint64_t number;

	/* "any" and "*" are the same number for CIDs and for ports; no other name of a
	 * CID is one of a port. */
	if (parse_number(text, UINT32_MAX, &number) ||
	    (parse_cid(text, &number) && number == VSOCKHDR_PORT_ANY)) {
		*port = (uint32_t)number;
		return true;
	}
	return false;
}

int vsockhdr_addr_parse(struct vsockhdr_addr *addr, const char *text)
{
	const char *colon;
	struct vsockhdr_addr result;
	char cid[PART_LEN];

	assert(addr && text);
	colon = strchr(text, ':');
	if (!colon || colon == text || colon[1] == '\0')
		return VSOCKHDR_ERR_ADDR_SYNTAX;
	if ((size_t)(colon - text) >= sizeof(cid))
		return VSOCKHDR_ERR_ADDR_CID;
	memcpy(cid, text, (size_t)(colon - text));
	cid[colon - text] = '\0';
	if (!parse_cid(cid, &result.cid))
		return VSOCKHDR_ERR_ADDR_CID;
	if (!parse_port(colon + 1, &result.port))
		return VSOCKHDR_ERR_ADDR_PORT;
	*addr = result;
	return VSOCKHDR_OK;
}

int vsockhdr_addr_to_sockaddr(struct sockaddr_vm *sa, const struct vsockhdr_addr *addr)
{
	assert(sa && addr);
	if (addr->cid > UINT32_MAX)
		return VSOCKHDR_ERR_ADDR_WIDE_CID;
	*sa = (struct sockaddr_vm) {
		.svm_family = AF_VSOCK,
		.svm_port = addr->port,
		.svm_cid = (uint32_t)addr->cid,
	};
	return VSOCKHDR_OK;
}

int vsockhdr_addr_from_sockaddr(struct vsockhdr_addr *addr, const struct sockaddr *sa,
				socklen_t size)
{
	struct sockaddr_vm vm;

	assert(addr && (sa || size == 0));
	if (size < sizeof(vm))
		return VSOCKHDR_ERR_SOCKADDR_SIZE;
	memcpy(&vm, sa, sizeof(vm));
	if (vm.svm_family != AF_VSOCK)
		return VSOCKHDR_ERR_SOCKADDR_FAMILY;
	addr->cid = vm.svm_cid;
	addr->port = vm.svm_port;
	return VSOCKHDR_OK;
}
