#pragma once

// Addresses that are listened on.

#include <filesystem>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace app {

namespace asio = boost::asio;

using endpoint = asio::ip::tcp::endpoint;
using endpoints = std::vector<endpoint>;

/// Of the HTTP API.
struct api_addresses {
  endpoints tcp;
  std::vector<std::filesystem::path> paths{};  // of Unix sockets

  bool empty() const { return tcp.empty() && paths.empty(); }
};

}  // namespace app
