#include "app/linux/netlink_socket.hpp"

#include <cerrno>
#include <cstring>
#include <vector>

#include <sys/socket.h>

namespace app::run {
namespace {

// One skb of a dump; the kernel never sends more at once.
constexpr std::size_t receive_size = 64 * 1024;

boost::system::error_code system_error(int number) {
  return {number, boost::system::system_category()};
}

template <class T>
T load(std::span<const std::byte> bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

/// Calls `each` for every message of one datagram; stops when it returns false.
template <class Each>
bool for_each_message(std::span<const std::byte> datagram, Each each) {
  while (datagram.size() >= sizeof(nlmsghdr)) {
    const auto head = load<nlmsghdr>(datagram);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > datagram.size()) return true;
    if (!each(head, datagram.subspan(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN))) return false;
    datagram = datagram.subspan(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), datagram.size()));
  }
  return true;
}

boost::system::error_code send(int socket, std::span<const std::byte> bytes) {
  const auto sent = ::send(socket, bytes.data(), bytes.size(), 0);
  return sent < 0 ? system_error(errno) : boost::system::error_code();
}

}  // namespace

net::result<netlink_socket> netlink_socket::open(int protocol) {
  net::descriptor made(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!made.valid()) return system_error(errno);
  const sockaddr_nl any{AF_NETLINK, 0, 0, 0};
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) return system_error(errno);
  const int size = 1 << 20;  // so that a batch and its answers fit
  ::setsockopt(made.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return netlink_socket(std::move(made));
}

boost::system::error_code netlink_socket::commit(const netlink_messages& messages) {
  if (auto error = send(socket_.get(), messages.bytes())) return error;
  std::vector<std::byte> buffer(receive_size);
  boost::system::error_code failure;
  for (std::size_t answers = 0; answers < messages.acknowledged();) {
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno);
    const bool on =
        for_each_message({buffer.data(), static_cast<std::size_t>(got)}, [&](const nlmsghdr& head, auto payload) {
          if (head.nlmsg_type != NLMSG_ERROR) return true;
          ++answers;
          if (const int error = load<nlmsgerr>(payload).error; error != 0) failure = system_error(-error);
          return !failure;
        });
    if (!on) break;
  }
  return failure;
}

boost::system::error_code netlink_socket::dump(const netlink_messages& request, const visitor& each) {
  if (auto error = send(socket_.get(), request.bytes())) return error;
  std::vector<std::byte> buffer(receive_size);
  boost::system::error_code failure;
  for (;;) {
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno);
    const bool on =
        for_each_message({buffer.data(), static_cast<std::size_t>(got)}, [&](const nlmsghdr& head, auto payload) {
          if (head.nlmsg_type == NLMSG_ERROR) failure = system_error(-load<nlmsgerr>(payload).error);
          if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_type == NLMSG_DONE) return false;
          each(head, payload);
          return true;
        });
    if (!on) return failure;
  }
}

void for_each_attribute(std::span<const std::byte> bytes,
                        const std::function<void(std::uint16_t, std::span<const std::byte>)>& each) {
  while (bytes.size() >= sizeof(nlattr)) {
    const auto head = load<nlattr>(bytes);
    if (head.nla_len < sizeof head || head.nla_len > bytes.size()) return;
    each(head.nla_type & NLA_TYPE_MASK, bytes.subspan(NLA_HDRLEN, head.nla_len - NLA_HDRLEN));
    bytes = bytes.subspan(std::min<std::size_t>(NLA_ALIGN(head.nla_len), bytes.size()));
  }
}

}  // namespace app::run
