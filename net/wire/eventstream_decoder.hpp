#pragma once

// Incremental decoder of AWS event streams (application/vnd.amazon.eventstream), as Amazon Bedrock streams its answers:
// https://smithy.io/2.0/aws/amazon-eventstream.html. A payload is never buffered: it comes as views of the input. The
// answer reader drives it. All numbers are big endian.
//
//   length of the message 4 | length of its headers 4 | CRC-32 of these 8 | headers | payload | CRC-32 of all before

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/wire/errc.hpp"

namespace net::wire {

struct eventstream_header {
  // In the order of the wire's numbers.
  enum class type : std::uint8_t {
    true_value,
    false_value,
    int8,
    int16,
    int32,
    int64,
    bytes,
    string,
    timestamp,  // ms since 1970
    uuid
  };

  std::string_view name;
  type kind = type::string;
  std::string_view bytes = {};  // of bytes, string and uuid
  std::int64_t number = 0;      // of integers and timestamp
};

/// The checked headers of one message, in wire order.
class eventstream_headers {
 public:
  class iterator;

  /// Errors: malformed, if `block` is not a sequence of whole headers.
  static result<eventstream_headers> parse(std::string_view block);

  iterator begin() const;
  iterator end() const;

  /// The value of the first string of that name; empty if there is none.
  std::string_view text(std::string_view name) const;

 private:
  explicit eventstream_headers(std::string_view block) : block_(block) {}

  std::string_view block_;
};

class eventstream_headers::iterator {
 public:
  explicit iterator(std::string_view rest) : rest_(rest) { read(); }

  const eventstream_header& operator*() const { return header_; }
  const eventstream_header* operator->() const { return &header_; }
  iterator& operator++();
  bool operator==(const iterator& other) const { return rest_.size() == other.rest_.size(); }

 private:
  void read();

  std::string_view rest_;  // from header_ on
  std::size_t size_ = 0;   // of header_
  eventstream_header header_;
};

class eventstream_decoder {
 public:
  /// As the service has them.
  static constexpr std::uint32_t max_headers = 128 * 1024;
  static constexpr std::uint32_t max_payload = 24 * 1024 * 1024;

  /// Views are valid during the call only.
  class sink {
   public:
    /// The headers of a message. Its payload follows; whether they came undamaged, only the end of the message tells.
    virtual void on_message(const eventstream_headers& headers) = 0;
    /// A piece of the payload, never empty.
    virtual void on_payload(std::string_view piece) = 0;
    /// The message is whole, and its checksum right.
    virtual void on_message_end() = 0;

   protected:
    ~sink() = default;
  };

  /// Uses all of `input` unless it fails. Errors: malformed (a wrong checksum, or a length or header that cannot be),
  /// too_large. Errors are final.
  result<void> feed(std::string_view input, sink& out);

  /// No message has begun since the last one ended.
  bool between_messages() const noexcept { return part_ == part::prelude && held_size_ == 0 && !verdict_; }

 private:
  enum class part : std::uint8_t { prelude, headers, payload, checksum };

  static constexpr std::size_t prelude_size = 12;
  static constexpr std::size_t checksum_size = 4;

  result<void> step(std::string_view& input, sink& out);
  bool hold(std::string_view& input, std::size_t size);
  result<void> read_prelude(sink& out);
  result<void> read_headers(std::string_view& input, sink& out);
  result<void> show_headers(std::string_view block, sink& out);
  void read_payload(std::string_view& input, sink& out);
  result<void> read_checksum(sink& out);
  void add_to_checksum(std::string_view bytes);

  part part_ = part::prelude;
  std::uint32_t checksum_ = 0;      // of the message so far
  std::uint32_t headers_size_ = 0;  // of the message under way
  std::uint32_t payload_left_ = 0;
  std::array<char, prelude_size> held_{};  // of a prelude or a checksum
  std::size_t held_size_ = 0;
  std::string headers_;  // of headers that came in several pieces
  std::optional<errc> verdict_;
};

}  // namespace net::wire
