#include "test/sim/language_server/calls/provider_answer.hpp"

#include <boost/json/parse.hpp>

namespace sim::ls {
namespace {

namespace json = boost::json;

const json::object* object_member(const json::object& holder, std::string_view name) {
  const auto* found = holder.if_contains(name);
  return found ? found->if_object() : nullptr;
}

std::string text_member(const json::object& holder, std::string_view name) {
  const auto* found = holder.if_contains(name);
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

void take_count(const json::object& holder, std::string_view name, std::uint64_t& count) {
  const auto* found = holder.if_contains(name);
  if (found && found->is_int64()) count = static_cast<std::uint64_t>(found->get_int64());
}

void add_usage(provider_answer& answer, const json::object& usage) {
  auto& known = answer.usage ? *answer.usage : answer.usage.emplace();
  take_count(usage, "promptTokenCount", known.prompt);
  take_count(usage, "toolUsePromptTokenCount", known.tool_use_prompt);
  take_count(usage, "cachedContentTokenCount", known.cached);
  take_count(usage, "candidatesTokenCount", known.candidates);
  take_count(usage, "thoughtsTokenCount", known.thoughts);
}

void add_part(provider_answer& answer, const json::object& part) {
  const auto* thought = part.if_contains("thought");
  const bool thinks = thought && thought->is_bool() && thought->get_bool();
  (thinks ? answer.thinking : answer.text) += text_member(part, "text");
}

void add_candidate(provider_answer& answer, const json::object& candidate) {
  if (auto reason = text_member(candidate, "finishReason"); !reason.empty()) answer.finish_reason = std::move(reason);
  const auto* content = object_member(candidate, "content");
  const auto* parts = content ? content->if_contains("parts") : nullptr;
  if (!parts || !parts->is_array()) return;
  for (const auto& part : parts->get_array())
    if (part.is_object()) add_part(answer, part.get_object());
}

void add_response(provider_answer& answer, const json::object& response) {
  if (const auto* usage = object_member(response, "usageMetadata")) add_usage(answer, *usage);
  if (auto id = text_member(response, "responseId"); !id.empty()) answer.response_id = std::move(id);
  if (auto name = text_member(response, "modelVersion"); !name.empty()) answer.served_model = std::move(name);
  const auto* candidates = response.if_contains("candidates");
  if (!candidates || !candidates->is_array() || candidates->get_array().empty()) return;
  if (const auto* first = candidates->get_array().front().if_object()) add_candidate(answer, *first);
}

std::string reason_of(const json::object& error) {
  const auto* details = error.if_contains("details");
  if (!details || !details->is_array()) return {};
  for (const auto& detail : details->get_array()) {
    const auto* object = detail.if_object();
    if (object && object->contains("reason")) return text_member(*object, "reason");
  }
  return {};
}

provider_error error_of(const json::object& error) {
  std::uint64_t code = 0;
  take_count(error, "code", code);
  return {.code = static_cast<unsigned>(code),
          .status = text_member(error, "status"),
          .message = text_member(error, "message"),
          .reason = reason_of(error)};
}

}  // namespace

bool add_event(provider_answer& answer, std::string_view json_text) {
  boost::system::error_code failed;
  const auto value = json::parse(json::string_view(json_text.data(), json_text.size()), failed);
  if (failed || !value.is_object()) return false;
  const auto& event = value.get_object();
  if (const auto* error = object_member(event, "error")) answer.error = error_of(*error);
  if (const auto* response = object_member(event, "response")) add_response(answer, *response);
  return true;
}

provider_error read_error(unsigned http_status, std::string_view body) {
  boost::system::error_code failed;
  auto value = json::parse(json::string_view(body.data(), body.size()), failed);
  const provider_error unreadable{.code = http_status, .status = "UNKNOWN", .message = std::string(body), .reason = {}};
  if (failed) return unreadable;
  if (value.is_array() && !value.get_array().empty()) value = json::value(value.get_array().front());
  const auto* object = value.if_object();
  const auto* error = object ? object_member(*object, "error") : nullptr;
  return error ? error_of(*error) : unreadable;
}

const std::vector<std::string>& event_reader::feed(std::string_view piece) {
  whole_.clear();
  decoder_.feed(piece);
  return whole_;
}

}  // namespace sim::ls
