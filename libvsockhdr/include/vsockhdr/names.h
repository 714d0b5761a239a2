/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_NAMES_H
#define VSOCKHDR_NAMES_H

/*
 * The protocol's constants by name, both ways. Names are the specification's
 * (REQUEST, CREDIT_UPDATE, EOM) or, where it has none, the kernel's (connect,
 * virtio). A number without a name gives NULL: what to print instead is the caller's
 * choice. Text is compared without regard to case.
 */

#include <stdint.h>
#include <vsockhdr/hdr.h>

VSOCKHDR_BEGIN_DECLS

/**
 * vsockhdr_op_name() - Name of an op: INVALID, REQUEST ... CREDIT_REQUEST
 * @op:		Field op of a virtio_vsock_hdr
 *
 * Return: a static string, or NULL where no op has this number
 */
VSOCKHDR_API const char *vsockhdr_op_name(uint16_t op);

/** vsockhdr_op_parse() - Op of a name; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_op_parse(const char *name, uint16_t *op);

/**
 * vsockhdr_op_mon_op() - What Linux calls an op in the vsockmon header
 * @op:		Field op of a virtio_vsock_hdr
 *
 * Return: enum vsockhdr_mon_op; VSOCKHDR_MON_OP_UNKNOWN for ops that do not exist
 */
VSOCKHDR_API uint16_t vsockhdr_op_mon_op(uint16_t op);

/** vsockhdr_type_name() - Name of a type: stream, seqpacket, dgram; or NULL */
VSOCKHDR_API const char *vsockhdr_type_name(uint16_t type);

/** vsockhdr_type_parse() - Type of a name; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_type_parse(const char *name, uint16_t *type);

/** vsockhdr_mon_op_name() - Name of a vsockmon op: unknown, connect, disconnect,
 * control, payload; or NULL */
VSOCKHDR_API const char *vsockhdr_mon_op_name(uint16_t mon_op);

/** vsockhdr_mon_op_parse() - vsockmon op of a name; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_mon_op_parse(const char *name, uint16_t *mon_op);

/** vsockhdr_transport_name() - Name of a transport: unknown, no_info, virtio; or NULL */
VSOCKHDR_API const char *vsockhdr_transport_name(uint16_t transport);

/** vsockhdr_transport_parse() - Transport of a name; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_transport_parse(const char *name, uint16_t *transport);

/** vsockhdr_event_name() - Name of an event: TRANSPORT_RESET; or NULL */
VSOCKHDR_API const char *vsockhdr_event_name(uint32_t id);

/** vsockhdr_event_parse() - Event of a name; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_event_parse(const char *name, uint32_t *id);

/** vsockhdr_cid_name() - Name of a well-known CID: hypervisor, local, host, any; or
 * NULL */
VSOCKHDR_API const char *vsockhdr_cid_name(uint64_t cid);

/** vsockhdr_cid_parse() - Well-known CID of a name; VSOCKHDR_OK or VSOCKHDR_ERR_NAME */
VSOCKHDR_API int vsockhdr_cid_parse(const char *name, uint64_t *cid);

/**
 * vsockhdr_flag_name() - Name of one flag bit: RECEIVE, SEND, EOM, EOR
 * @type:	Field type of the header
 * @op:		Field op of the header
 * @flag:	One bit of the field flags
 *
 * Return: a static string, or NULL where @op and @type do not define the bit
 */
VSOCKHDR_API const char *vsockhdr_flag_name(uint16_t type, uint16_t op, uint32_t flag);

/**
 * vsockhdr_flag_parse() - Flag of a name
 * @name:	RECEIVE, SEND, EOM or EOR
 * @op:		Where the op that defines the flag goes
 * @flag:	Where the bit goes
 *
 * Return: VSOCKHDR_OK or VSOCKHDR_ERR_NAME
 */
VSOCKHDR_API int vsockhdr_flag_parse(const char *name, uint16_t *op, uint32_t *flag);

VSOCKHDR_END_DECLS

#endif
