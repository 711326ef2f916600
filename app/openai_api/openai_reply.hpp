#pragma once

// Answers a request of OpenAI's API while its turn runs: turns its events into frames of an event stream or into one
// object. Used from the request's strand.

#include <string>

#include "app/http/message.hpp"
#include "app/openai/answer.hpp"
#include "app/openai/turn_request.hpp"
#include "app/openai_api/openai_context.hpp"

namespace app {

/// The inputs of an answer.
struct openai_reply_parts {
  openai_context& context;
  openai::turn_request request;
  live_turn_ptr turn;
  std::string id;            // chatcmpl-… or resp_…
  std::int64_t created = 0;  // Unix seconds
  openai::event_framing framing = openai::event_framing::event_stream;
};

/// The streaming response, or the complete one when the turn is over.
asio::awaitable<api_response> chat_reply(openai_reply_parts parts);
asio::awaitable<api_response> responses_reply(openai_reply_parts parts);

/// Writes the events of a response to `stream`. As an api_writer, it may have another answer in `instead`.
asio::awaitable<stream_end> responses_events(openai_reply_parts parts, api_stream& stream, api_response& instead);

}  // namespace app
