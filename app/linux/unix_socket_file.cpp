#include "app/linux/unix_socket_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace app {
namespace {

constexpr mode_t own_user_only = 0600;

std::string words_of(int error) {
  return std::generic_category().message(error);
}

sockaddr_un address_at(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), std::min(path.native().size(), sizeof address.sun_path - 1));
  return address;
}

net::descriptor new_socket() {
  return net::descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/// Two services that start at once must not mistake each other's new socket for a dead one. If something else holds the
/// lock, we start anyway.
net::descriptor lock_directory_of(const std::filesystem::path& path) {
  net::descriptor directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) ::flock(directory.get(), LOCK_EX | LOCK_NB);
  return directory;
}

/// Why the path cannot be used. Removes a socket that a dead process has left there.
std::optional<std::string> make_room(const std::filesystem::path& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno != ENOENT) return words_of(errno);
    return std::nullopt;
  }
  if (!S_ISSOCK(found.st_mode)) return "there is something else than a socket; move it away or choose another path";
  if (found.st_uid != ::geteuid()) return "the socket there belongs to user " + std::to_string(found.st_uid);
  const auto probe = new_socket();
  const auto address = address_at(path);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return "another service answers there";
  }
  if (errno != ECONNREFUSED) return words_of(errno);
  if (::unlink(path.c_str()) != 0) return "a dead service's socket cannot be removed: " + words_of(errno);
  return std::nullopt;
}

}  // namespace

unix_socket_file::unix_socket_file(std::filesystem::path path, std::uint64_t device, std::uint64_t inode)
    : path_(std::move(path)), device_(device), inode_(inode) {}

unix_socket_file::unix_socket_file(unix_socket_file&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

unix_socket_file::~unix_socket_file() {
  struct stat found{};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == inode_) ::unlink(path_.c_str());
}

boost::system::result<listening_unix_socket, no_unix_socket> listen_at(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path.parent_path(), ignored)) {
    return no_unix_socket{"the directory " + path.parent_path().string() + " does not exist"};
  }
  const auto lock = lock_directory_of(path);
  if (auto why = make_room(path)) return no_unix_socket{std::move(*why)};
  auto socket = new_socket();
  const auto address = address_at(path);
  // The file gets the socket's own mode, so others can never connect, not even for a moment.
  const bool made = socket.valid() && ::fchmod(socket.get(), own_user_only) == 0 &&
                    ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (!made) return no_unix_socket{words_of(errno)};
  struct stat file{};
  ::lstat(path.c_str(), &file);
  unix_socket_file cleared(path, file.st_dev, file.st_ino);
  if (::listen(socket.get(), SOMAXCONN) != 0) return no_unix_socket{words_of(errno)};
  return listening_unix_socket{std::move(socket), std::move(cleared)};
}

}  // namespace app
