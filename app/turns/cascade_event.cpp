#include "app/turns/cascade_event.hpp"

#include <array>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace app {
namespace {

namespace json = boost::json;

std::string_view word(cascade::step_status status) {
  constexpr std::array<std::string_view, 7> words{"unknown", "pending",  "running", "waiting",
                                                  "done",    "canceled", "error"};
  return words[static_cast<std::size_t>(status)];
}

constexpr std::array<std::string_view, 6> interactions{"unknown", "run_command", "file", "read_url", "mcp", "browser"};

json::object text_object(std::string_view type, std::uint32_t step, std::string_view text) {
  return {{"type", type}, {"step", step}, {"text", text}};
}

struct to_object {
  json::object operator()(const cascade::text_delta& e) const { return text_object("text", e.step, e.text); }
  json::object operator()(const cascade::text_rewritten& e) const {
    return text_object("text_rewritten", e.step, e.text);
  }
  json::object operator()(const cascade::reasoning_delta& e) const { return text_object("reasoning", e.step, e.text); }
  json::object operator()(const cascade::reasoning_rewritten& e) const {
    return text_object("reasoning_rewritten", e.step, e.text);
  }
  json::object operator()(const cascade::tool_step& e) const {
    return {{"type", "tool"}, {"step", e.step},           {"call_id", e.call_id},
            {"name", e.name}, {"arguments", e.arguments}, {"status", word(e.status)}};
  }
  json::object operator()(const cascade::waiting& e) const {
    return {{"type", "waiting"},         {"step", e.step}, {"trajectory_id", e.trajectory_id},
            {"kind", to_string(e.kind)}, {"name", e.name}, {"arguments", e.arguments}};
  }
  json::object operator()(const cascade::token_usage& e) const {
    return {{"type", "usage"},
            {"response_id", e.response_id},
            {"model", e.response_model},
            {"input_uncached_tokens", e.input},
            {"cache_read_tokens", e.cache_read},
            {"cache_write_tokens", e.cache_write},
            {"output_tokens", e.output},
            {"thinking_tokens", e.reasoning},
            {"failed_attempt", e.failed_attempt},
            {"revised", e.revised}};
  }
  json::object operator()(const cascade::finished& e) const {
    return {{"type", "finished"}, {"reason", to_string(e.reason)}};
  }
  json::object operator()(const cascade::failed& e) const {
    return {{"type", "failed"},
            {"code", e.code},
            {"error", e.short_error},
            {"message", e.user_message},
            {"trace_id", e.trace_id}};
  }
};

}  // namespace

std::string cascade_event_json(const cascade::event& event) {
  return json::serialize(std::visit(to_object{}, event));
}

std::string_view to_string(cascade::finish_reason reason) {
  constexpr std::array<std::string_view, 5> words{"stop", "length", "max_invocations", "canceled", "content_filter"};
  return words[static_cast<std::size_t>(reason)];
}

std::string_view to_string(cascade::interaction_kind kind) {
  return interactions[static_cast<std::size_t>(kind)];
}

std::optional<cascade::interaction_kind> interaction_of(std::string_view word) {
  for (std::size_t i = 0; i < interactions.size(); ++i) {
    if (interactions[i] == word) return static_cast<cascade::interaction_kind>(i);
  }
  return std::nullopt;
}

}  // namespace app
