#include "mitm/upstream/kept_upstreams.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "net/executor.hpp"

namespace mitm {

struct kept_upstreams::connection {
  key which;
  net::tls_stream stream;
  net::deadline until;
};

namespace {

using net::is_quiet;

/// Wakes its watch, if it has one.
void end(net::tls_stream& stream) {
  stream.shutdown_send();
  boost::system::error_code ignored;
  stream.socket().close(ignored);
}

asio::awaitable<net::result<void>> readable(net::tcp::socket& socket) {
  if (auto error = co_await net::wait_until(socket, net::io_step::wait_for::readable)) co_return error;
  co_return net::result<void>{};
}

}  // namespace

kept_upstreams::kept_upstreams(const asio::any_io_executor& strand, std::size_t most)
    : strand_(strand), most_(most), watches_(strand, [](const std::string&) {}) {}

asio::awaitable<bool> kept_upstreams::has_like(key which) {
  if (size() == 0) co_return false;
  co_return co_await asio::co_spawn(strand_, has_like_on_strand(std::move(which)), net::uncancelled());
}

asio::awaitable<std::optional<net::tls_stream>> kept_upstreams::take(key which) {
  if (size() == 0) co_return std::nullopt;
  auto executor = co_await asio::this_coro::executor;
  co_return co_await asio::co_spawn(strand_, take_on_strand(std::move(which), std::move(executor)), net::uncancelled());
}

asio::awaitable<void> kept_upstreams::keep(key which, net::tls_stream idle, net::deadline until) {
  if (idle.move_to(strand_)) co_return;
  co_await asio::co_spawn(strand_, keep_on_strand(std::move(which), std::move(idle), until), net::uncancelled());
}

asio::awaitable<void> kept_upstreams::stop() {
  co_await asio::co_spawn(strand_, stop_on_strand(), net::uncancelled());
}

asio::awaitable<bool> kept_upstreams::has_like_on_strand(key which) {
  co_return std::ranges::any_of(waiting_, [&](const kept& each) {
    which.program = each->which.program;
    return each->which == which;
  });
}

asio::awaitable<std::optional<net::tls_stream>> kept_upstreams::take_on_strand(key which,
                                                                               asio::any_io_executor executor) {
  for (;;) {
    const auto found =
        std::find_if(waiting_.rbegin(), waiting_.rend(), [&](const kept& each) { return each->which == which; });
    if (found == waiting_.rend()) co_return std::nullopt;
    const kept taken = *found;
    forget(taken);
    if (taken->until > net::deadline::clock::now() && is_quiet(taken->stream) && !taken->stream.move_to(executor)) {
      co_return std::move(taken->stream);
    }
    end(taken->stream);
  }
}

asio::awaitable<void> kept_upstreams::keep_on_strand(key which, net::tls_stream idle, net::deadline until) {
  if (stopped_ || !is_quiet(idle)) {
    end(idle);
    co_return;
  }
  idle.release_buffers();
  if (waiting_.size() >= most_) {
    const kept longest = waiting_.front();
    forget(longest);
    end(longest->stream);
  }
  waiting_.push_back(std::make_shared<connection>(std::move(which), std::move(idle), until));
  size_.store(waiting_.size(), std::memory_order_relaxed);
  watches_.spawn(strand_, watch(waiting_.back()));
}

asio::awaitable<void> kept_upstreams::stop_on_strand() {
  stopped_ = true;
  for (const kept& each : std::exchange(waiting_, {})) end(each->stream);
  size_.store(0, std::memory_order_relaxed);
  co_await watches_.join();
}

asio::awaitable<void> kept_upstreams::watch(kept watched) {
  for (;;) {
    const auto woken = co_await net::by(watched->until, readable(watched->stream.socket()));
    const bool here = std::ranges::find(waiting_, watched) != waiting_.end();
    if (!here) co_return;  // taken or ended
    if (woken.has_error() || !is_quiet(watched->stream)) break;
    watched->stream.release_buffers();
  }
  forget(watched);
  end(watched->stream);
}

void kept_upstreams::forget(const kept& which) {
  std::erase(waiting_, which);
  size_.store(waiting_.size(), std::memory_order_relaxed);
}

}  // namespace mitm
