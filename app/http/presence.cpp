#include "app/http/presence.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/as_result.hpp"

namespace app {
namespace {

asio::awaitable<void> waits_for_ever() {
  asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::steady_clock::time_point::max());
  co_await never.async_wait(net::as_result);
}

}  // namespace

asio::awaitable<void> departure_of(api_connection& peer) {
  constexpr std::size_t piece = 4096;
  while (peer.buffer.size() + piece <= peer.buffer.max_size()) {
    auto [error, bytes] = co_await peer.socket.async_read_some(peer.buffer.prepare(piece), net::as_result);
    peer.buffer.commit(bytes);
    if (error && peer.place.ended()) break;  // we ended the input, so the client's departure cannot be seen
    if (error) co_return;
  }
  co_await waits_for_ever();
}

asio::awaitable<next_step> while_present(asio::awaitable<void> departure, asio::awaitable<next_step> work) {
  const auto executor = co_await asio::this_coro::executor;
  auto [order, error, step, departed] =
      co_await asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                                       asio::co_spawn(executor, std::move(departure), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (order[0] == 1) co_return next_step::close;
  if (error) std::rethrow_exception(error);
  co_return step;
}

}  // namespace app
