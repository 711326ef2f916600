#pragma once

// Addresses that are listened on.

#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace app {

namespace asio = boost::asio;

using endpoint = asio::ip::tcp::endpoint;
using endpoints = std::vector<endpoint>;

/// "127.0.0.1:8741", "[::1]:8741".
std::string to_text(const endpoint& address);

/// Of the HTTP API.
struct api_addresses {
  endpoints tcp;
  std::vector<std::filesystem::path> paths{};  // of Unix sockets

  bool empty() const { return tcp.empty() && paths.empty(); }
};

}  // namespace app
