#include "app/cascade_event.hpp"

#include <array>
#include <ostream>
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

std::string_view word(cascade::finish_reason reason) {
  constexpr std::array<std::string_view, 5> words{"stop", "length", "max_invocations", "canceled", "content_filter"};
  return words[static_cast<std::size_t>(reason)];
}

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
    return {{"type", "waiting"}, {"step", e.step}, {"name", e.name}, {"arguments", e.arguments}};
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
    return {{"type", "finished"}, {"reason", word(e.reason)}};
  }
  json::object operator()(const cascade::failed& e) const {
    return {{"type", "failed"},
            {"code", e.code},
            {"error", e.short_error},
            {"message", e.user_message},
            {"trace_id", e.trace_id}};
  }
};

/// What a stream of characters can show: a rewritten text begins anew on a line of its own.
struct to_terminal {
  cascade_output to;

  void operator()(const cascade::text_delta& e) const { to.out << e.text << std::flush; }
  void operator()(const cascade::text_rewritten& e) const {
    to.err << "\n(the text was rewritten)\n";
    to.out << '\n' << e.text << std::flush;
  }
  void operator()(const cascade::reasoning_delta& e) const { to.err << e.text << std::flush; }
  void operator()(const cascade::reasoning_rewritten& e) const { to.err << '\n' << e.text << std::flush; }
  void operator()(const cascade::tool_step& e) const { to.err << "\n[" << e.name << ": " << word(e.status) << "]\n"; }
  void operator()(const cascade::waiting& e) const { to.err << "\n[" << e.name << " asks for permission]\n"; }
  void operator()(const cascade::token_usage& e) const {
    to.err << "\n[" << e.input + e.cache_read + e.cache_write << " tokens in, " << e.output << " out]\n";
  }
  void operator()(const cascade::finished& e) const {
    to.out << std::endl;
    if (e.reason != cascade::finish_reason::stop) to.err << "ended by: " << word(e.reason) << '\n';
  }
  void operator()(const cascade::failed& e) const {
    to.err << "\nthe turn failed: " << (e.short_error.empty() ? e.user_message : e.short_error) << '\n';
  }
};

}  // namespace

std::string cascade_event_json(const cascade::event& event) {
  return json::serialize(std::visit(to_object{}, event));
}

void cascade_printer::print(const cascade::event& event) {
  if (std::holds_alternative<cascade::finished>(event)) ended_well_ = true;
  if (json_) {
    to_.out << cascade_event_json(event) << std::endl;
  } else {
    std::visit(to_terminal{to_}, event);
  }
}

}  // namespace app
