#pragma once

// One model call as the simulator understood it, and what a provider's builder makes of it. Token numbers follow from
// the request alone, so that a test may ask twice and compare.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "test/sim/behaviour.hpp"

namespace sim {

enum class provider : std::uint8_t { google, openai_chat, openai_responses, anthropic };

std::string_view to_string(provider);

/// What was told about tokens, in the ledger's normal form. Nothing: never told.
struct sent_usage {
  std::optional<std::int64_t> input_uncached, cache_read, cache_write, output_total, thinking;
};

struct call {
  provider api = provider::google;
  behaviour asked;
  bool stream = false;
  bool event_stream = true;  // Google: alt=sse; false answers a JSON array
  bool wrapped = false;      // Google cloudcode: {"response": …}
  bool wants_usage = true;   // OpenAI chat streams: stream_options.include_usage
  bool retried = false;      // not the first attempt of the SDK
  bool generate = true;      // OpenAI responses: false only prepares a turn
  std::string requested_model;
  std::string served_model;
  std::string id;  // of the response
  std::string trace_id;
  std::string conversation;  // of requestId agent/<conversation>/…

  std::int64_t prompt = 0;  // whole prompt, cached part included
  std::int64_t cached = 0;
  std::int64_t cache_write = 0;  // Anthropic
  std::int64_t thinking = 0;

  /// Tokens of text after `events` events.
  std::int64_t text_tokens(std::size_t events) const { return static_cast<std::int64_t>(2 * events); }
  std::int64_t output() const { return generate ? text_tokens(asked.events) + thinking : 0; }
  bool fails() const { return asked.status >= 400 && !(asked.once && retried); }
};

/// Text of one event; UTF-8 of one to four bytes, so that splits can fall inside a character.
std::string text_of(const call&, std::size_t event);
std::string whole_text(const call&);

/// One piece of a body: sent in one go, and what it adds to what is known about tokens.
struct event {
  std::string text;
  std::optional<sent_usage> usage = std::nullopt;
};

struct answer {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string fields = {};  // further header lines, each with its line end
  std::vector<event> events = {};
  bool streamed = false;
  bool reports_error = false;  // by status or by an event
};

answer google_answer(const call&);
answer openai_chat_answer(const call&);
answer openai_responses_answer(const call&);
answer anthropic_answer(const call&);

/// The provider's error body for call.asked.status.
answer error_answer(const call&);

/// `event:` is left out when name is empty.
std::string sse(const call&, std::string_view name, const boost::json::value& content);

}  // namespace sim
