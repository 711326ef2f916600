#pragma once

// One end of a socket pair between two of our processes. It carries whole messages, which may contain descriptors
// (SCM_RIGHTS, unix(7)). Receiving blocks, unless poll() has reported a message. When the peer ends, an empty message
// arrives.

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "net/descriptor.hpp"

namespace app::run {

inline constexpr std::size_t max_handed_over = 32;  // descriptors of one message

class channel {
 public:
  channel() = default;
  explicit channel(net::descriptor socket) : socket_(std::move(socket)) {}

  /// Two connected ends, closed on exec.
  static std::optional<std::pair<channel, channel>> make();

  template <class Message>
  bool send(const Message& message, std::span<const net::descriptor> handed_over = {}) {
    static_assert(std::is_trivially_copyable_v<Message>);
    return send_bytes(std::as_bytes(std::span(&message, 1)), handed_over);
  }

  /// nullopt if the peer has closed its end or sent something else.
  template <class Message>
  std::optional<Message> receive(std::vector<net::descriptor>* handed_over = nullptr) {
    static_assert(std::is_trivially_copyable_v<Message>);
    Message message{};
    if (!receive_bytes(std::as_writable_bytes(std::span(&message, 1)), handed_over)) return std::nullopt;
    return message;
  }

  int native() const { return socket_.get(); }
  void close() { socket_.reset(); }

 private:
  bool send_bytes(std::span<const std::byte> bytes, std::span<const net::descriptor> handed_over);
  bool receive_bytes(std::span<std::byte> bytes, std::vector<net::descriptor>* handed_over);

  net::descriptor socket_;
};

}  // namespace app::run
