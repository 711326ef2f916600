#include "app/service/state_routes.hpp"

#include <string>
#include <utility>

#include "app/ledger_api/readiness.hpp"

namespace app {

std::vector<api_route> state_routes(const service_state& state, metrics& counters, net::blocking_pool& blocking) {
  constexpr bool open_to_all = true;
  const auto version = [](api_request) -> asio::awaitable<api_response> {
    co_return api_response{.body = R"({"service":"zerogravity","version":")" ZEROGRAVITY_VERSION "\"}"};
  };
  const auto alive = [](api_request) -> asio::awaitable<api_response> { co_return liveness(); };
  const auto ready = [&state](api_request) -> asio::awaitable<api_response> {
    co_return readiness(state.dependencies());
  };
  const auto figures = [&](api_request) -> asio::awaitable<api_response> {
    auto page = co_await net::offload(blocking, [&] { return counters.render(state.readings()); });
    co_return api_response{.body = std::move(page), .content_type = std::string(metrics::content_type)};
  };
  return {{"GET", "/", version, open_to_all},
          {"GET", "/healthz", alive, open_to_all},
          {"GET", "/readyz", ready},
          {"GET", "/metrics", figures}};
}

}  // namespace app
