#pragma once

// The HTTP API: listens, keeps the number of connections below its limit, and hands each to a session on a strand
// of its own. It knows routes and nothing behind them; the service fills the table.

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

/// An address that could not be listened on.
struct bind_failure {
  std::string address;  // as the configuration has it
  std::string why;
};

class api_server {
 public:
  /// `pool` outlives the server; `settings.routes` and what their handlers borrow outlive drain().
  api_server(net::worker_pool& pool, api_settings settings);
  ~api_server();
  api_server(const api_server&) = delete;
  api_server& operator=(const api_server&) = delete;

  /// Binds all addresses or none. Once. With port 0 the system chooses one: see addresses(). Whoever connects waits for
  /// serve().
  boost::system::result<void, bind_failure> listen(const api_addresses& addresses);

  /// Begins to accept. Once, when all that the handlers borrow is complete.
  void serve();

  /// What is listened on.
  const api_addresses& addresses() const { return addresses_; }
  std::size_t connections() const { return sessions_.size(); }

  /// No new connection and no new request; answers under way may go on for `limit`, then they are cut. Resumes when
  /// every session is gone. Must be awaited before the server is destroyed, if serve() was called. Cannot be cancelled:
  /// cut() shortens it.
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
  std::list<unix_socket_file> files_;  // of Unix sockets; gone with the acceptors
  api_addresses addresses_;
  net::task_group accepting_;
  net::task_group sessions_;
};

}  // namespace app
