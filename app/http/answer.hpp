#pragma once

// Writes the answer to an API request in HTTP/1.1 (RFC 9112): complete with its length, or in chunks as it is made. The
// session drives it.

#include <boost/asio/awaitable.hpp>

#include "app/http/connection.hpp"
#include "app/http/exchange.hpp"

namespace app {

asio::awaitable<next_step> write_answer(api_connection& peer, api_response answer, const api_exchange& exchange);

}  // namespace app
