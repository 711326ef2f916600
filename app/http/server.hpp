#pragma once

// The HTTP API server: listens, limits the number of connections, and gives each to a session on its own strand. It
// knows only the table of routes, which the service fills.

#include <chrono>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/result.hpp>

#include "app/base/endpoint.hpp"
#include "app/http/session.hpp"
#include "app/linux/unix_socket_file.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"

namespace app {

/// An address on which the server could not listen.
struct bind_failure {
  std::string address;  // as in the configuration
  std::string why;
};

class api_server {
 public:
  /// `pool` outlives the server; `settings.routes` and what their handlers borrow outlive drain().
  api_server(net::worker_pool& pool, api_settings settings);
  ~api_server();
  api_server(const api_server&) = delete;
  api_server& operator=(const api_server&) = delete;

  /// Binds all addresses or none. Call it once. With port 0 the system chooses a port, see addresses(). Clients wait
  /// until serve().
  boost::system::result<void, bind_failure> listen(const api_addresses& addresses);

  /// Starts to accept. Call it once, when everything that the handlers borrow is ready.
  void serve();

  /// The addresses on which it listens.
  const api_addresses& addresses() const { return addresses_; }
  std::size_t connections() const { return sessions_.size(); }

  /// Stops accepting connections and requests. Running answers may go on for `limit`, then they are cut. Returns when
  /// every session is gone. After serve(), await it before the server is destroyed. It cannot be cancelled; cut()
  /// shortens it.
  asio::awaitable<void> drain(std::chrono::milliseconds limit);

  /// Ends every session now. From any thread.
  void cut() { sessions_.cancel(); }

 private:
  using acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

  boost::system::result<void, bind_failure> open(const endpoint& address);
  boost::system::result<void, bind_failure> open(const std::filesystem::path& path);
  asio::awaitable<void> accept(acceptor& listener);
  asio::awaitable<void> end_sessions(std::chrono::milliseconds limit);

  net::worker_pool& pool_;
  asio::any_io_executor strand_;  // of the acceptors and of both groups
  api_service service_;
  std::list<acceptor> acceptors_;
  std::list<unix_socket_file> files_;  // of Unix sockets; removed with the acceptors
  api_addresses addresses_;
  net::task_group accepting_;
  net::task_group sessions_;
};

}  // namespace app
