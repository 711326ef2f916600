#pragma once

// What is said over a provider's WebSocket: from a client's message to the messages that answer it. Pure: the session
// reads and sends. One object for each socket.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/sim/call.hpp"

namespace sim::websocket {

/// A model call and the messages that answer it, in `messages.events`.
struct turn {
  call asked;
  answer messages;
};

/// What a client's message asks for.
struct wish {
  std::vector<std::string> answers = {};  // sent at once
  std::optional<turn> begun = std::nullopt;
  std::string lane = {};  // turns of one lane follow each other, lanes run side by side
  bool cancel = false;    // the turn that runs in this lane
};

class dialect {
 public:
  virtual ~dialect() = default;
  /// Sent before the client has said anything.
  virtual std::vector<std::string> greeting() const { return {}; }
  virtual wish read(std::string_view message) = 0;
  /// The last message of a turn that was cancelled after `sent` messages.
  virtual event cancelled(const turn& stopped, std::size_t sent) const { return stopped.messages.events[sent]; }
  /// Are messages sent in binary frames?
  virtual bool binary() const { return false; }
};

/// The head of the upgrade; its views outlive the dialect.
struct upgrade {
  std::string_view path;
  std::string_view query;
  std::string_view x_sim;
};

std::unique_ptr<dialect> responses_dialect(const upgrade&);  // responses.cpp: OpenAI's responses
std::unique_ptr<dialect> realtime_dialect(const upgrade&);   // realtime.cpp: OpenAI's realtime API
std::unique_ptr<dialect> live_dialect(const upgrade&);       // live.cpp: Gemini Live

}  // namespace sim::websocket
