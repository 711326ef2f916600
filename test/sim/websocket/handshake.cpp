// Which upgrades are WebSockets, and whether they are accepted.

#include "test/sim/websocket/session.hpp"

namespace sim {
namespace {

using namespace websocket;

std::unique_ptr<dialect> dialect_for(const upgrade& head) {
  if (head.path.ends_with("/responses")) return responses_dialect(head);
  if (head.path.ends_with("/realtime")) return realtime_dialect(head);
  if (head.path.ends_with(".BidiGenerateContent")) return live_dialect(head);
  return nullptr;
}

asio::awaitable<bool> refuse(exchange& x, unsigned status) {
  co_await x.read_body(nullptr);
  response_outline outline{.status = status, .content_type = "application/json"};
  if (status == 426) outline.fields = "Upgrade: HTTP/2.0\r\n";
  co_return co_await answer_whole(x, {}, std::move(outline),
                                  R"({"error":{"message":"No WebSocket here","type":"invalid_request_error"}})");
}

}  // namespace

bool asks_for_websocket(const exchange& x) {
  return x.is("GET") && beast::iequals(x.field("upgrade"), "websocket");
}

asio::awaitable<bool> answer_websocket(exchange& x) {
  const auto x_sim = x.field("x-sim");
  const auto asked = read_behaviour(x_sim, {});
  const auto language = dialect_for({x.path(), x.query(), x_sim});
  if (!language) co_return co_await refuse(x, 404);
  if (asked.status > 0) co_return co_await refuse(x, static_cast<unsigned>(asked.status));
  if (x.shared().refuse_websockets > 0) co_return co_await refuse(x, x.shared().refuse_websockets);
  websocket::socket wire(x, asked);
  if (!co_await wire.accept()) co_return false;
  session turns(x, wire, *language);
  co_await turns.run();
  co_return false;
}

}  // namespace sim
