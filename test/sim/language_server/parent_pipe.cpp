#include "test/sim/language_server/parent_pipe.hpp"

#include <array>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sim::ls {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw boost::system::system_error(errno, boost::system::system_category(), "parent pipe " + path);
}

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0 || ::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail(path);
  return made;
}

}  // namespace

asio::posix::stream_descriptor open_parent_pipe(asio::any_io_executor executor, const std::string& path) {
  struct stat kind{};
  if (::stat(path.c_str(), &kind) != 0) fail(path);
  const int opened =
      S_ISSOCK(kind.st_mode) ? connect_to(path) : ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (opened < 0) fail(path);
  return {std::move(executor), opened};
}

asio::awaitable<void> wait_for_parent_to_end(asio::posix::stream_descriptor pipe) {
  std::array<char, 256> ignored{};
  for (;;) {
    const auto [error, size] =
        co_await pipe.async_read_some(asio::buffer(ignored), asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
  }
}

}  // namespace sim::ls
