#include "cascade/process/parent_pipe.hpp"

#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cascade {

namespace asio = boost::asio;

namespace {

bool give_to(const std::string& path, const process_user& user) {
  switch (how_to_become(user)) {
    case change_of_user::none:
      return true;
    case change_of_user::setuid:
      return ::chown(path.c_str(), user.uid, user.gid) == 0;
    case change_of_user::sudo:
      return ::chmod(path.c_str(), 0666) == 0;
  }
  return false;
}

}  // namespace

parent_pipe::parent_pipe(protocol::acceptor acceptor, std::filesystem::path path)
    : acceptor_(std::move(acceptor)), path_(std::move(path)) {}

parent_pipe::parent_pipe(parent_pipe&& other) noexcept
    : acceptor_(std::move(other.acceptor_)),
      connections_(std::move(other.connections_)),
      path_(std::exchange(other.path_, {})) {}

net::result<parent_pipe> parent_pipe::listen(asio::any_io_executor executor, std::filesystem::path path,
                                             const process_user* user) {
  const std::string name = path.string();
  if (name.size() >= sizeof(sockaddr_un::sun_path))
    return boost::system::error_code(ENAMETOOLONG, boost::system::system_category());
  protocol::acceptor acceptor(executor);
  boost::system::error_code error;
  acceptor.open(protocol(), error);
  if (!error) acceptor.bind(protocol::endpoint(name), error);
  if (error) return error;
  parent_pipe pipe(std::move(acceptor), std::move(path));  // from here on it removes the socket
  // Set the mode before listening, so that nobody can connect earlier.
  if (::chmod(name.c_str(), 0600) != 0 || (user != nullptr && !give_to(name, *user))) {
    return boost::system::error_code(errno, boost::system::system_category());
  }
  pipe.acceptor_.listen(static_cast<int>(most_connections), error);
  if (error) return error;
  return pipe;
}

asio::awaitable<void> parent_pipe::accept() {
  while (connections_.size() < most_connections) {
    auto [error, connection] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error == asio::error::connection_aborted) continue;
    if (error) co_return;
    connections_.push_back(std::move(connection));
  }
}

void parent_pipe::close() {
  if (path_.empty()) return;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  connections_.clear();
  std::error_code absent;
  std::filesystem::remove(std::exchange(path_, {}), absent);
}

}  // namespace cascade
