#pragma once

// The plain HTTP and LSP ports, which a real server has and nobody here talks to: they are open, and hang up.

#include <cstdint>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace sim::ls {

namespace asio = boost::asio;

/// On loopback; a free port for 0. Throws system_error.
asio::ip::tcp::acceptor open_port(asio::any_io_executor, std::uint16_t port);

asio::awaitable<void> hang_up_on_all(asio::ip::tcp::acceptor);

}  // namespace sim::ls
