#pragma once

// Work for a client that may go away: its end of the connection is watched while the work goes on, and a client that
// is gone cancels it. Driven by the session for routes that take their time.

#include <boost/asio/awaitable.hpp>

#include "app/api_connection.hpp"

namespace app {

/// The work's own step, or close if the client went away before. Bytes that it sends meanwhile are kept for their turn,
/// up to the room there is; a client that has filled it is no longer watched, only missed when it is written to.
asio::awaitable<next_step> while_present(api_connection& peer, asio::awaitable<next_step> work);

}  // namespace app
