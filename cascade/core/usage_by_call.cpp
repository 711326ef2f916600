#include "cascade/core/usage_by_call.hpp"

#include <algorithm>
#include <array>

namespace cascade {
namespace {

using exa::codeium_common_pb::ModelUsageStats;

constexpr std::array counted{&token_usage::input, &token_usage::cache_read, &token_usage::cache_write,
                             &token_usage::output, &token_usage::reasoning};

token_usage counts_of(const ModelUsageStats& usage) {
  token_usage counts;
  counts.model = static_cast<std::uint32_t>(usage.model());
  counts.input = usage.input_tokens();
  counts.cache_read = usage.cache_read_tokens();
  counts.cache_write = usage.cache_write_tokens();
  counts.reasoning = usage.thinking_output_tokens();
  // Some builds set only the parts of the output.
  counts.output = std::max(usage.output_tokens(), counts.reasoning + usage.response_output_tokens());
  return counts;
}

/// True if any count grew.
bool grow(token_usage& known, const token_usage& now) {
  bool grew = false;
  for (const auto count : counted) {
    grew |= now.*count > known.*count;
    known.*count = std::max(known.*count, now.*count);
  }
  return grew;
}

}  // namespace

std::optional<token_usage> usage_by_call::add(const call& which, const ModelUsageStats& usage) {
  auto found = calls_.find(which.key);
  const bool known = found != calls_.end();
  if (!known) {
    token_usage none;
    if (!grow(none, counts_of(usage)) || calls_.size() >= max_calls) return {};
    found = calls_.emplace(std::string(which.key), entry{}).first;
    found->second.response_id = usage.response_id();
  }
  entry& held = found->second;
  if (!grow(held.counts, counts_of(usage))) return {};
  // Set only once, because an event of the same update may view it.
  if (held.response_model.empty()) held.response_model = which.response_model;
  if (usage.model() != 0) held.counts.model = static_cast<std::uint32_t>(usage.model());
  held.counts.failed_attempt |= which.failed_attempt;
  held.counts.revised = known;
  held.counts.response_id = held.response_id;
  held.counts.response_model = held.response_model;
  return held.counts;
}

std::size_t usage_by_call::bytes_held() const {
  std::size_t bytes = 0;
  for (const auto& [key, held] : calls_) {
    bytes += sizeof(std::string) + key.capacity() + sizeof(held) + held.response_id.capacity() +
             held.response_model.capacity();
  }
  return bytes;
}

}  // namespace cascade
