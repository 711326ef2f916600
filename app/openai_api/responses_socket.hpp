#pragma once

// The Responses API over a WebSocket (GET /v1/responses with an upgrade): each response.create runs a turn as
// POST /v1/responses does, and the turn's events are the messages. Turns follow each other, or run at once where each
// has a stream_id of its own. A response can be continued on its socket although it is not stored, as at OpenAI. Used
// from the socket's strand.

#include <boost/asio/awaitable.hpp>

#include "app/http/web_socket.hpp"
#include "app/openai_api/openai_context.hpp"

namespace app {

/// As an api_talk.
asio::awaitable<void> serve_responses_socket(openai_context& context, web_socket& socket, api_request upgrade);

}  // namespace app
