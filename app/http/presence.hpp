#pragma once

// Runs work for a client that may go away: watches the connection meanwhile and cancels the work when the client has
// gone. For slow routes.

#include <boost/asio/awaitable.hpp>

#include "app/http/connection.hpp"
#include "app/http/exchange.hpp"

namespace app {

/// Returns the work's result, or close if the client departed first. Both run on the caller's executor.
asio::awaitable<next_step> while_present(asio::awaitable<void> departure, asio::awaitable<next_step> work);

/// In HTTP/1.1, returns when the client has ended its output. Keeps bytes that it sends meanwhile, up to the buffer's
/// size. A client that fills the buffer is no longer watched; its departure is noticed at the next write.
asio::awaitable<void> departure_of(api_connection& peer);

}  // namespace app
