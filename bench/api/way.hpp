#pragma once

// The ways in which chats reach the language server's simulator: over the service's OpenAI API, or directly over gRPC.
// Both run on the thread that waits, so that the listener needs no lock.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace bench {

/// Each function gets the number with which its chat was started.
struct chat_listener {
  std::function<void(std::size_t chat, std::uint64_t stamp, std::uint64_t now)> on_stamp = {};
  std::function<void(std::size_t chat)> on_end = {};  // the whole answer has arrived
  std::function<void(const std::string& why)> on_lost = {};
};

class way {
 public:
  virtual ~way() = default;

  /// Starts a chat in a new cascade. The listener may call it.
  virtual void begin(std::size_t chat, const std::string& text, bool streamed) = 0;
  /// Runs until `done` is true, or until `due` in monotonic nanoseconds (false).
  virtual bool wait(std::uint64_t due, const std::function<bool()>& done) = 0;

  void listen(chat_listener listener) { told_ = std::move(listener); }

 protected:
  chat_listener told_;
};

}  // namespace bench
