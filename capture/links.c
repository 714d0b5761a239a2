/* SPDX-License-Identifier: BSD-2-Clause */

#include "links.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The kernel gives as many devices at once as fit */
#define REPLY_LEN 32768

/* How often a list is asked for again that changed while it was read */
#define LIST_TRIES 5

/* A request is a header and a few short attributes */
#define REQUEST_LEN 1024

/**
 * struct visit - Who looks at the devices
 * @each:	As of links_each()
 * @context:	Given to it
 */
struct visit {
	void (*each)(const struct link_info *link, void *context);
	void *context;
};

struct mnl_socket *links_open(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int saved;

	if (!socket)
		return NULL;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		saved = errno;
		mnl_socket_close(socket);
		errno = saved;
		return NULL;
	}
	return socket;
}

void links_close(struct mnl_socket *socket)
{
	if (socket)
		mnl_socket_close(socket);
}

/* The text of an attribute: the kernel ends it with a NUL, its length is the bound */
static void copy_text(char *to, size_t size, const struct nlattr *attr)
{
	snprintf(to, size, "%.*s", (int)mnl_attr_get_payload_len(attr),
		 mnl_attr_get_str(attr));
}

static int on_kind(const struct nlattr *attr, void *context)
{
	struct link_info *link = context;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		copy_text(link->kind, sizeof(link->kind), attr);
	return MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *context)
{
	struct link_info *link = context;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		copy_text(link->name, sizeof(link->name), attr);
		break;
	case IFLA_IFALIAS:
		copy_text(link->alias, sizeof(link->alias), attr);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, on_kind, link);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *header, void *context)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	const struct visit *visit = context;
	struct link_info link = { .index = 0 };

	if (header->nlmsg_type != RTM_NEWLINK || !visit)
		return MNL_CB_OK;
	link.index = (unsigned int)info->ifi_index;
	link.type = info->ifi_type;
	link.up = (info->ifi_flags & IFF_UP) != 0;
	mnl_attr_parse(header, sizeof(*info), on_attribute, &link);
	visit->each(&link, visit->context);
	return MNL_CB_OK;
}

/* Begin a request about a device */
static struct nlmsghdr *begin(void *buffer, uint16_t type, uint16_t flags,
			      unsigned int index)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;

	header->nlmsg_type = type;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header->nlmsg_seq = (uint32_t)time(NULL);
	info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)index;
	return header;
}

/* Send a request, and take in all that the kernel answers */
static int ask(struct mnl_socket *socket, const struct nlmsghdr *header,
	       struct visit *visit)
{
	alignas(struct nlmsghdr) char reply[REPLY_LEN];
	unsigned int port = mnl_socket_get_portid(socket);
	int more = MNL_CB_OK;

	if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -errno;
	while (more > MNL_CB_STOP) {
		ssize_t size = mnl_socket_recvfrom(socket, reply, sizeof(reply));

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		more = mnl_cb_run(reply, (size_t)size, header->nlmsg_seq, port, on_link,
				  visit);
	}
	return more < 0 ? -errno : 0;
}

static int list(struct visit *visit)
{
	alignas(struct nlmsghdr) char buffer[REQUEST_LEN];
	struct nlmsghdr *header = begin(buffer, RTM_GETLINK, NLM_F_DUMP, 0);
	struct mnl_socket *socket = links_open();
	int err;

	if (!socket)
		return -errno;
	mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	err = ask(socket, header, visit);
	links_close(socket);
	return err;
}

int links_each(void (*each)(const struct link_info *link, void *context), void *context)
{
	struct visit visit = { .each = each, .context = context };
	int err = -EINTR;

	/* A list that changes while it is read ends so; the rest of it would be in the
	 * way of the next one, hence a new socket for each. */
	for (int i = 0; i < LIST_TRIES && err == -EINTR; i++)
		err = list(&visit);
	return err == -EINTR ? 0 : err;
}

static void keep(const struct link_info *link, void *context)
{
	*(struct link_info *)context = *link;
}

int links_get(struct mnl_socket *socket, unsigned int index, const char *name,
	      struct link_info *link)
{
	alignas(struct nlmsghdr) char buffer[REQUEST_LEN];
	struct visit visit = { .each = keep, .context = link };
	/* With an acknowledgement, each answer ends alike. */
	struct nlmsghdr *header = begin(buffer, RTM_GETLINK, NLM_F_ACK, index);
	int err;

	*link = (struct link_info) { .index = 0 };
	if (index == 0)
		mnl_attr_put_strz(header, IFLA_IFNAME, name);
	err = ask(socket, header, &visit);
	if (err == 0 && link->index == 0)
		return -ENODEV;
	return err;
}

int links_add(struct mnl_socket *socket, const char *name, const char *kind)
{
	alignas(struct nlmsghdr) char buffer[REQUEST_LEN];
	struct nlmsghdr *header =
		begin(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0);
	struct nlattr *linkinfo;

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	linkinfo = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(header, linkinfo);
	return ask(socket, header, NULL);
}

int links_change(struct mnl_socket *socket, unsigned int index, bool up,
		 const char *alias)
{
	alignas(struct nlmsghdr) char buffer[REQUEST_LEN];
	struct nlmsghdr *header = begin(buffer, RTM_NEWLINK, NLM_F_ACK, index);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(header);

	info->ifi_change = IFF_UP;
	info->ifi_flags = up ? IFF_UP : 0;
	if (alias)
		mnl_attr_put_strz(header, IFLA_IFALIAS, alias);
	return ask(socket, header, NULL);
}

int links_remove(struct mnl_socket *socket, unsigned int index)
{
	alignas(struct nlmsghdr) char buffer[REQUEST_LEN];

	return ask(socket, begin(buffer, RTM_DELLINK, NLM_F_ACK, index), NULL);
}
