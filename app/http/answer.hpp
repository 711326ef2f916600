#pragma once

// The answer of an API request in HTTP/1.1 (RFC 9112): a whole one with its length, or one that is written as it is
// made, in chunks. Driven by the session.

#include <boost/asio/awaitable.hpp>

#include "app/http/connection.hpp"
#include "app/http/exchange.hpp"

namespace app {

asio::awaitable<next_step> write_answer(api_connection& peer, api_response answer, const api_exchange& exchange);

}  // namespace app
