#include "app/http/server.hpp"

#include <cstring>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/by.hpp"

namespace app {
namespace {

using asio::generic::stream_protocol;
using asio::ip::tcp;

template <class Acceptor>
boost::system::error_code open_on(Acceptor& acceptor, const endpoint& address) {
  boost::system::error_code error;
  acceptor.open(address.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  // For all addresses, each family needs its own entry.
  if (!error && address.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(address, error);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  return error;
}

/// With the port that the system chose.
template <class Acceptor>
endpoint address_of(const Acceptor& acceptor) {
  const auto bound = acceptor.local_endpoint();
  endpoint address;
  address.resize(bound.size());
  std::memcpy(address.data(), bound.data(), bound.size());
  return address;
}

std::function<void(const std::string&)> fault_reporter(const api_service& service) {
  return [&service](const std::string& what) {
    if (service.settings.on_fault) service.settings.on_fault({}, what);
  };
}

/// The join as a result, so that net::by can limit it.
asio::awaitable<net::result<int>> joined(net::task_group& group) {
  co_await group.join();
  co_return 0;
}

}  // namespace

api_server::api_server(net::worker_pool& pool, api_settings settings)
    : pool_(pool),
      strand_(pool.strand()),
      service_(std::move(settings)),
      accepting_(strand_, fault_reporter(service_)),
      sessions_(strand_, fault_reporter(service_)) {}

api_server::~api_server() = default;

boost::system::result<void, bind_failure> api_server::open(const endpoint& address) {
  auto& acceptor = acceptors_.emplace_back(strand_);
  if (const auto error = open_on(acceptor, address)) {
    return bind_failure{to_text(address), error.message()};
  }
  addresses_.tcp.push_back(address_of(acceptor));
  return {};
}

boost::system::result<void, bind_failure> api_server::open(const std::filesystem::path& path) {
  auto opened = listen_at(path);
  if (!opened) return bind_failure{"unix:" + path.native(), opened.error().why};
  acceptors_.emplace_back(strand_, stream_protocol(AF_UNIX, 0), opened->socket.release());
  files_.push_back(std::move(opened->file));
  addresses_.paths.push_back(path);
  return {};
}

boost::system::result<void, bind_failure> api_server::listen(const api_addresses& addresses) {
  boost::system::result<void, bind_failure> bound;
  for (auto each = addresses.tcp.begin(); bound && each != addresses.tcp.end(); ++each) bound = open(*each);
  for (auto each = addresses.paths.begin(); bound && each != addresses.paths.end(); ++each) bound = open(*each);
  if (!bound) {
    acceptors_.clear();
    files_.clear();
    addresses_ = {};
    return bound;
  }
  return {};
}

void api_server::serve() {
  for (auto& acceptor : acceptors_) accepting_.spawn(strand_, accept(acceptor));
}

asio::awaitable<void> api_server::accept(acceptor& listener) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto limit = service_.settings.limits.connections;
  for (;;) {
    auto [awaited] = co_await listener.async_wait(tcp::acceptor::wait_read, asio::as_tuple(asio::use_awaitable));
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    if (!awaited && sessions_.size() >= limit) service_.sockets.make_room();
    co_await sessions_.below(limit);
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    const auto executor = pool_.strand();
    auto [error, socket] = co_await listener.async_accept(executor, asio::as_tuple(asio::use_awaitable));
    if (!error) {
      service_.sockets.expect();
      sessions_.spawn(executor, serve_api_connection(std::move(socket), service_));
    } else if (error != asio::error::operation_aborted && error != asio::error::connection_aborted) {
      // Out of descriptors or memory: connections stay in the backlog until some are free.
      asio::steady_timer pause(strand_, std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

asio::awaitable<void> api_server::drain(std::chrono::milliseconds limit) {
  // Asio 1.81 cancels a coroutine on another executor by a message that may arrive after it has gone. So wait on the
  // groups' strand, which the caller's cancellation does not reach.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await asio::co_spawn(strand_, end_sessions(limit), asio::use_awaitable);
}

asio::awaitable<void> api_server::end_sessions(std::chrono::milliseconds limit) {
  accepting_.cancel();
  co_await accepting_.join();
  acceptors_.clear();
  files_.clear();
  service_.sockets.end_input();
  co_await net::by(net::after(limit), joined(sessions_));
  if (sessions_.size() > 0) sessions_.cancel();
  co_await sessions_.join();
}

}  // namespace app
