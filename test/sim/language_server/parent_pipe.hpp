#pragma once

// --parent_pipe_path: a unix socket or a named pipe of whoever started the server. When its other end goes away, so
// does the server.

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace sim::ls {

namespace asio = boost::asio;

/// Throws system_error if there is nobody at `path`.
asio::posix::stream_descriptor open_parent_pipe(asio::any_io_executor, const std::string& path);

/// Returns when the other end is gone.
asio::awaitable<void> wait_for_parent_to_end(asio::posix::stream_descriptor);

}  // namespace sim::ls
