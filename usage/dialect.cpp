#include "usage/dialect.hpp"

#include <algorithm>

namespace usage {

bool counters::any() const {
  return std::ranges::any_of(values_, [](const auto& value) { return value.has_value(); });
}

const dialect& errors_only() {
  static const dialect instance{
      .name = "errors", .paths = json_paths(error_paths), .objects = {}, .normalise = [](const counters&) {
        return normal_form{};
      }};
  return instance;
}

void add_usage(json_paths& paths, std::string_view place, std::span<const json_path> usage) {
  paths.add(place, usage);
  paths.add(place, std::array{json_path{"", tag(member::usage), selection::verbatim}});
}

json_paths usage_paths(std::initializer_list<std::string_view> places, std::span<const json_path> usage,
                       std::span<const json_path> document) {
  json_paths all{};
  for (const std::string_view place : places) add_usage(all, place, usage);
  all.add({}, document);
  return all;
}

const dialect* main_dialect(provider who) {
  switch (who) {
    case provider::google:
      return &google_dialect();
    case provider::openai_chat:
      return &openai_chat_dialect();
    case provider::openai_responses:
      return &openai_responses_dialect();
    case provider::anthropic:
      return &anthropic_dialect();
    case provider::openai:
      return &openai_plain_dialect();
    case provider::bedrock:
      return &bedrock_dialect();
    case provider::unknown:
      break;
  }
  return nullptr;
}

json_paths answer_paths(std::initializer_list<std::string_view> places, std::span<const json_path> usage,
                        std::span<const json_path> document) {
  json_paths all = usage_paths(places, usage, document);
  all.add({}, error_paths);
  return all;
}

void take_prompt(normal_form& form, std::int64_t prompt) {
  const std::int64_t rest = prompt - form.tokens.cache_read.value_or(0) - form.tokens.cache_write.value_or(0);
  if (rest < 0) form.flags |= part_exceeds_whole;
  form.tokens.input_uncached = std::max<std::int64_t>(rest, 0);
}

void take_parts(normal_form& form, const counters& seen) {
  token_usage& tokens = form.tokens;
  tokens.cache_write_1h = seen[member::cache_write_1h];
  tokens.audio_input = seen[member::audio_input];
  tokens.image_input = seen[member::image_input];
  tokens.audio_output = seen[member::audio_output];
  tokens.image_output = seen[member::image_output];
  form.flags |= impossible_parts(tokens);
}

}  // namespace usage
