#pragma once

// One HTTP/2 request and its answer, in its own task: admission, route and handler as in HTTP/1.1 (exchange.hpp), on a
// stream that the client may reset.

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "app/http/h2_session.hpp"

namespace app {

/// Call it once the stream's head is complete. `session` joins the task.
asio::awaitable<void> serve_h2_stream(h2_session& session, std::shared_ptr<h2_stream> stream);

}  // namespace app
