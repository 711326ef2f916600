#include "test/sim/call_reader.hpp"

#include <array>
#include <atomic>
#include <charconv>

#include <boost/json/parse.hpp>

namespace sim {
namespace {

namespace json = boost::json;

std::int64_t characters(const json::value& value) {
  std::int64_t count = 0;
  if (const auto* text = value.if_string()) return static_cast<std::int64_t>(text->size());
  if (const auto* list = value.if_array())
    for (const auto& item : *list) count += characters(item);
  if (const auto* object = value.if_object())
    for (const auto& member : *object) count += characters(member.value());
  return count;
}

std::string text_member(const json::value& body, std::string_view name) {
  const auto* object = body.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

bool true_member(const json::value& body, std::string_view name) {
  const auto* object = body.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found && found->is_bool() && found->get_bool();
}

bool false_member(const json::value& body, std::string_view name) {
  const auto* object = body.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found && found->is_bool() && !found->get_bool();
}

bool asks_for_usage(const json::value& body) {
  const auto* options = body.as_object().if_contains("stream_options");
  return options && true_member(*options, "include_usage");
}

/// agent/<conversation>/<ms>/<trajectory>/<n>
std::string conversation_of(std::string_view request_id) {
  constexpr std::string_view agent = "agent/";
  if (!request_id.starts_with(agent)) return {};
  request_id.remove_prefix(agent.size());
  return std::string(request_id.substr(0, request_id.find('/')));
}

std::string model_in(std::string_view path) {
  const auto start = path.find("/models/");
  if (start == path.npos) return {};
  const auto name = path.substr(start + std::string_view("/models/").size());
  return std::string(name.substr(0, name.rfind(':')));
}

void read_google(call& c, const call_request& request, const json::value& body) {
  c.api = provider::google;
  c.wrapped = request.path.starts_with("/v1internal:");
  c.stream = request.path.ends_with(":streamGenerateContent");
  c.event_stream = request.query.find("alt=sse") != request.query.npos;
  c.requested_model = c.wrapped ? text_member(body, "model") : model_in(request.path);
  c.conversation = conversation_of(text_member(body, "requestId"));
}

void read_others(call& c, std::string_view path, const json::value& body) {
  c.api = path.ends_with("/chat/completions") ? provider::openai_chat
          : path.ends_with("/responses")      ? provider::openai_responses
                                              : provider::anthropic;
  c.stream = true_member(body, "stream");
  c.requested_model = text_member(body, "model");
  c.generate = !false_member(body, "generate");
  if (c.api == provider::openai_chat) c.wants_usage = !c.stream || asks_for_usage(body);
}

std::string_view id_prefix(provider api) {
  switch (api) {
    case provider::google:
      return "goog-";
    case provider::openai_chat:
      return "chatcmpl-";
    case provider::openai_responses:
      return "resp_";
    case provider::anthropic:
      return "msg_";
  }
  return "";
}

/// As Google writes trace ids: no zeros in front.
std::string hex(std::uint64_t value) {
  std::array<char, 16> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr};
}

void name_answer(call& c) {
  static std::atomic<std::uint64_t> next = 1;
  const auto number = c.asked.id.empty() ? std::to_string(next++) : c.asked.id;
  c.id = std::string(id_prefix(c.api)) + number;
  c.trace_id = hex(std::hash<std::string>{}(number));
  c.served_model = c.asked.served_model.empty() ? c.requested_model + "-001" : c.asked.served_model;
}

void count_tokens(call& c, const json::value& body) {
  c.prompt = prompt_tokens(body);
  c.cached = c.prompt / 3;
  if (c.api == provider::anthropic) c.cache_write = c.prompt / 5;
  if (c.generate) c.thinking = 7 + c.prompt % 5;
}

}  // namespace

bool names_model_call(std::string_view path) {
  return path.ends_with(":streamGenerateContent") || path.ends_with(":generateContent") ||
         path.ends_with("/chat/completions") || path.ends_with("/responses") || path.ends_with("/messages");
}

std::int64_t prompt_tokens(const json::value& body) {
  std::int64_t count = 0;
  const auto* object = body.if_object();
  for (const auto* name : {"request", "contents", "messages", "input", "system", "systemInstruction", "instructions"})
    if (const auto* part = object ? object->if_contains(name) : nullptr) count += characters(*part);
  return 10 + count / 4;
}

boost::system::result<call, std::string> read_call(const call_request& request) {
  boost::system::error_code error;
  const auto body = json::parse(json::string_view(request.body.data(), request.body.size()), error);
  if (error || !body.is_object()) return std::string("the body is not a JSON object");
  call c;
  c.asked = read_behaviour(request.x_sim, request.body);
  if (!c.asked.unknown.empty()) return "the simulator does not know " + c.asked.unknown;
  c.retried = !request.retry_count.empty() && request.retry_count != "0";
  if (request.path.find(":") != request.path.npos) {
    read_google(c, request, body);
  } else {
    read_others(c, request.path, body);
  }
  name_answer(c);
  count_tokens(c, body);
  return c;
}

}  // namespace sim
