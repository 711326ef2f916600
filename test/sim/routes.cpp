// Which route answers which path, and the small fixed answers.

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "test/sim/call_reader.hpp"
#include "test/sim/exchange.hpp"

namespace sim {
namespace {

namespace json = boost::json;

asio::awaitable<bool> answer_json(exchange& x, json::object content) {
  co_await x.read_body(nullptr);
  const auto asked = read_behaviour(x.field("x-sim"), {});
  const auto status = asked.status > 0 ? static_cast<unsigned>(asked.status) : 200u;
  co_return co_await answer_whole(x, asked, {.status = status, .content_type = "application/json"},
                                  json::serialize(content));
}

asio::awaitable<bool> answer_status(exchange& x, unsigned status) {
  co_await x.read_body(nullptr);
  const auto asked = read_behaviour(x.field("x-sim"), {});
  response_outline outline{.status = status, .content_type = "text/plain", .fields = "ETag: \"sim\"\r\n"};
  co_return co_await answer_whole(x, asked, std::move(outline), status == 404 ? "no such route\n" : "");
}

asio::awaitable<bool> answer_count(exchange& x, std::string_view member) {
  std::string text;
  co_await x.read_body(&text);
  boost::system::error_code error;
  const auto body = json::parse(text, error);
  const json::object content{{member, error ? 0 : prompt_tokens(body)}};
  co_return co_await answer_whole(x, read_behaviour(x.field("x-sim"), text),
                                  {.status = 200, .content_type = "application/json"}, json::serialize(content));
}

json::object code_assist() {
  return {{"currentTier", {{"id", "free-tier"}, {"name", "Simulated"}}}, {"cloudaicompanionProject", "sim-project"}};
}

json::object google_models() {
  json::object model{{"displayName", "Simulated Flash"},
                     {"model", "MODEL_PLACEHOLDER_M18"},
                     {"quotaInfo", {{"remainingFraction", 0.8}, {"resetTime", "2030-01-01T00:00:00Z"}}},
                     {"maxTokens", 1048576},
                     {"apiProvider", "API_PROVIDER_GOOGLE_GEMINI"},
                     {"modelProvider", "MODEL_PROVIDER_GOOGLE"}};
  return {{"models", {{"gemini-3-flash-agent", std::move(model)}}}, {"defaultAgentModelId", "gemini-3-flash-agent"}};
}

json::object openai_models() {
  json::object model{{"id", "gpt-sim"}, {"object", "model"}, {"created", 1'750'000'000}, {"owned_by", "sim"}};
  return {{"object", "list"}, {"data", json::array{std::move(model)}}};
}

}  // namespace

asio::awaitable<bool> route(exchange& x) {
  const auto path = x.path();
  if (read_behaviour(x.field("x-sim"), {}).echo) co_return co_await answer_echo(x);
  if (asks_for_websocket(x)) co_return co_await answer_websocket(x);
  if (is_model_call(x)) co_return co_await answer_model_call(x);
  if (path.ends_with(":countTokens")) co_return co_await answer_count(x, "totalTokens");
  if (path.ends_with("/messages/count_tokens")) co_return co_await answer_count(x, "input_tokens");
  if (path == "/v1internal:loadCodeAssist") co_return co_await answer_json(x, code_assist());
  if (path == "/v1internal:fetchAvailableModels") co_return co_await answer_json(x, google_models());
  if (path == "/v1/models") co_return co_await answer_json(x, openai_models());
  if (path.starts_with("/bytes/")) co_return co_await answer_bytes(x);
  if (path == "/upload") co_return co_await answer_upload(x);
  if (path == "/upgrade") co_return co_await answer_upgrade(x);
  if (path == "/status/204") co_return co_await answer_status(x, 204);
  if (path == "/status/304") co_return co_await answer_status(x, 304);
  if (path == "/") co_return co_await answer_json(x, {{"origin", "simulated"}});
  co_return co_await answer_status(x, 404);
}

}  // namespace sim
