#pragma once

// One request in HTTP/2 and its answer, in a task of its own: the same way through admission, route and handler as in
// HTTP/1.1 (exchange.hpp), on a stream that the client may reset.

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "app/http/h2_session.hpp"

namespace app {

/// The stream's head is whole. `session` joins it.
asio::awaitable<void> serve_h2_stream(h2_session& session, std::shared_ptr<h2_stream> stream);

}  // namespace app
