#pragma once

// What the provider's events say: an incremental reader of the event stream, and the meaning of one event or error
// body. Pure; a model call feeds it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/wire/sse_decoder.hpp"

namespace sim::ls {

/// As Google counts: the prompt includes what was cached, the candidates exclude the thoughts. The last value wins.
struct provider_usage {
  std::uint64_t prompt = 0;
  std::uint64_t tool_use_prompt = 0;
  std::uint64_t cached = 0;
  std::uint64_t candidates = 0;
  std::uint64_t thoughts = 0;
};

struct provider_error {
  unsigned code = 0;
  std::string status;  // RESOURCE_EXHAUSTED …
  std::string message;
  std::string reason;  // of ErrorInfo
};

/// The whole of an answer so far.
struct provider_answer {
  std::string text;
  std::string thinking;
  std::string response_id;
  std::string served_model;
  std::string finish_reason;
  std::optional<provider_usage> usage;
  std::optional<provider_error> error;
};

/// Adds one event (or the body of generateContent) to `answer`. False if it is not JSON.
bool add_event(provider_answer& answer, std::string_view json_text);

/// Of the body of a refusal, which may be wrapped in an array.
provider_error read_error(unsigned http_status, std::string_view body);

/// Cuts an event stream into the JSON texts of its events.
class event_reader final : private net::wire::sse_decoder::sink {
 public:
  /// The events that `piece` completed, valid until the next call.
  const std::vector<std::string>& feed(std::string_view piece);

 private:
  void on_data(std::string_view piece) override { open_.append(piece); }
  void on_dispatch(std::string_view) override { whole_.push_back(std::exchange(open_, {})); }

  net::wire::sse_decoder decoder_{*this};
  std::string open_;
  std::vector<std::string> whole_;
};

}  // namespace sim::ls
