#include "app/openai_api/openai_routes.hpp"

#include <utility>

#include "app/base/random_id.hpp"
#include "app/base/wall_clock.hpp"
#include "app/http/body.hpp"
#include "app/http/error_answer.hpp"
#include "app/openai/chat_request.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/responses_request.hpp"
#include "app/openai/stored_documents.hpp"
#include "app/openai_api/openai_reply.hpp"
#include "app/openai_api/openai_turn.hpp"
#include "app/openai_api/response_cancel.hpp"
#include "app/openai_api/responses_socket.hpp"

namespace app {
namespace {

asio::awaitable<boost::system::result<openai_reply_parts, turn_refusal>> begin(openai_context& context,
                                                                               openai::parsed_request parsed,
                                                                               api_request& request,
                                                                               std::string_view prefix) {
  using result = boost::system::result<openai_reply_parts, turn_refusal>;
  if (parsed.has_error()) co_return turn_refusal{parsed.error()};
  auto turn = co_await begin_openai_turn(context, *parsed, request);
  if (turn.has_error()) co_return turn.error();
  co_return result(boost::system::in_place_value, openai_reply_parts{context, std::move(*parsed), std::move(*turn),
                                                                     random_id(prefix), unix_seconds()});
}

asio::awaitable<api_response> chat(openai_context& context, api_request request) {
  auto parsed =
      co_await read_apart(request, [&] { return openai::parse_chat_request(request.body, context.settings.requests); });
  if (parsed.has_error()) co_return parsed.error();
  auto begun = co_await begin(context, std::move(*parsed), request, "chatcmpl-");
  if (begun.has_error()) co_return to_response(begun.error());
  co_return co_await chat_reply(std::move(*begun));
}

asio::awaitable<api_response> respond(openai_context& context, api_request request) {
  auto read = co_await read_apart(
      request, [&] { return openai::parse_responses_request(request.body, context.settings.requests); });
  if (read.has_error()) co_return read.error();
  auto& parsed = *read;
  if (parsed.has_value()) {
    const auto resolved = context.memory.with(
        [&](auto& store, auto&, auto now) { return openai::resolve_references(*parsed, store, now); });
    if (resolved.has_error()) co_return to_response(turn_refusal{resolved.error()});
  }
  auto begun = co_await begin(context, std::move(parsed), request, "resp_");
  if (begun.has_error()) co_return to_response(begun.error());
  co_return co_await responses_reply(std::move(*begun));
}

asio::awaitable<api_response> models(openai_context& context) {
  const auto known = co_await context.models.current();
  if (known.has_error()) co_return to_response(known.error());
  co_return api_response{.body = (*known)->list().render()};
}

asio::awaitable<api_response> model(openai_context& context, std::string name) {
  const auto known = co_await context.models.current();
  if (known.has_error()) co_return to_response(known.error());
  auto one = (*known)->list().render_one(name);
  if (one.has_error()) co_return to_response(turn_refusal{one.error()});
  co_return api_response{.body = std::move(*one)};
}

/// Makes an answer of a stored response with `use`.
template <class F>
api_response with_stored(openai_context& context, const std::string& id, F use) {
  return context.memory.with([&](auto& store, auto&, auto now) {
    const auto* found = store.find(id, now);
    if (found == nullptr) return to_response(turn_refusal{openai::response_not_found(id)});
    return use(*found);
  });
}

asio::awaitable<api_response> stored(openai_context& context, api_request request) {
  if (request.parameter("stream") == "true") {
    auto error = openai::unsupported_value("stream", "The events of a response are not kept: ask without 'stream'.");
    co_return to_response(turn_refusal{std::move(error)});
  }
  co_return with_stored(context, request.arguments.front(),
                        [](const auto& found) { return api_response{.body = found.object}; });
}

asio::awaitable<api_response> input_items(openai_context& context, api_request request) {
  std::vector<std::pair<std::string, std::string>> query;
  for (const char* name : {"limit", "order", "after"}) {
    if (auto value = request.parameter(name)) query.emplace_back(name, std::move(*value));
  }
  const auto page = openai::parse_page_query(query);
  if (page.has_error()) co_return to_response(turn_refusal{page.error()});
  co_return with_stored(context, request.arguments.front(), [&](const auto& found) {
    auto list = openai::render_input_items(found, *page);
    if (list.has_error()) return to_response(turn_refusal{list.error()});
    return api_response{.body = std::move(*list)};
  });
}

asio::awaitable<api_response> forget(openai_context& context, std::string id) {
  const bool there = context.memory.with([&](auto& store, auto&, auto now) { return store.erase(id, now); });
  if (!there) co_return to_response(turn_refusal{openai::response_not_found(id)});
  co_return api_response{.body = openai::render_deleted(id)};
}

asio::awaitable<api_response> cancel(openai_context& context, std::string id) {
  auto refused = co_await cancel_response(context, id);
  if (refused) co_return to_response(*refused);
  co_return with_stored(context, id, [](const auto& found) { return api_response{.body = found.object}; });
}

api_route unsupported(std::string method, std::string path) {
  return {std::move(method),
          std::move(path),
          [](api_request request) -> asio::awaitable<api_response> {
            auto error = openai::unsupported_endpoint(request.path);
            co_return to_response(turn_refusal{error ? std::move(*error) : unknown_url(request.method, request.path)});
          },
          false,
          false,
          true};
}

/// Endpoints that SDKs have methods for and this service lacks. The answer says so, unlike a plain 404 or 405.
void add_unsupported(std::vector<api_route>& table) {
  for (const char* name :
       {"assistants", "audio", "batches", "completions", "conversations", "embeddings", "files", "fine_tuning",
        "images", "moderations", "realtime", "threads", "uploads", "vector_stores", "videos"}) {
    for (const char* method : {"GET", "POST"}) {
      table.push_back(unsupported(method, std::string("/v1/") + name));
      table.push_back(unsupported(method, std::string("/v1/") + name + "/{below}"));
    }
  }
}

}  // namespace

std::vector<api_route> openai_routes(openai_context& context) {
  const auto id = [](api_request& request) { return std::move(request.arguments.front()); };
  std::vector<api_route> table;
  const auto add = [&table](std::string method, std::string path, api_handler handler, bool watched) {
    table.push_back({std::move(method), std::move(path), std::move(handler), false, watched});
  };
  add("POST", "/v1/chat/completions", [&context](api_request r) { return chat(context, std::move(r)); }, true);
  add("POST", "/v1/responses", [&context](api_request r) { return respond(context, std::move(r)); }, true);
  table.push_back({"GET", "/v1/responses", [](api_request) -> asio::awaitable<api_response> {
                     auto answer = to_response(turn_refusal{openai::upgrade_required()});
                     answer.headers.emplace_back("Sec-WebSocket-Version", "13");
                     co_return answer;
                   }});
  table.back().talk = [&context](web_socket& socket, api_request upgrade) {
    return serve_responses_socket(context, socket, std::move(upgrade));
  };
  add("GET", "/v1/models", [&context](api_request) { return models(context); }, true);
  add("GET", "/v1/models/{id}", [&context, id](api_request r) { return model(context, id(r)); }, true);
  add("GET", "/v1/responses/{id}", [&context](api_request r) { return stored(context, std::move(r)); }, false);
  add("DELETE", "/v1/responses/{id}", [&context, id](api_request r) { return forget(context, id(r)); }, false);
  add(
      "GET", "/v1/responses/{id}/input_items", [&context](api_request r) { return input_items(context, std::move(r)); },
      false);
  add("POST", "/v1/responses/{id}/cancel", [&context, id](api_request r) { return cancel(context, id(r)); }, true);
  add_unsupported(table);
  return table;
}

}  // namespace app
