#pragma once

// A netlink socket in the calling thread's network namespace: sends netlink_messages and waits for the kernel's answer.
// It blocks, briefly.

#include <cstddef>
#include <functional>
#include <span>

#include <linux/netlink.h>

#include "app/linux/netlink_message.hpp"
#include "net/descriptor.hpp"
#include "net/errc.hpp"

namespace app::run {

class netlink_socket {
 public:
  /// `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER …
  static net::result<netlink_socket> open(int protocol);

  /// Wraps a socket that was opened elsewhere and stays in its namespace.
  static netlink_socket adopt(net::descriptor socket) { return netlink_socket(std::move(socket)); }

  /// Sends everything in one datagram. Returns the first error, or success once everything is acknowledged.
  boost::system::error_code commit(const netlink_messages& messages);

  /// Sends one dump request. `each` gets every message of the answer with its payload.
  using visitor = std::function<void(const nlmsghdr&, std::span<const std::byte> payload)>;
  boost::system::error_code dump(const netlink_messages& request, const visitor& each);

 private:
  explicit netlink_socket(net::descriptor socket) : socket_(std::move(socket)) {}

  net::descriptor socket_;
};

/// The attributes in `bytes`, in order.
void for_each_attribute(std::span<const std::byte> bytes,
                        const std::function<void(std::uint16_t type, std::span<const std::byte> value)>& each);

}  // namespace app::run
