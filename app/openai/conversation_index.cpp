#include "app/openai/conversation_index.hpp"

#include <iterator>
#include <utility>

namespace app::openai {

void conversation_index::remove(entries::iterator which) {
  by_digest_.erase(which->digest);
  entries_.erase(which);
}

void conversation_index::expire(time_point now) {
  while (!entries_.empty() && now - entries_.back().written >= limits_.ttl) remove(std::prev(entries_.end()));
}

void conversation_index::put(const conversation_digest& digest, known_conversation conversation, time_point now) {
  expire(now);
  if (const auto known = by_digest_.find(digest); known != by_digest_.end()) remove(known->second);
  if (limits_.count == 0) return;
  if (entries_.size() == limits_.count) remove(std::prev(entries_.end()));
  entries_.push_front({digest, std::move(conversation), now});
  by_digest_.emplace(digest, entries_.begin());
}

std::optional<known_conversation> conversation_index::take(const conversation_digest& digest, time_point now) {
  expire(now);
  const auto known = by_digest_.find(digest);
  if (known == by_digest_.end()) return std::nullopt;
  known_conversation found = std::move(known->second->conversation);
  remove(known->second);
  return found;
}

}  // namespace app::openai
