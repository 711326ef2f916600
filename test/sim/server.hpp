#pragma once

// TLS listeners and the coroutine of one connection: handshake, then exchange after exchange. main() drives it.

#include <filesystem>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "test/sim/certificates.hpp"
#include "test/sim/exchange.hpp"

namespace sim {

/// TLS 1.2 and 1.3; of what a client offers by ALPN, http/1.1 is chosen, and nothing otherwise.
asio::ssl::context make_tls_context(const certificate_files& files);

/// "ADDR:PORT", "[V6]:PORT"; throws std::runtime_error in words.
asio::ip::tcp::endpoint parse_endpoint(const std::string& text);
asio::ip::tcp::acceptor listen_on(asio::io_context& io, const asio::ip::tcp::endpoint& endpoint);

asio::awaitable<void> accept_all(asio::ip::tcp::acceptor acceptor, asio::ssl::context& tls, site& shared);
/// Takes connections, never says a word on them and never ends them.
asio::awaitable<void> accept_and_stay_mute(asio::ip::tcp::acceptor acceptor);

}  // namespace sim
