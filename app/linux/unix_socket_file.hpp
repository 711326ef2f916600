#pragma once

// The file of a Unix socket: created with a mode that keeps other users out, replacing one that a dead process has
// left, and removed with the socket. The API server listens on it.

#include <cstdint>
#include <filesystem>
#include <string>

#include <boost/system/result.hpp>

#include "net/descriptor.hpp"

namespace app {

/// The destructor removes the file if it is still the one that was created.
class unix_socket_file {
 public:
  unix_socket_file(std::filesystem::path path, std::uint64_t device, std::uint64_t inode);
  unix_socket_file(unix_socket_file&& other) noexcept;
  unix_socket_file& operator=(unix_socket_file&&) = delete;
  ~unix_socket_file();

 private:
  std::filesystem::path path_;  // empty after a move
  std::uint64_t device_;
  std::uint64_t inode_;
};

struct listening_unix_socket {
  net::descriptor socket;
  unix_socket_file file;
};

struct no_unix_socket {
  std::string why;  // for a person, without the path
};

/// Creates it with mode 0600. Replaces a socket without a listener. Refuses a socket with a listener, another kind of
/// file, and another user's socket.
boost::system::result<listening_unix_socket, no_unix_socket> listen_at(const std::filesystem::path& path);

}  // namespace app
