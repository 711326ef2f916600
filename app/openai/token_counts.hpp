#pragma once

// Tokens of an answer, summed over the model calls of its turn, and their names in OpenAI's two usage objects.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace app::openai {

/// The normal form of usage: the three inputs are disjoint, reasoning is a part of output.
struct token_counts {
  std::uint64_t input_uncached = 0;
  std::uint64_t cache_read = 0;
  std::uint64_t cache_write = 0;
  std::uint64_t output = 0;
  std::uint64_t reasoning = 0;

  bool operator==(const token_counts&) const = default;
};

std::uint64_t input_total(const token_counts& counts);
/// The `usage` object of a chat completion and of a response; null if the counts are unknown.
void append_chat_usage(std::string& out, const std::optional<token_counts>& counts);
void append_response_usage(std::string& out, const std::optional<token_counts>& counts);

/// Adds up the calls of one turn. A call that is added again under its id replaces its earlier counts.
class usage_sum {
 public:
  /// This many calls can be replaced. Further ones are only added.
  static constexpr std::size_t max_calls = 4096;

  /// `response_id` may be empty. Then `revised` counts replace the last ones without an id.
  void add(std::string_view response_id, const token_counts& counts, bool revised);
  /// nullopt if there was no call: unknown is not zero.
  std::optional<token_counts> total() const;

 private:
  std::unordered_map<std::string, token_counts> calls_;
  token_counts last_unnamed_;
  token_counts rest_;
  bool any_ = false;
};

}  // namespace app::openai
