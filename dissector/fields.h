/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VSOCK_PLUGIN_FIELDS_H
#define VSOCK_PLUGIN_FIELDS_H

/*
 * The fields of the protocol "vsock": Wireshark's own, and those that are added.
 */

/**
 * struct vsock_fields - Numbers that Wireshark gave the fields
 *
 * The first part is Wireshark's own, the second is added here; docs/wireshark.md
 * describes them.
 */
struct vsock_fields {
	int src_cid;
	int dst_cid;
	int src_port;
	int dst_port;
	int op;
	int trans;
	int trans_len;
	int reserved;
	int virtio_src_cid;
	int virtio_dst_cid;
	int virtio_src_prot;
	int virtio_dst_prot;
	int virtio_len;
	int virtio_type;
	int virtio_op;
	int virtio_flags;
	int virtio_buf_alloc;
	int virtio_fwd_cnt;

	int virtio_src_port;
	int virtio_dst_port;
	int flags_receive;
	int flags_send;
	int flags_eom;
	int flags_eor;
	int stream;
	int time_relative;
	int time_delta;
	int setup_time;
	int request_in;
	int response_in;
	int credit_buf_alloc;
	int credit_fwd_cnt;
	int credit_edge;
	int credit_in_flight;
	int credit_free;
	int credit_stall_time;
	int credit_request_in;
	int credit_update_in;
	int credit_delay;
	int close;
	int closed_by;
	int completeness;
	int completeness_request;
	int completeness_response;
	int completeness_data;
	int completeness_shutdown;
	int completeness_rst;
	int completeness_str;
	int finding;
};

/** struct vsock_trees - Numbers that Wireshark gave the subtrees */
struct vsock_trees {
	int vsock;
	int virtio;
	int flags;
	int completeness;
	int times;
	int credit;
};

extern struct vsock_fields vsock_fields;
extern struct vsock_trees vsock_trees;

/** fields_register() - Register those that are added; @proto: the protocol "vsock" */
void fields_register(int proto);

#endif
