#pragma once

// What one request asks the simulator to do: `key=value` pairs, comma separated, in an x-sim header, or in a marker
// `[[sim:key=value,…]]` anywhere in the request body so that an unmodified SDK can ask through its prompt.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sim {

struct behaviour {
  // Shape of the answer.
  std::size_t events = 3;      // text events of a stream
  std::size_t big_event = 0;   // bytes of text in the middle event
  std::size_t tool_use = 0;    // Google: toolUsePromptTokenCount
  bool crlf = false;           // line ends of the event stream
  bool partial_usage = false;  // early events tell less than the last one
  bool no_usage = false;       // nothing about tokens at all
  std::size_t limits = 0;      // percent of the provider's limits that are used; 0: nothing is told of limits
  std::string id;              // of the response; otherwise a number that is never used twice
  std::string served_model;    // otherwise made from the requested one

  // Pace.
  std::size_t first_delay_ms = 0;  // before the head
  std::size_t delay_ms = 0;        // between two events
  std::string stall;               // head | body: nothing more is sent from there on

  // Errors.
  std::size_t status = 0;                // an HTTP error in the provider's own shape
  bool once = false;                     // … for the first attempt only (x-stainless-retry-count)
  std::string reason;                    // Google's ErrorInfo.reason
  bool error_mid = false;                // an error event half way
  std::string end;                       // Responses: incomplete | failed | cancelled | error; otherwise completed
  std::optional<std::size_t> cut_after;  // events, then the TCP connection is closed

  bool echo = false;  // the answer is the request as it came: its line, its fields, its body

  // Framing.
  std::size_t chop = 0;            // bytes per TLS write, framing included
  std::size_t chunk = 0;           // bytes per HTTP chunk; otherwise one chunk per event
  std::string coding;              // gzip | deflate | br | zstd, flushed after each event
  bool deaf = false;               // after a whole answer nothing is read and the connection is never ended
  bool close = false;              // Connection: close and a body until close
  bool no_content_length = false;  // plain bodies are chunked too
  bool trailers = false;
  bool ext = false;      // chunk extensions
  bool interim = false;  // 100 and 103 come first

  // Of a WebSocket: its terms (RFC 7692), and how its messages are written.
  bool uncompressed = false;       // permessage-deflate is refused
  bool server_no_context = false;  // server_no_context_takeover
  bool client_no_context = false;  // client_no_context_takeover
  std::size_t server_bits = 15;    // server_max_window_bits
  std::size_t client_bits = 15;    // client_max_window_bits, for a client that offers it
  std::size_t fragment = 0;        // bytes of content per frame; otherwise a message is one frame
  bool ping = false;               // one ping a message: behind its first frame when there are several

  std::string unknown;  // the first pair that was not understood
};

behaviour read_behaviour(std::string_view header, std::string_view body);

}  // namespace sim
