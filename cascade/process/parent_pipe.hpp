#pragma once

// A Unix socket that a server connects to and reads until end of file. It ends when we do, however that happens, so a
// server that knows its path does not outlive us (protocol: --parent_pipe_path). Nothing is written to it. Used by the
// supervisor, on its strand.

#include <cstddef>
#include <filesystem>
#include <list>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "cascade/process/process_user.hpp"
#include "net/errc.hpp"

namespace cascade {

class parent_pipe {
 public:
  /// Connections kept; a server makes one. Further ones wait in the backlog.
  static constexpr std::size_t most_connections = 4;

  /// Listens at `path`, which must not exist. If we are root, only `user` (nullptr: ourselves) may connect. Otherwise
  /// anybody may, because we cannot change the socket's owner.
  static net::result<parent_pipe> listen(boost::asio::any_io_executor executor, std::filesystem::path path,
                                         const process_user* user);

  parent_pipe(parent_pipe&& other) noexcept;
  parent_pipe& operator=(parent_pipe&&) = delete;
  ~parent_pipe() { close(); }

  const std::filesystem::path& path() const noexcept { return path_; }
  std::size_t connections() const noexcept { return connections_.size(); }

  /// Takes connections until close() or the limit.
  boost::asio::awaitable<void> accept();

  /// Ends every connection and removes the socket.
  void close();

 private:
  using protocol = boost::asio::local::stream_protocol;

  parent_pipe(protocol::acceptor acceptor, std::filesystem::path path);

  protocol::acceptor acceptor_;
  std::list<protocol::socket> connections_;
  std::filesystem::path path_;
};

}  // namespace cascade
