#pragma once

// How a test spells what an exchange tracker does: one line of text for each thing that a tap is told, and one for the
// state of the connection. The transcript writes the same lines.

#include <cstddef>
#include <string>
#include <string_view>

#include "mitm/tap/exchange_tracker.hpp"

namespace support {

inline std::string escaped(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, 60)) {
    if (c == '\r' || c == '\n') {
      out += c == '\r' ? "\\r" : "\\n";
    } else {
      out += c < ' ' || c > '~' ? '?' : c;
    }
  }
  return out + (text.size() > 60 ? "…\" (" + std::to_string(text.size()) + " bytes)" : "\"");
}

inline std::string name_of(mitm::exchange_outcome outcome) {
  constexpr const char* names[] = {"complete", "downstream_aborted", "upstream_aborted", "timed_out", "failed",
                                   "detached"};
  return names[static_cast<std::size_t>(outcome)];
}

inline std::string name_of(mitm::exchange_tracker::phase phase) {
  constexpr const char* names[] = {"idle", "request", "waiting", "response", "tunnel"};
  return names[static_cast<std::size_t>(phase)];
}

inline std::string told(std::size_t exchange, const std::string& what) {
  return "    #" + std::to_string(exchange) + " " + what;
}

/// `exchange` counts from 1 in the order of the requests.
inline std::string request(const std::string& line, std::size_t exchange = 1) {
  return told(exchange, "request " + line);
}
inline std::string request_body(std::string_view text, std::size_t exchange = 1) {
  return told(exchange, "request body " + escaped(text));
}
inline std::string request_end(std::size_t exchange = 1) {
  return told(exchange, "request end");
}
inline std::string response(unsigned status, std::size_t exchange = 1) {
  return told(exchange, "response " + std::to_string(status));
}
inline std::string body(std::string_view text, std::size_t exchange = 1) {
  return told(exchange, "response body " + escaped(text));
}
inline std::string end(mitm::exchange_outcome outcome, std::string_view cause = {}, std::size_t exchange = 1) {
  return told(exchange, "end " + name_of(outcome) + (cause.empty() ? "" : ": " + std::string(cause)));
}
inline std::string completed(std::size_t exchange = 1) {
  return end(mitm::exchange_outcome::complete, {}, exchange);
}
inline std::string tunnel_down(std::string_view bytes, std::size_t exchange = 1) {
  return told(exchange, "tunnel down " + escaped(bytes));
}
inline std::string tunnel_up(std::string_view bytes, std::size_t exchange = 1) {
  return told(exchange, "tunnel up " + escaped(bytes));
}
inline std::string tunnel_end(mitm::exchange_outcome outcome, std::string_view cause = {}, std::size_t exchange = 1) {
  return told(exchange, "tunnel end " + name_of(outcome) + (cause.empty() ? "" : ": " + std::string(cause)));
}
inline std::string state(mitm::exchange_tracker::phase phase, std::size_t open, bool may_answer) {
  return "    phase " + name_of(phase) + ", " + std::to_string(open) + " open, " +
         (may_answer ? "may answer" : "may not answer");
}

}  // namespace support
