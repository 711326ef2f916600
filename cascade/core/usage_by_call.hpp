#pragma once

// Token counts of the model calls of one turn, each call once. The server lists a call in several places (step
// metadata, generator metadata, retries) and again in every snapshot; calls are told apart by response id. step_reducer
// owns one.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cascade/core/event.hpp"
#include "proto/codeium_common.pb.h"

namespace cascade {

class usage_by_call {
 public:
  static constexpr std::size_t max_calls = 100'000;  // of one turn; further calls are not reported

  struct call {
    std::string_view key{};  // what distinguishes the call
    std::string_view response_model{};
    bool failed_attempt = false;
  };

  /// Returns an event if the call is new or its counts grew. Counts only grow while a response is written, so of two
  /// sources the larger count is the later one. Usage without tokens makes no event. The strings of the event are views
  /// into this object.
  std::optional<token_usage> add(const call& which, const exa::codeium_common_pb::ModelUsageStats& usage);

  std::size_t bytes_held() const;

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };
  struct entry {
    std::string response_id;
    std::string response_model;
    token_usage counts;
  };

  std::unordered_map<std::string, entry, hash, std::equal_to<>> calls_;
};

}  // namespace cascade
