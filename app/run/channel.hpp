#pragma once

// One end of a socket pair between two of our processes. Carries whole messages, with descriptors where they are handed
// over (SCM_RIGHTS, unix(7)). Blocks unless it was polled; when the peer ends, an empty message arrives.

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/linux/descriptor.hpp"

namespace app::run {

inline constexpr std::size_t max_handed_over = 32;  // descriptors of one message

class channel {
 public:
  channel() = default;
  explicit channel(descriptor socket) : socket_(std::move(socket)) {}

  /// Two connected ends, closed on exec.
  static std::optional<std::pair<channel, channel>> make();

  template <class Message>
  bool send(const Message& message, std::span<const descriptor> handed_over = {}) {
    static_assert(std::is_trivially_copyable_v<Message>);
    return send_bytes(std::as_bytes(std::span(&message, 1)), handed_over);
  }

  /// nullopt if the peer has gone or sent something else.
  template <class Message>
  std::optional<Message> receive(std::vector<descriptor>* handed_over = nullptr) {
    static_assert(std::is_trivially_copyable_v<Message>);
    Message message{};
    if (!receive_bytes(std::as_writable_bytes(std::span(&message, 1)), handed_over)) return std::nullopt;
    return message;
  }

  int native() const { return socket_.get(); }
  void close() { socket_.reset(); }

 private:
  bool send_bytes(std::span<const std::byte> bytes, std::span<const descriptor> handed_over);
  bool receive_bytes(std::span<std::byte> bytes, std::vector<descriptor>* handed_over);

  descriptor socket_;
};

}  // namespace app::run
