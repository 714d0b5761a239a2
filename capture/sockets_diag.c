/* SPDX-License-Identifier: BSD-2-Clause */

#include "sockets_diag.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>
#include <linux/vm_sockets.h>
#include <linux/vm_sockets_diag.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vsockhdr/hdr.h>
#include <vsockhdr/host.h>

#include "message.h"

/* Seconds after which a kernel that does not answer is given up */
#define ANSWER_TIMEOUT 5

/* Whether a module is part of the kernel: then it shows nowhere else */
static bool is_builtin(const char *file)
{
	struct utsname kernel;
	gchar *list = NULL;
	char path[256];
	bool found;

	if (uname(&kernel) < 0)
		return false;
	g_snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", kernel.release);
	if (!g_file_get_contents(path, &list, NULL, NULL))
		return false;
	found = strstr(list, file) != NULL;
	g_free(list);
	return found;
}

enum sockets_offer sockets_offer(void)
{
	struct vsockhdr_host host;

	vsockhdr_host_probe(&host);
	if (host.af_vsock == VSOCKHDR_NO) {
		message("the kernel has no vsock sockets: AF_VSOCK is not loaded");
		return SOCKETS_NO_FAMILY;
	}
	if (access("/sys/module/vsock_diag", F_OK) == 0 || is_builtin("/vsock_diag.ko"))
		return SOCKETS_OFFERED;
	message("the kernel's module that tells of vsock sockets is not loaded. As root:\n"
		"    modprobe vsock_diag");
	return SOCKETS_NO_MODULE;
}

static int on_socket(const struct nlmsghdr *header, void *context)
{
	const struct vsock_diag_msg *msg = mnl_nlmsg_get_payload(header);
	GArray *sockets = context;
	struct socket_info info;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*msg) ||
	    msg->vdiag_family != AF_VSOCK)
		return MNL_CB_OK;
	info = (struct socket_info) {
		.local = { msg->vdiag_src_cid, msg->vdiag_src_port },
		.peer = { msg->vdiag_dst_cid, msg->vdiag_dst_port },
		.inode = msg->vdiag_ino,
		.type = msg->vdiag_type,
		.state = msg->vdiag_state,
		.shutdown = msg->vdiag_shutdown,
	};
	g_array_append_val(sockets, info);
	return sockets->len < SOCKETS_MAX ? MNL_CB_OK : MNL_CB_STOP;
}

static bool send_request(struct mnl_socket *netlink, void *buffer)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct vsock_diag_req *request;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = 1;
	request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	request->sdiag_family = AF_VSOCK;
	request->vdiag_states = UINT32_MAX;
	return mnl_socket_sendto(netlink, header, header->nlmsg_len) >= 0;
}

static bool receive(struct mnl_socket *netlink, void *buffer, size_t size,
		    GArray *sockets)
{
	unsigned int port = mnl_socket_get_portid(netlink);
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(netlink, buffer, size);

		if (n < 0)
			return false;
		more = mnl_cb_run(buffer, (size_t)n, 1, port, on_socket, sockets);
	}
	return more == MNL_CB_STOP;
}

int sockets_read(GArray *sockets)
{
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT };
	struct mnl_socket *netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int err = 0;
	size_t size;
	void *buffer;

	if (!netlink)
		return errno;
	size = (size_t)MNL_SOCKET_BUFFER_SIZE;
	buffer = g_malloc0(size);
	if (setsockopt(mnl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)) < 0 ||
	    mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    !send_request(netlink, buffer) || !receive(netlink, buffer, size, sockets))
		err = errno;
	g_free(buffer);
	mnl_socket_close(netlink);
	return err;
}

uint64_t sockets_own_cid(void)
{
	unsigned int cid = VMADDR_CID_ANY;
	int fd = open("/dev/vsock", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return VSOCKHDR_CID_ANY;
	if (ioctl(fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) < 0)
		cid = VMADDR_CID_ANY;
	close(fd);
	return cid;
}
