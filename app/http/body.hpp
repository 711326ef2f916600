#pragma once

// Decodes the body of an API request (RFC 9110 §8.4), since some agents compress what they send, and reads large bodies
// without delaying other requests. The sessions decode, the handlers read.

#include <algorithm>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "app/base/api_error.hpp"
#include "app/http/message.hpp"
#include "net/background_pool.hpp"
#include "net/memory_budget.hpp"

namespace app {

/// Bodies up to this size are read on the event loop. Longer ones would block it.
inline constexpr std::size_t read_at_once = 64 * 1024;

struct received_body {
  std::string text;
  net::memory_budget::share held{};  // covers it
};

/// `codings` is the value of Content-Encoding. Refuses unknown codings (415), malformed bodies (400), more than `limit`
/// bytes (413), and more than the budget has (503). Ends early once `stop` is requested.
boost::system::result<received_body, api_response> decode_body(std::string_view codings, received_body body,
                                                               std::size_t limit, std::stop_token stop = {});

/// The same on `apart` if there is anything to decode, because a small body may decode to much.
boost::asio::awaitable<boost::system::result<received_body, api_response>> decode_apart(std::string codings,
                                                                                        received_body body,
                                                                                        std::size_t limit,
                                                                                        net::background_pool* apart);

api_response no_room_for_bodies();
api_response too_many_bodies();

/// Memory for reading a body, beside the body: its parsed values, and what is made of them.
constexpr std::size_t reading_cost(std::size_t size) {
  return 3 * size + std::min<std::size_t>(32 * size, 16ul << 20);
}

/// Calls `read()`, which reads the request's body, on separate threads if the body is large. Or returns 503.
template <class F>
boost::asio::awaitable<boost::system::result<std::invoke_result_t<F&>, api_response>> read_apart(api_request& request,
                                                                                                 F read) {
  using result = boost::system::result<std::invoke_result_t<F&>, api_response>;
  const std::size_t size = request.body.size();
  if (size <= read_at_once || request.apart == nullptr) co_return result(boost::system::in_place_value, read());
  const std::size_t before = request.held.size();
  if (!request.held.cover(size + reading_cost(size))) co_return no_room_for_bodies();
  auto made = co_await request.apart->run([&read](std::stop_token) { return read(); });
  request.held.shrink_to(before);
  if (!made) co_return too_many_bodies();
  co_return result(boost::system::in_place_value, std::move(*made));
}

}  // namespace app
