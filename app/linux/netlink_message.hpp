#pragma once

// Writes netlink messages (RFC 3549; linux/netlink.h) into one buffer, to be sent as a batch. Pure. Used for the rules
// and routes of a private network; netlink_socket sends them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace app::run {

class netlink_messages {
 public:
  /// Begins a message with the family's own header. `flags` are added to NLM_F_REQUEST. Sequence numbers count from 1.
  template <class Header>
  void begin(std::uint16_t type, std::uint16_t flags, const Header& header) {
    begin_raw(type, flags, std::as_bytes(std::span(&header, 1)));
  }

  void put(std::uint16_t attribute, std::span<const std::byte> value);
  void put_text(std::uint16_t attribute, std::string_view text);   // with its NUL
  void put_network(std::uint16_t attribute, std::uint32_t value);  // big endian
  void put_host(std::uint16_t attribute, std::uint32_t value);     // host byte order

  /// What `fill` writes becomes the value of `attribute`.
  template <class Fill>
  void nest(std::uint16_t attribute, Fill fill) {
    const std::size_t begin = open_nest(attribute);
    fill();
    close_nest(begin);
  }

  std::span<const std::byte> bytes() const { return bytes_; }
  /// How many messages ask for an acknowledgement.
  std::size_t acknowledged() const { return acknowledged_; }

 private:
  void begin_raw(std::uint16_t type, std::uint16_t flags, std::span<const std::byte> header);
  void append(std::span<const std::byte> more);
  void pad();
  void fix_length();
  std::size_t open_nest(std::uint16_t attribute);
  void close_nest(std::size_t begin);

  std::vector<std::byte> bytes_;
  std::size_t message_ = 0;  // where the last message begins
  std::uint32_t sequence_ = 0;
  std::size_t acknowledged_ = 0;
};

}  // namespace app::run
