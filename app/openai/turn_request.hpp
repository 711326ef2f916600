#pragma once

// A client's request in either of OpenAI's two APIs. chat_request.hpp and responses_request.hpp make it; the HTTP API
// turns it into a turn of a cascade. It owns everything and has no views into the body.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

#include "app/base/api_error.hpp"

namespace app::openai {

struct image {
  std::string mime;   // of the bytes; empty with a URL
  std::string bytes;  // decoded from a data URL
  std::string url;    // http or https, as given; then there are no bytes
};

struct tool_call {
  std::string id;
  std::string name;
  std::string arguments;  // JSON of a function, free text of a custom tool
};

enum class role : std::uint8_t { user, assistant, tool, system };  // system: only while a request is read

struct message {
  role sender = role::user;
  std::string text{};  // text parts of a user or tool are joined by "\n", those of an assistant by nothing
  std::vector<image> images{};
  std::vector<tool_call> calls{};  // of an assistant
  std::string call_id{};           // of a tool: the call that it answers
  std::string reference{};         // the id of an item that resolve_references() fills in
};

struct turn_request {
  std::string model;
  std::string instructions;      // system and developer messages, and `instructions`, in order, joined by "\n\n"
  std::vector<message> history;  // up to and including the last answer before the input
  std::vector<message> input;    // what is new; empty only if there are instructions or an earlier response
  bool stream = false;
  bool include_usage = false;  // stream_options.include_usage
  bool store = false;
  std::optional<std::string> reasoning_effort;
  std::optional<std::uint64_t> max_tokens;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::optional<std::string> previous_response_id;
  std::optional<std::string> conversation;
  std::string stream_id;  // of a WebSocket's message; see client_event.hpp
  /// Given parameters that have no effect, for x-zerogravity-ignored; sorted, each once.
  std::vector<std::string> ignored;

  std::string echo;  // JSON members of a response object that repeat the request: "instructions":…,"tools":[…]
  std::vector<std::string> input_items;  // for …/input_items: JSON objects as given, without an id
};

/// What one request may hold beyond the size of its body.
struct request_limits {
  std::size_t depth = 128;               // of nested JSON
  std::size_t values = 250'000;          // of it
  std::size_t memory = 32ul << 20;       // bytes of parsed JSON, beside four times the body
  std::size_t images = 64;               // of all messages
  std::size_t image_bytes = 20ul << 20;  // of one image, decoded
  std::size_t metadata = 16;             // entries, of at most 64 + 512 bytes
};

using parsed_request = boost::system::result<turn_request, api_error>;

/// The value of x-zerogravity-ignored: "temperature, tools"; empty if all was honoured.
std::string ignored_header(const turn_request& request);
/// Adds a name to request.ignored, in sorted order.
void ignore(turn_request& request, std::string name);

}  // namespace app::openai
