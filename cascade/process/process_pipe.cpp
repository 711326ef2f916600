#include "cascade/process/process_pipe.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace cascade {

namespace {

net::descriptor above_stdio(net::descriptor low) {
  if (low.get() > STDERR_FILENO) return low;
  return net::descriptor(::fcntl(low.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace

net::result<process_pipe> process_pipe::open() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return boost::system::error_code(errno, boost::system::system_category());
  process_pipe pipe{net::descriptor(ends[0]), net::descriptor(ends[1])};
  pipe.read = above_stdio(std::move(pipe.read));
  pipe.write = above_stdio(std::move(pipe.write));
  if (pipe.read.get() < 0 || pipe.write.get() < 0)
    return boost::system::error_code(EMFILE, boost::system::system_category());
  return pipe;
}

}  // namespace cascade
