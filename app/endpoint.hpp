#pragma once

// An address that is listened on.

#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace app {

namespace asio = boost::asio;

using endpoint = asio::ip::tcp::endpoint;
using endpoints = std::vector<endpoint>;

}  // namespace app
