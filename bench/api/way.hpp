#pragma once

// How chats reach the language server's simulator: over the service's OpenAI API, or straight over gRPC. Both run on
// the thread that waits, so that what listens needs no lock.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace bench {

/// Each is told the number that its chat was begun with.
struct chat_listener {
  std::function<void(std::size_t chat, std::uint64_t stamp, std::uint64_t now)> on_stamp = {};
  std::function<void(std::size_t chat)> on_end = {};  // the whole answer has come
  std::function<void(const std::string& why)> on_lost = {};
};

class way {
 public:
  virtual ~way() = default;

  /// A chat of its own cascade. May be called by the listener.
  virtual void begin(std::size_t chat, const std::string& text, bool streamed) = 0;
  /// Until `done` is true or `due` (monotonic nanoseconds) has come: false.
  virtual bool wait(std::uint64_t due, const std::function<bool()>& done) = 0;

  void listen(chat_listener listener) { told_ = std::move(listener); }

 protected:
  chat_listener told_;
};

}  // namespace bench
