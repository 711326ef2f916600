#pragma once

// The completion token of operations whose ordinary endings are values: `auto [error, bytes] = co_await …`.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {

inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace net
