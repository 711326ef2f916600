#include "app/scope/connect_redirect.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "app/linux/client_socket.hpp"
#include "app/scope/connect_program.h"
#include "mitm/upstream/redirect_pass.hpp"

// The compiled program, in this object file.
asm(R"(
.section .rodata
.balign 8
zg_connect_program:
.incbin ")" ZEROGRAVITY_CONNECT_PROGRAM R"("
zg_connect_program_end:
.previous
)");
extern "C" const char zg_connect_program[];
extern "C" const char zg_connect_program_end[];

namespace app::scope {

using boost::asio::ip::tcp;

namespace {

struct object_deleter {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using object_ptr = std::unique_ptr<bpf_object, object_deleter>;

struct link_deleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using link_ptr = std::unique_ptr<bpf_link, link_deleter>;

scope_failure cannot(const std::string& what, int error) {
  return {"cannot " + what + ": " + std::strerror(error)};
}

/// The kernel's name of the network namespace that we are in; 0 if it has none.
std::uint64_t own_network() {
  const net::descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

tcp::endpoint endpoint_of(const zg_destination& destination) {
  if (destination.family == AF_INET)
    return {boost::asio::ip::address_v4(ntohl(destination.address[0])), ntohs(destination.port)};
  boost::asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), destination.address, bytes.size());
  const boost::asio::ip::address_v6 address(bytes);
  if (!address.is_v4_mapped()) return {address, ntohs(destination.port)};
  return {boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address), ntohs(destination.port)};
}

}  // namespace

struct connect_redirect::loaded {
  object_ptr object;
  int destinations = -1;  // descriptor of the map, which the object owns
  std::vector<link_ptr> links;
  std::mutex asking;  // guards kernel; held for one query
  std::optional<run::netlink_socket> kernel;
};

connect_redirect::connect_redirect(std::unique_ptr<loaded> parts) : parts_(std::move(parts)) {}
connect_redirect::~connect_redirect() = default;

scope_result<std::unique_ptr<connect_redirect>> connect_redirect::load(redirect_ports ports, std::size_t pending) {
  // libbpf would print to stderr. Its functions return their errors as numbers, too.
  libbpf_set_print(nullptr);
  static_assert(ZG_PASS_PRIORITY == mitm::pass_priority);
  const zg_settings settings{own_network(), htons(ports.v4), htons(ports.v6)};
  if (settings.network == 0) return cannot("tell one network namespace from another (Linux 5.14)", errno);
  auto parts = std::make_unique<loaded>();
  const auto size = static_cast<std::size_t>(zg_connect_program_end - zg_connect_program);
  parts->object.reset(bpf_object__open_mem(zg_connect_program, size, nullptr));
  if (!parts->object) return cannot("read the eBPF program", errno);
  bpf_map* map = bpf_object__find_map_by_name(parts->object.get(), "destinations");
  bpf_map* constants = bpf_object__find_map_by_name(parts->object.get(), ".rodata");
  if (bpf_map__set_max_entries(map, static_cast<std::uint32_t>(pending)) != 0 ||
      bpf_map__set_initial_value(constants, &settings, sizeof settings) != 0) {
    return cannot("prepare the eBPF program", errno);
  }
  if (bpf_object__load(parts->object.get()) != 0) {
    return cannot("load an eBPF program (CONFIG_CGROUP_BPF, CAP_BPF and CAP_NET_ADMIN)", errno);
  }
  parts->destinations = bpf_map__fd(map);
  auto kernel = run::netlink_socket::open(NETLINK_SOCK_DIAG);
  if (kernel.has_error()) return cannot("ask the kernel for sockets (CONFIG_INET_DIAG)", kernel.error().value());
  parts->kernel.emplace(std::move(*kernel));
  return std::unique_ptr<connect_redirect>(new connect_redirect(std::move(parts)));
}

scope_result<void> connect_redirect::attach(const watched_cgroup& cgroup) {
  bpf_program* each = nullptr;
  bpf_object__for_each_program(each, parts_->object.get()) {
    link_ptr link(bpf_program__attach_cgroup(each, cgroup.native()));
    if (!link) {
      const auto failed = cannot("attach an eBPF program to a cgroup (CONFIG_CGROUP_BPF, Linux 5.7)", errno);
      detach();
      return failed;
    }
    parts_->links.push_back(std::move(link));
  }
  return {};
}

void connect_redirect::detach() {
  parts_->links.clear();
}

net::result<tcp::endpoint> connect_redirect::original_destination(tcp::socket& accepted) {
  boost::system::error_code error;
  const auto client = accepted.remote_endpoint(error);
  const auto local = error ? tcp::endpoint() : accepted.local_endpoint(error);
  if (error) return error;
  std::unique_lock lock(parts_->asking);
  const auto socket = run::find_client_socket(*parts_->kernel, client, local);
  lock.unlock();
  zg_destination destination{};
  if (!socket || bpf_map_lookup_elem(parts_->destinations, &socket->cookie, &destination) != 0) {
    return net::make_error_code(net::errc::not_redirected);
  }
  bpf_map_delete_elem(parts_->destinations, &socket->cookie);
  return endpoint_of(destination);
}

}  // namespace app::scope
