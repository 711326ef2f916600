#include "app/openai/responses_request.hpp"

#include <algorithm>
#include <utility>

#include "app/base/json_text.hpp"
#include "app/openai/content_parts.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/known_parameters.hpp"
#include "app/openai/request_body.hpp"
#include "app/openai/response_echo.hpp"
#include "net/text/ascii.hpp"
#include "net/text/utf8.hpp"

namespace app::openai {
namespace {

constexpr parameter without_effect[] = {
    {"background", shape::flag, "false"},
    {"client_metadata", shape::anything, "", false},
    {"context_management"},
    {"include", shape::list},
    {"max_tool_calls", shape::number},
    {"moderation"},
    {"parallel_tool_calls", shape::flag, "true"},
    {"prompt_cache_key", shape::text, "", false},
    {"prompt_cache_options", shape::anything, "", false},
    {"prompt_cache_retention", shape::text, "", false},
    {"safety_identifier", shape::text, "", false},
    {"service_tier", shape::text, R"("auto"|"default")"},
    {"stream_options", shape::object, "", false},
    {"temperature", shape::number, "1"},
    {"tool_choice", shape::text_or_object, R"("auto"|"none")"},
    {"tools", shape::list},
    {"top_logprobs", shape::number, "0"},
    {"top_p", shape::number, "1"},
    {"truncation", shape::text, R"("disabled")"},
    {"user", shape::text, "", false},
};

constexpr parameter text_without_effect[] = {
    {"format", shape::object, R"({"type":"text"})"},
    {"verbosity", shape::text, R"("medium")"},
};

/// Names of item types go into a header, so only plausible names are repeated.
std::string ignored_item(std::string_view type) {
  const auto plain = [](char c) { return net::text::is_lower(c) || c == '_'; };
  const bool name = !type.empty() && type.size() <= 40 && std::all_of(type.begin(), type.end(), plain);
  return name ? "input." + std::string(type) : "input.item";
}

class input_reader {
 public:
  input_reader(const request_limits& limits, turn_request& request) : content_(limits), request_(request) {}

  void read(const members& item) {
    const std::string_view type = item.text("type").value_or(item.find("role") != nullptr ? "message" : "");
    if (item.wrong().given()) return;
    if (type == "message") {
      read_message(item);
    } else if (type == "function_call" || type == "custom_tool_call") {
      read_call(item, type == "function_call" ? "arguments" : "input");
    } else if (type == "function_call_output" || type == "custom_tool_call_output") {
      message& result = all_.emplace_back(message{role::tool});
      result.call_id = item.required_text("call_id");
      content_.read(item, "output", result);
    } else if (type == "item_reference") {
      read_reference(item);
    } else if (type.empty()) {
      item.wrong().add(missing_parameter(item.path_of("type")));
    } else if (type != "reasoning") {
      ignore(request_, ignored_item(type));
    }
  }

  void read_text(std::string_view text) { all_.push_back({role::user, std::string(text)}); }

  std::vector<message> taken() { return std::move(all_); }

 private:
  void read_message(const members& item) {
    const std::string_view sender = item.required_text("role");
    if (sender == "system" || sender == "developer") {
      message instructions{role::system};
      content_.read(item, "content", instructions);
      add_instructions(request_, instructions.text);
    } else if (sender == "user" || sender == "assistant") {
      const bool answer = sender == "assistant";
      content_.read(item, "content", all_.emplace_back(message{answer ? role::assistant : role::user}), answer);
    } else if (!item.wrong().given()) {
      item.wrong().add(invalid_value(item.path_of("role"),
                                     "Invalid value: '" + net::utf8::shortened(sender, 100) +
                                         "'. Supported values are: 'assistant', 'system', 'developer' and 'user'."));
    }
  }

  void read_call(const members& item, std::string_view arguments) {
    message& answer = all_.emplace_back(message{role::assistant});
    answer.calls.push_back({std::string(item.required_text("call_id")), std::string(item.required_text("name")),
                            std::string(item.text(arguments).value_or(""))});
  }

  void read_reference(const members& item) {
    const std::string_view id = item.required_text("id");
    if (id.starts_with("rs_")) return;  // reasoning is dropped
    all_.emplace_back(message{role::assistant}).reference = id;
  }

  content_reader content_;
  turn_request& request_;
  std::vector<message> all_;
};

void read_input(const members& body, const request_limits& limits, turn_request& request) {
  input_reader reader(limits, request);
  const json::value* const input = body.find("input");
  if (input == nullptr) {
    if (request.instructions.empty() && !request.previous_response_id && !request.conversation)
      body.wrong().add(missing_parameter("input"));
  } else if (const json::string* const text = input->if_string()) {
    reader.read_text(*text);
  } else if (const json::array* const items = body.list("input")) {
    for (std::size_t i = 0; i < items->size() && !body.wrong().given(); ++i)
      if (const auto item = body.element((*items)[i], "input", i)) reader.read(*item);
  }
  // After an earlier response the whole input is new, answers included.
  if (request.previous_response_id || request.conversation) {
    request.input = reader.taken();
  } else {
    split_turns(reader.taken(), request);
  }
}

void read_conversation(const members& body, turn_request& request) {
  if (const auto id = body.text("previous_response_id")) request.previous_response_id = *id;
  const json::value* const given = body.find("conversation");
  if (given == nullptr) return;
  if (const json::object* const inner = given->if_object()) {
    request.conversation = members(*inner, "conversation", body.wrong()).required_text("id");
  } else if (const auto id = body.text("conversation")) {
    request.conversation = *id;
  }
  if (request.previous_response_id)
    body.wrong().add(invalid_value("previous_response_id",
                                   "Mutually exclusive parameters: 'previous_response_id' and 'conversation'."));
}

void read_text_format(const members& body, turn_request& request) {
  const auto text = body.object("text");
  if (!text) return;
  if (const auto format = text->object("format")) check_format(*format);
  note_ignored(*text, text_without_effect, request);
}

void read_parameters(const members& body, turn_request& request) {
  request.store = body.flag("store", true);
  request.max_tokens = body.count("max_output_tokens", 1);
  if (const auto reasoning = body.object("reasoning")) {
    read_effort(*reasoning, "effort", request);
    static_cast<void>(reasoning->text("summary"));
  }
  if (body.find("prompt") != nullptr)
    body.wrong().add(unsupported_value("prompt", "Stored prompts are not supported: send 'instructions' and 'input'."));
  read_text_format(body, request);
  note_ignored(body, without_effect, request);
}

}  // namespace

parsed_request parse_responses_request(std::string_view text, const request_limits& limits) {
  const auto parsed = parse_body(text, limits);
  if (!parsed) return parsed.error();
  return read_responses_request(parsed->get_object(), limits);
}

parsed_request read_responses_request(const json::object& object, const request_limits& limits) {
  refusal wrong;
  turn_request request;
  const members body(object, "", wrong);
  read_shared(body, limits, request);
  add_instructions(request, body.text("instructions").value_or(""));
  read_conversation(body, request);
  read_input(body, limits, request);
  read_parameters(body, request);
  if (wrong.given()) return wrong.error();
  request.echo = echo_of(body);
  if (request.store) request.input_items = input_items_of(body);
  return {boost::system::in_place_value, std::move(request)};
}

}  // namespace app::openai
