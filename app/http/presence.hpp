#pragma once

// Work for a client that may go away: its end of the connection is watched while the work goes on, and a client that
// is gone cancels it. For routes that take their time.

#include <boost/asio/awaitable.hpp>

#include "app/http/connection.hpp"
#include "app/http/exchange.hpp"

namespace app {

/// The work's own step, or close if the departure ended before it. Both run on the caller's executor.
asio::awaitable<next_step> while_present(asio::awaitable<void> departure, asio::awaitable<next_step> work);

/// In HTTP/1.1: ends when the client has ended its output. Bytes that it sends meanwhile are kept for their turn, up to
/// the room there is; a client that has filled it is no longer watched, only missed when it is written to.
asio::awaitable<void> departure_of(api_connection& peer);

}  // namespace app
