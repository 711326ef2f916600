#pragma once

// Incremental decoder of one direction of an HTTP/2 connection (RFC 9113 §3.4, §4, §6): the client's preface, frame
// heads, and what each type has before its content. Content is a view of the input and never collected, so a frame of
// any size takes no memory. The h2 tracker drives it: feed() until the input is consumed.
//
//   +-------- 9 bytes ---------+-- by type and flags --+-----------+- as told -+
//   | length type flags stream | pad length, priority, | content   | padding   |
//   |                          | stream, error code    |           |           |
//   +--------------------------+-----------------------+-----------+-----------+

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/wire/errc.hpp"

namespace net::wire {

enum class h2_type : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};

namespace h2_flag {
inline constexpr std::uint8_t end_stream = 0x1;  // DATA, HEADERS
inline constexpr std::uint8_t ack = 0x1;         // SETTINGS, PING
inline constexpr std::uint8_t end_headers = 0x4;
inline constexpr std::uint8_t padded = 0x8;
inline constexpr std::uint8_t priority = 0x20;
}  // namespace h2_flag

struct h2_frame {
  std::uint32_t length = 0;  // of everything after the 9 bytes
  h2_type type{};            // any value: unknown types are skipped (RFC 9113 §5.5)
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::uint32_t other_stream = 0;  // PUSH_PROMISE: the promised one; GOAWAY: the last one served
  std::uint32_t error = 0;         // RST_STREAM, GOAWAY

  bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
};

struct h2_setting {
  std::uint16_t id;
  std::uint32_t value;
};

class h2_frame_decoder {
 public:
  enum class sender : std::uint8_t { client, server };

  /// `max_continuations`: CONTINUATION frames of one header block.
  h2_frame_decoder(sender who, std::size_t max_continuations);

  struct step {
    std::size_t consumed = 0;
    bool begins = false;         // frame() now holds a new frame
    std::string_view content{};  // of DATA, or a fragment of a header block; without padding
    bool has_setting = false;    // setting() holds one
    bool ends = false;           // the frame is over, its padding included
  };

  /// Consumes a prefix of `input`, which is not empty. Errors: malformed, too_large. Both are final.
  result<step> feed(std::string_view input);

  const h2_frame& frame() const noexcept { return frame_; }
  const h2_setting& setting() const noexcept { return setting_; }

 private:
  enum class state : std::uint8_t { preface, head, prefix, content, setting, rest, broken };

  std::string_view collect(std::string_view input);
  step read_preface(std::string_view input);
  step read_head(std::string_view input);
  step read_prefix(std::string_view input);
  step read_setting(std::string_view input);
  step read_content(std::string_view input);
  step skip_rest(std::string_view input);
  void check_sequence();
  void check_shape();
  std::size_t prefix_size() const;
  void begin_payload(step& now, std::size_t prefix);
  void enter(state next, std::size_t need);
  void end_frame(step& now);
  void fail(errc verdict);

  std::size_t max_continuations_;
  std::size_t continuations_ = 0;   // of the header block that is open
  std::uint32_t block_stream_ = 0;  // whose header block is open; 0: none
  std::array<char, 9> held_{};      // a head, prefix or setting that is not whole yet
  std::size_t have_ = 0;
  std::size_t need_ = 0;
  std::uint32_t left_ = 0;     // bytes of the content still to come
  std::uint32_t padding_ = 0;  // bytes behind it
  h2_frame frame_;
  h2_setting setting_{};
  errc verdict_{};
  state state_;
};

}  // namespace net::wire
