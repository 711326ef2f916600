// Runs in the kernel, for the processes of one cgroup: a TCP connection to port 443 is begun to the interceptor instead,
// and where it was going is kept for that under the cookie of the client's socket. UDP to port 443 is not permitted, so
// that QUIC clients fall back to TCP. A connection with the mark of a run passes. Loaded by connect_redirect.cpp; no helper that it calls asks for a licence.

#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "app/scope/connect_program.h"

#define AF_INET 2
#define AF_INET6 10
#define TLS_PORT bpf_htons(443)
#define LOOPBACK bpf_htonl(0x7f000001)
#define V4_MAPPED bpf_htonl(0xffff)

enum verdict { denied = 0, permitted = 1 };

const volatile struct zg_settings settings = {0};

// The oldest go when it is full: connections that were given up before the interceptor has seen them.
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1);  // set by the loader
  __type(key, __u64);
  __type(value, struct zg_destination);
} destinations SEC(".maps");

static int is_tls(struct bpf_sock_addr* context, __u32 protocol) {
  return context->protocol == protocol && (__u16)context->user_port == TLS_PORT &&
         bpf_get_netns_cookie(context) == settings.network;
}

static int passes(struct bpf_sock_addr* context) {
  struct bpf_sock* socket = context->sk;
  return socket && socket->priority == ZG_PASS_PRIORITY;
}

/// False: it could not be kept, and the connection is better left alone.
static int keep(struct bpf_sock_addr* context, const struct zg_destination* destination) {
  __u64 cookie = bpf_get_socket_cookie(context);
  return bpf_map_update_elem(&destinations, &cookie, destination, BPF_ANY) == 0;
}

SEC("cgroup/connect4")
int connect_v4(struct bpf_sock_addr* context) {
  if (is_tls(context, IPPROTO_UDP)) return denied;
  if (!is_tls(context, IPPROTO_TCP) || passes(context)) return permitted;
  struct zg_destination destination = {{context->user_ip4, 0, 0, 0}, TLS_PORT, AF_INET};
  if (!keep(context, &destination)) return permitted;
  context->user_ip4 = LOOPBACK;
  context->user_port = settings.port_v4;
  return permitted;
}

SEC("cgroup/connect6")
int connect_v6(struct bpf_sock_addr* context) {
  if (is_tls(context, IPPROTO_UDP)) return denied;
  if (!is_tls(context, IPPROTO_TCP) || passes(context)) return permitted;
  struct zg_destination destination = {
      {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]}, TLS_PORT, AF_INET6};
  const int mapped = !destination.address[0] && !destination.address[1] && destination.address[2] == V4_MAPPED;
  if (!keep(context, &destination)) return permitted;
  context->user_ip6[0] = 0;
  context->user_ip6[1] = 0;
  context->user_ip6[2] = mapped ? V4_MAPPED : 0;
  context->user_ip6[3] = mapped ? LOOPBACK : bpf_htonl(1);
  context->user_port = mapped ? settings.port_v4 : settings.port_v6;
  return permitted;
}

SEC("cgroup/sendmsg4")
int sendmsg_v4(struct bpf_sock_addr* context) {
  return is_tls(context, IPPROTO_UDP) ? denied : permitted;
}

SEC("cgroup/sendmsg6")
int sendmsg_v6(struct bpf_sock_addr* context) {
  return is_tls(context, IPPROTO_UDP) ? denied : permitted;
}
