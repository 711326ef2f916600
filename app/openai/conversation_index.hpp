#pragma once

// Maps the digest of a conversation to its cascade, so that a chat request that repeats its transcript continues the
// right cascade. Bounded in number and time. Pure: time is a parameter. The HTTP API owns one and guards it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "app/openai/conversation_digest.hpp"

namespace app::openai {

using time_point = std::chrono::steady_clock::time_point;

struct conversation_index_limits {
  std::size_t count = 16'384;
  std::chrono::seconds ttl{86'400};
};

struct known_conversation {
  std::string cascade_id;
  std::uint32_t steps = 0;  // of the cascade at that time; another number now means that somebody else continued it
};

class conversation_index {
 public:
  explicit conversation_index(conversation_index_limits limits = {}) : limits_(limits) {}

  void put(const conversation_digest& digest, known_conversation conversation, time_point now);
  /// Finds and removes. Once a turn has begun, the cascade is past this point, and a second request with the same
  /// history (an edited or repeated question) needs a cascade of its own. Put it back if the turn did not begin.
  std::optional<known_conversation> take(const conversation_digest& digest, time_point now);

  std::size_t count() const { return entries_.size(); }

 private:
  struct entry {
    conversation_digest digest;
    known_conversation conversation;
    time_point written;
  };
  using entries = std::list<entry>;

  void remove(entries::iterator which);
  void expire(time_point now);

  conversation_index_limits limits_;
  entries entries_;  // the latest first
  std::map<conversation_digest, entries::iterator> by_digest_;
};

}  // namespace app::openai
