#include "app/openai/token_counts.hpp"

#include <initializer_list>
#include <limits>

#include "app/base/json_text.hpp"

namespace app::openai {
namespace {

/// Sums of a peer's numbers saturate instead of wrapping around.
std::uint64_t sum(std::initializer_list<std::uint64_t> numbers) {
  std::uint64_t total = 0;
  for (const std::uint64_t each : numbers) {
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - total;
    total += each < room ? each : room;
  }
  return total;
}

void add_to(token_counts& total, const token_counts& more) {
  total.input_uncached = sum({total.input_uncached, more.input_uncached});
  total.cache_read = sum({total.cache_read, more.cache_read});
  total.cache_write = sum({total.cache_write, more.cache_write});
  total.output = sum({total.output, more.output});
  total.reasoning = sum({total.reasoning, more.reasoning});
}

void append(std::string& out, std::string_view before, std::uint64_t number) {
  out += before;
  append_number(out, number);
}

}  // namespace

std::uint64_t input_total(const token_counts& counts) {
  return sum({counts.input_uncached, counts.cache_read, counts.cache_write});
}

void append_chat_usage(std::string& out, const std::optional<token_counts>& counts) {
  if (!counts) {
    out += "null";
    return;
  }
  const std::uint64_t input = input_total(*counts);
  append(out, R"({"prompt_tokens":)", input);
  append(out, R"(,"completion_tokens":)", counts->output);
  append(out, R"(,"total_tokens":)", sum({input, counts->output}));
  append(out, R"(,"prompt_tokens_details":{"cached_tokens":)", counts->cache_read);
  append(out, R"(,"cache_write_tokens":)", counts->cache_write);
  append(out, R"(,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":)", counts->reasoning);
  out += R"(,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
}

void append_response_usage(std::string& out, const std::optional<token_counts>& counts) {
  if (!counts) {
    out += "null";
    return;
  }
  const std::uint64_t input = input_total(*counts);
  append(out, R"({"input_tokens":)", input);
  append(out, R"(,"input_tokens_details":{"cached_tokens":)", counts->cache_read);
  append(out, R"(,"cache_write_tokens":)", counts->cache_write);
  append(out, R"(},"output_tokens":)", counts->output);
  append(out, R"(,"output_tokens_details":{"reasoning_tokens":)", counts->reasoning);
  append(out, R"(},"total_tokens":)", sum({input, counts->output}));
  out += '}';
}

void usage_sum::add(std::string_view response_id, const token_counts& counts, bool revised) {
  any_ = true;
  if (response_id.empty()) {
    if (!revised) add_to(rest_, last_unnamed_);
    last_unnamed_ = counts;
  } else if (const auto known = calls_.find(std::string(response_id)); known != calls_.end()) {
    known->second = counts;
  } else if (calls_.size() < max_calls) {
    calls_.emplace(response_id, counts);
  } else {
    add_to(rest_, counts);
  }
}

std::optional<token_counts> usage_sum::total() const {
  if (!any_) return std::nullopt;
  token_counts total = rest_;
  add_to(total, last_unnamed_);
  for (const auto& [id, counts] : calls_) add_to(total, counts);
  return total;
}

}  // namespace app::openai
