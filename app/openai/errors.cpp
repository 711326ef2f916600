#include "app/openai/errors.hpp"

#include <algorithm>
#include <array>

#include "app/base/json_text.hpp"
#include "net/text/utf8.hpp"

namespace app::openai {
namespace {

constexpr std::size_t name_limit = 200;      // bytes of a name that is repeated in a message
constexpr std::size_t message_limit = 2000;  // bytes of an upstream's message
constexpr std::size_t names_listed = 40;

api_error invalid_request(unsigned status, std::string code, std::string message, std::optional<std::string> param) {
  return {status, "invalid_request_error", std::move(code), std::move(message), std::move(param)};
}

std::string quoted(std::string_view name) {
  return '\'' + net::utf8::shortened(name, name_limit) + '\'';
}

api_error not_found(std::string code, std::string_view kind, std::string_view id) {
  return invalid_request(404, std::move(code), std::string(kind) + " with id " + quoted(id) + " not found.",
                         std::nullopt);
}

api_error failure(unsigned status, std::string code, std::string message) {
  return {status, "server_error", std::move(code), std::move(message)};
}

bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != text.npos;
}

/// A client can wait for a rate limit to pass, but not for a spent quota.
bool quota_spent(std::string_view text) {
  return contains(text, "QUOTA") || contains(text, "quota");
}

}  // namespace

api_error malformed_body(std::string message) {
  return invalid_request(400, "invalid_json", std::move(message), std::nullopt);
}

api_error missing_parameter(std::string param) {
  std::string message = "Missing required parameter: '" + param + "'.";
  return invalid_request(400, "missing_required_parameter", std::move(message), std::move(param));
}

api_error wrong_type(std::string param, std::string_view expected, std::string_view got) {
  std::string message = "Invalid type for '" + param + "': expected " + std::string(expected) + ", but got " +
                        std::string(got) + " instead.";
  return invalid_request(400, "invalid_type", std::move(message), std::move(param));
}

api_error invalid_value(std::string param, std::string message) {
  return invalid_request(400, "invalid_value", std::move(message), std::move(param));
}

api_error unsupported_value(std::string param, std::string message) {
  return invalid_request(400, "unsupported_value", std::move(message), std::move(param));
}

api_error model_not_found(std::string_view name, std::span<const std::string> known) {
  std::string message = "The model " + quoted(name) + " does not exist.";
  if (known.empty()) message += " The language server names no models.";
  for (std::size_t i = 0; i < std::min(known.size(), names_listed); ++i)
    message.append(i == 0 ? " There are: " : ", ").append(net::utf8::shortened(known[i], name_limit));
  if (known.size() > names_listed) message += ", …";
  return invalid_request(404, "model_not_found", std::move(message), "model");
}

api_error response_not_found(std::string_view id) {
  return not_found("response_not_found", "Response", id);
}

api_error item_not_found(std::string_view id) {
  auto error = not_found("item_not_found", "Item", id);
  error.param = "input";
  return error;
}

api_error conversation_not_found(std::string_view id) {
  auto error = not_found("conversation_not_found", "Conversation", id);
  error.param = "conversation";
  return error;
}

api_error previous_response_not_found(std::string_view id) {
  auto error = not_found("previous_response_not_found", "Previous response", id);
  error.status = 400;
  error.param = "previous_response_id";
  return error;
}

api_error response_already_finished(std::string_view id) {
  return invalid_request(400, "response_already_finished",
                         "Response " + quoted(id) + " has ended and cannot be cancelled.", std::nullopt);
}

std::optional<api_error> unsupported_endpoint(std::string_view path) {
  constexpr std::array<std::string_view, 14> unsupported{
      "/v1/embeddings", "/v1/audio",         "/v1/images",     "/v1/moderations", "/v1/files",
      "/v1/uploads",    "/v1/batches",       "/v1/assistants", "/v1/threads",     "/v1/vector_stores",
      "/v1/realtime",   "/v1/conversations", "/v1/videos",     "/v1/fine_tuning"};
  const auto below = [&](std::string_view prefix) {
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
  };
  if (std::none_of(unsupported.begin(), unsupported.end(), below) && !below("/v1/completions")) return std::nullopt;
  return invalid_request(404, "unsupported_endpoint",
                         net::utf8::shortened(path, name_limit) +
                             " is not supported: this service has /v1/chat/completions, /v1/responses and /v1/models.",
                         std::nullopt);
}

api_error upgrade_required() {
  return invalid_request(426, "upgrade_required",
                         "GET /v1/responses opens a WebSocket (RFC 6455, version 13). Without one use POST.",
                         std::nullopt);
}

api_error response_in_progress(std::string_view stream_id) {
  const std::string where = stream_id.empty() ? "this connection" : "stream " + quoted(stream_id);
  return invalid_request(409, "response_in_progress", "A response is in progress on " + where + ": wait for its end.",
                         std::nullopt);
}

api_error rate_limited(std::string_view what) {
  return {429, "requests", "rate_limit_exceeded", "Rate limit reached: " + std::string(what) + ". Try again later."};
}

api_error server_busy() {
  return failure(503, "server_busy", "Too many requests wait for the language server. Try again later.");
}

api_error language_server_unavailable() {
  return failure(503, "language_server_unavailable", "The language server is not reachable. Try again later.");
}

api_error upstream_unreachable(std::string_view why) {
  return failure(502, "upstream_unreachable",
                 "The language server went away during the turn: " + net::utf8::shortened(why, message_limit));
}

api_error upstream_timeout() {
  return failure(504, "upstream_timeout", "The language server did not answer in time.");
}

api_error turn_canceled() {
  return failure(500, "turn_canceled", "The turn was canceled on the language server.");
}

api_error turn_failed(unsigned code, std::string_view short_error, std::string_view user_message) {
  std::string message = net::utf8::shortened(user_message.empty() ? short_error : user_message, message_limit);
  if (message.empty()) message = "The language server reports no reason for the failure.";
  if (!user_message.empty() && !short_error.empty() && !contains(user_message, short_error))
    message += " (" + net::utf8::shortened(short_error, message_limit) + ')';
  if (code == 429 && (quota_spent(short_error) || quota_spent(user_message)))
    return {429, "insufficient_quota", "insufficient_quota", std::move(message)};
  if (code == 429) return {429, "requests", "upstream_rate_limit", std::move(message)};
  if (code >= 400 && code < 500 && code != 401 && code != 403 && code != 408 && code != 409)
    return invalid_request(400, "turn_failed", std::move(message), std::nullopt);
  const unsigned status = code == 502 || code == 503 || code == 504 ? code : 500;
  return failure(status, "turn_failed", std::move(message));
}

retry_advice should_retry(const api_error& error) {
  constexpr std::array<std::string_view, 3> before_it_began{"rate_limit_exceeded", "server_busy",
                                                            "language_server_unavailable"};
  if (std::find(before_it_began.begin(), before_it_began.end(), error.code) != before_it_began.end())
    return retry_advice::yes;
  const bool retried_unasked = error.status == 408 || error.status == 409 || error.status == 429 || error.status >= 500;
  if (!retried_unasked || error.code == "request_timeout") return retry_advice::unsaid;
  return retry_advice::no;
}

std::vector<std::pair<std::string, std::string>> retry_headers(const api_error& error,
                                                               std::optional<std::chrono::milliseconds> delay) {
  std::vector<std::pair<std::string, std::string>> headers;
  const retry_advice advice = should_retry(error);
  if (advice != retry_advice::unsaid)
    headers.emplace_back("x-should-retry", advice == retry_advice::yes ? "true" : "false");
  if (!delay || delay->count() < 0) return headers;
  headers.emplace_back("retry-after", std::to_string(std::chrono::ceil<std::chrono::seconds>(*delay).count()));
  headers.emplace_back("retry-after-ms", std::to_string(delay->count()));
  return headers;
}

void append_error(std::string& out, const api_error& error) {
  out += R"({"error":{"message":)";
  append_json(out, error.message);
  out += R"(,"type":)";
  append_json(out, error.type);
  out += R"(,"param":)";
  append_json_or_null(out, error.param);
  out += R"(,"code":)";
  append_json(out, error.code);
  out += "}}";
}

}  // namespace app::openai
