#include "app/http/exchange.hpp"

#include <exception>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include "app/http/error_answer.hpp"
#include "app/http/presence.hpp"
#include "app/http/web_page.hpp"
#include "net/last_words.hpp"

namespace app {
namespace {

asio::awaitable<api_response> call(const api_service& service, const api_route& route, api_request request) {
  const auto id = request.request_id;
  net::working_on("API request " + id + ", " + route.method + ' ' + route.path);
  std::string fault;
  try {
    co_return co_await route.answer(std::move(request));
  } catch (const std::exception& error) {
    fault = error.what();
  } catch (...) {
    fault = "an exception of an unknown type";
  }
  // A shutdown that cancels the handler is not an error of the handler, and nobody waits for the answer.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (service.settings.on_fault) service.settings.on_fault(id, fault);
  co_return to_response(server_error());
}

/// From the received body to the answer.
asio::awaitable<next_step> work(api_carrier& carrier, const api_service& service, admitted_request admitted,
                                std::string codings, received_body body) {
  auto decoded = co_await decode_apart(std::move(codings), std::move(body), service.settings.limits.body_size,
                                       service.settings.apart);
  if (decoded.has_error()) co_return co_await carrier.answer(decoded.error());
  admitted.request.body = std::move(decoded->text);
  admitted.request.held = std::move(decoded->held);
  admitted.request.apart = service.settings.apart;
  auto made = co_await call(service, *admitted.route, std::move(admitted.request));
  co_return co_await carrier.answer(std::move(made));
}

}  // namespace

asio::awaitable<next_step> serve_exchange(api_carrier& carrier, const api_head& head, const api_service& service) {
  const auto& settings = service.settings;
  carrier.exchange.allowed_origin = allowed_origin(head, settings.cors_origins);
  if (is_preflight(head, carrier.exchange.allowed_origin)) co_return co_await carrier.answer(preflight_answer(head));
  const access_rules rules{service.key, settings.require_key, settings.cors_origins};
  auto admitted = admit(head, settings.routes, rules);
  if (admitted.has_error()) co_return co_await carrier.answer(admitted.error());

  const bool has_key = admitted->request.with_key;
  if (!admitted->route->open && !has_key && carrier.reserved()) {
    carrier.exchange.keep_alive = false;
    co_return co_await carrier.answer(no_room_for_connections());
  }
  admitted->request.request_id = carrier.exchange.request_id;
  if (head.socket && admitted->route->talk) {
    admitted->request.apart = settings.apart;
    net::working_on("API WebSocket " + carrier.exchange.request_id + ", " + admitted->route->path);
    co_return co_await carrier.talk(admitted->route->talk, std::move(admitted->request));
  }
  auto body = co_await carrier.body(admitted->route->method == "POST");
  if (body.has_error()) {
    if (!body.error()) co_return next_step::close;
    co_return co_await carrier.answer(*body.error());
  }
  if (auto refused = refuse_content_type(head, *admitted->route, !body->text.empty())) {
    co_return co_await carrier.answer(std::move(*refused));
  }
  const bool watched = admitted->route->watched;
  admitted->request.content_type = head.content_type;
  auto whole = work(carrier, service, std::move(*admitted), std::string(head.content_encoding), std::move(*body));
  if (watched) co_return co_await while_present(carrier.departure(), std::move(whole));
  co_return co_await std::move(whole);
}

}  // namespace app
