#pragma once

// Removes the usage from a stream of chat completions whose client did not ask for it: the one chunk with an empty
// array of choices and a usage object. Every other event passes unchanged as soon as it is complete. Server-sent events
// as in the HTML Living Standard §9.2.6.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

class usage_chunk_filter final : public mitm::response_rewriter {
 public:
  /// Bytes of an event that are kept until it is complete. A longer event is no usage chunk and passes at once.
  static constexpr std::size_t default_limit = 64 * 1024;

  explicit usage_chunk_filter(std::size_t limit = default_limit) : limit_(limit) {}

  /// Event streams without a content coding.
  bool wants(const net::wire::response_head& head) override;
  void feed(std::string_view piece, std::string& out) override;
  /// An incomplete event is no usage chunk and passes.
  void finish(std::string& out) override;

 private:
  enum class state : std::uint8_t {
    line,        // inside a line that is not empty
    line_start,  // after a line end
    line_start_after_cr,
    event_end_after_cr,  // a CR ended the event: an LF here belongs to it
  };

  /// `used`: bytes through the end of the event, or all. True if the event has ended.
  bool read_event(std::string_view piece, std::size_t& used);
  void keep(std::string_view bytes, std::string& out);
  void end_event(std::string& out);

  std::size_t limit_;
  state state_ = state::line_start;
  bool passing_ = false;  // the event under way is longer than the limit
  bool dropped_ = false;  // the last event was
  std::string event_;
};

}  // namespace app::rewrite
