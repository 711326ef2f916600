#include "usage/socket/socket_dialect.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <utility>

namespace usage {
namespace {

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> all) {
  return std::ranges::find(all, type) != all.end();
}

// The Responses API: https://platform.openai.com/docs/guides/websocket-mode. Messages of the server are the JSON of the
// server-sent events.
event_role role_of_response(std::string_view type, bool) {
  if (type == "response.created") return event_role::begins;
  if (is_one_of(type, {"response.completed", "response.incomplete", "response.failed", "response.cancelled", "error"}))
    return event_role::ends;
  if (is_one_of(type, {"response.queued", "response.in_progress"})) return event_role::other;
  return type.starts_with("response.") ? event_role::words : event_role::other;
}

// OpenAI Realtime: https://platform.openai.com/docs/api-reference/realtime-server-events. An `error` event ends no
// turn: it answers a message that was refused.
event_role role_of_realtime(std::string_view type, bool) {
  if (type == "response.created") return event_role::begins;
  if (type == "response.done") return event_role::ends;
  // The transcription of what the user said is billed by the tokens of its own model.
  if (type == "conversation.item.input_audio_transcription.completed") return event_role::side_call;
  return type.starts_with("response.") ? event_role::words : event_role::other;
}

// Gemini Live: https://ai.google.dev/api/live. Messages have no type.
event_role role_of_live(std::string_view, bool complete) {
  return complete ? event_role::ends : event_role::words;
}

/// `terms`, and what messages of a socket tell beside them.
dialect with(dialect terms, std::initializer_list<json_path> further) {
  terms.paths.add({}, std::span(further.begin(), further.size()));
  return terms;
}

const socket_dialect& responses() {
  static const socket_dialect instance{.client = {{"type", tag(socket_tag::type)},
                                                  {"stream_id", tag(socket_tag::stream)},
                                                  {"generate", tag(socket_tag::generate)},
                                                  {"model", tag(request_member::model)},
                                                  {"conversation", tag(request_member::conversation)},
                                                  {"conversation.id", tag(request_member::conversation_id)},
                                                  {"prompt_cache_key", tag(request_member::prompt_cache_key)},
                                                  {"metadata.session_id", tag(request_member::session_id)},
                                                  {"client_metadata.session_id", tag(request_member::session_id)},
                                                  {"metadata.user_id", tag(request_member::user_id)},
                                                  {"previous_response_id", tag(request_member::previous_response_id)}},
                                       .server = with(openai_events_dialect(), {{"stream_id", tag(socket_tag::stream)},
                                                                                {"status", tag(socket_tag::status)}}),
                                       .client_begins = true,
                                       .asks = "response.create",
                                       .role = role_of_response};
  return instance;
}

const socket_dialect& realtime() {
  static const socket_dialect instance{
      .client = {{"type", tag(socket_tag::type)},
                 {"session.model", tag(request_member::model)},
                 {"response.metadata.session_id", tag(request_member::session_id)}},
      .server = with(openai_realtime_dialect(), {{"response.status", tag(socket_tag::status)}}),
      .role = role_of_realtime,
      .subprotocol = "realtime"};
  return instance;
}

const socket_dialect& live() {
  static const socket_dialect instance{
      .client = {{"setup.model", tag(request_member::model)}},
      .server = with(google_live_dialect(), {{"serverContent.turnComplete", tag(socket_tag::turn_complete)}}),
      .client_begins = true,
      .role = role_of_live};
  return instance;
}

}  // namespace

const socket_dialect* socket_dialect_of(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with("/responses")) return &responses();
  if (path.ends_with("/realtime")) return &realtime();
  // /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent, and …Constrained for short-lived
  // keys
  const auto verb = path.rfind("BidiGenerateContent");
  if (verb != path.npos && path.find('/', verb) == path.npos) return &live();
  return nullptr;
}

}  // namespace usage
