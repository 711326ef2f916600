#include "app/rewrite/provider_shape.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace app::rewrite {
namespace {

using usage::call_kind;
using usage::provider;

bool is_there(std::string_view body, const json_pointer& pointer) {
  const auto value = value_at(body, pointer);
  return value && *value != "null";
}

json_pointer google_root(call_kind kind, std::string_view path, std::string_view body) {
  if (path.starts_with("/v1internal:")) return {"request"};
  if (kind == call_kind::count_tokens && is_there(body, {"generateContentRequest"})) return {"generateContentRequest"};
  return {};
}

/// The number at `pointer`; nullopt if it is absent or null. Errors: wrong_type, and those of locate().
result<std::optional<double>> number_at(std::string_view body, const json_pointer& pointer) {
  const auto place = locate(body, pointer);
  if (place.has_error()) return place.error();
  if (!place->found || place->value(body) == "null") return std::optional<double>();
  const auto text = place->value(body);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return errc::wrong_type;
  return std::optional(number);
}

result<edited> cap_at(std::string& body, const json_pointer& pointer, std::uint64_t tokens) {
  const auto now = number_at(body, pointer);
  if (now.has_error()) return now.error();
  if (*now && **now <= static_cast<double>(tokens)) return edited::no;
  return set_value(body, pointer, std::to_string(tokens));
}

result<edited> cap_google(std::string& body, const json_pointer& root, std::uint64_t tokens) {
  const auto settings = spelled(body, root, "generationConfig", "generation_config");
  if (settings.has_error()) return settings.error();
  if (!is_there(body, *settings)) {
    return set_value(body, *settings, "{\"maxOutputTokens\":" + std::to_string(tokens) + "}");
  }
  const auto limit = spelled(body, *settings, "maxOutputTokens", "max_output_tokens");
  return limit.has_error() ? limit.error() : cap_at(body, *limit, tokens);
}

result<edited> cap_chat(std::string& body, std::uint64_t tokens) {
  const json_pointer current{"max_completion_tokens"};
  const json_pointer former{"max_tokens"};
  const bool has_former = is_there(body, former);
  if (!has_former) return cap_at(body, current, tokens);
  const auto changed = cap_at(body, former, tokens);
  if (changed.has_error() || !is_there(body, current)) return changed;
  const auto too = cap_at(body, current, tokens);
  return too.has_error() || *changed == edited::no ? too : changed;
}

result<edited> cap_anthropic(std::string& body, std::uint64_t tokens) {
  if (is_there(body, {"thinking"})) {
    const auto budget = number_at(body, {"thinking", "budget_tokens"});
    if (budget.has_error()) return budget.error();
    if (*budget && **budget >= static_cast<double>(tokens)) return errc::no_room;
  }
  return cap_at(body, {"max_tokens"}, tokens);
}

}  // namespace

result<json_pointer> spelled(std::string_view body, const json_pointer& parent, std::string_view usual,
                             std::string_view other) {
  const bool has_other = value_at(body, parent / other).has_value();
  if (has_other && value_at(body, parent / usual)) return errc::ambiguous;
  return parent / (has_other ? other : usual);
}

result<body_shape> shape_of(const usage::call_shape& call, std::string_view path, std::string_view body) {
  if (!call.is_turn) return errc::unknown_shape;
  body_shape shape{call.provider, call.kind, {}};
  if (call.provider == provider::google) shape.root = google_root(call.kind, path, body);
  return shape;
}

result<edited> cap_output_tokens(std::string& body, const body_shape& shape, std::uint64_t tokens) {
  if (shape.kind == call_kind::count_tokens) return edited::no;
  switch (shape.provider) {
    case provider::google:
      return cap_google(body, shape.root, tokens);
    case provider::openai_chat:
      return cap_chat(body, tokens);
    case provider::openai_responses:
      return cap_at(body, {"max_output_tokens"}, tokens);
    case provider::anthropic:
      return cap_anthropic(body, tokens);
    case provider::openai:
    case provider::bedrock:
    case provider::unknown:
      break;
  }
  return errc::unknown_shape;
}

result<edited> ask_for_usage(std::string& body, const body_shape& shape) {
  if (shape.provider != provider::openai_chat || value_at(body, {"stream"}) != "true") return edited::no;
  const json_pointer options{"stream_options"};
  if (!is_there(body, options)) return set_value(body, options, R"({"include_usage":true})");
  return set_value(body, options / "include_usage", "true");
}

}  // namespace app::rewrite
