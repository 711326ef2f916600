#include "usage/dialect.hpp"

#include <algorithm>
#include <vector>

namespace usage {
namespace {

const dialect& errors_only() {
  static const dialect instance{json_paths(error_paths), [](const counters&) { return normal_form{}; }, nullptr};
  return instance;
}

}  // namespace

bool counters::any() const {
  return std::ranges::any_of(values_, [](const auto& value) { return value.has_value(); });
}

const dialect& dialect_of(provider who, call_kind kind) {
  if (kind != call_kind::model) return errors_only();
  switch (who) {
    case provider::google:
      return google_dialect();
    case provider::openai_chat:
      return openai_chat_dialect();
    case provider::openai_responses:
      return openai_responses_dialect();
    case provider::anthropic:
      return anthropic_dialect();
    case provider::unknown:
      break;
  }
  return errors_only();
}

void take_prompt(normal_form& form, std::int64_t prompt) {
  const std::int64_t rest = prompt - form.tokens.cache_read.value_or(0) - form.tokens.cache_write.value_or(0);
  form.consistent = rest >= 0;
  form.tokens.input_uncached = std::max<std::int64_t>(rest, 0);
}

json_paths with_errors(std::initializer_list<json_path> own) {
  return with_errors({}, own);
}

json_paths with_errors(std::span<const json_path> shared, std::initializer_list<json_path> own) {
  std::vector<json_path> all(shared.begin(), shared.end());
  all.insert(all.end(), own);
  all.insert(all.end(), error_paths.begin(), error_paths.end());
  return json_paths(all);
}

}  // namespace usage
