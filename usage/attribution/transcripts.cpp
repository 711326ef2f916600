#include "usage/attribution/transcripts.hpp"

#include <algorithm>

namespace usage {
namespace {

/// The end of a conversation, and what it continues: a call beside it, which nothing continues, may have come last.
constexpr std::uint8_t open_ends = 2;

/// Of splitmix64: the inputs are hashes with a key already, or no secret.
std::uint64_t mixed(std::uint64_t word) {
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
  word = (word ^ word >> 27) * 0x94d049bb133111eb;
  return word ^ word >> 31;
}

}  // namespace

transcripts::key transcripts::key_of(std::uint64_t whole, std::uint64_t process) {
  return std::max<key>(mixed(whole + mixed(process)), 1);
}

std::optional<std::uint64_t> transcripts::place(std::span<const std::uint64_t> links, std::uint64_t process,
                                                bool begins) {
  const auto found = find(links, process);
  if (!found && !begins) return std::nullopt;
  const key own = key_of(links.back(), process);
  const std::uint64_t conversation = found ? known_.at(found->at).conversation : own;
  if (!begins) return conversation;
  if (found) go_on(*found);
  if (const auto again = known_.find(own); again != known_.end()) {
    touch(again->second);
  } else {
    remember({.whole = links.back(), .conversation = conversation, .before = found ? found->at : 0}, process,
             oldest_first_.end());
    if (known_.size() > capacity_) forget_oldest();
  }
  return conversation;
}

bool transcripts::recall(std::uint64_t whole, std::uint64_t process, std::uint64_t conversation) {
  if (known_.size() >= capacity_) return false;
  if (known_.contains(key_of(whole, process))) return true;
  auto& told = recalled_[conversation];
  remember({.whole = whole, .conversation = conversation, .left = told == open_ends}, process, oldest_first_.begin());
  if (told != open_ends) ++told;
  return true;
}

std::optional<transcripts::match> transcripts::find(std::span<const std::uint64_t> links, std::uint64_t process) const {
  for (std::size_t i = links.size(); i-- > 0;)
    if (const key at = key_of(links[i], process); known_.contains(at)) return match{at, i + 1 == links.size()};
  for (std::size_t i = links.size() - 1; i > 1; --i) {
    const auto other = latest_.find(links[i - 1]);
    if (other == latest_.end()) continue;
    if (known_.at(other->second).left) return std::nullopt;
    return match{other->second, false};
  }
  return std::nullopt;
}

void transcripts::go_on(const match& from) {
  entry& continued = known_.at(from.at);
  touch(continued);
  if (from.whole) return;
  if (const auto before = known_.find(continued.before); before != known_.end()) before->second.left = true;
}

void transcripts::remember(const entry& added, std::uint64_t process, ages::iterator before) {
  const key own = key_of(added.whole, process);
  entry& known = known_.emplace(own, added).first->second;
  known.age = oldest_first_.insert(before, own);
  // What is recalled is older than what is there.
  if (before == oldest_first_.end()) {
    latest_.insert_or_assign(added.whole, own);
  } else {
    latest_.emplace(added.whole, own);
  }
}

void transcripts::touch(entry& known) {
  oldest_first_.splice(oldest_first_.end(), oldest_first_, known.age);
}

void transcripts::forget_oldest() {
  const auto oldest = known_.find(oldest_first_.front());
  const auto latest = latest_.find(oldest->second.whole);
  if (latest != latest_.end() && latest->second == oldest->first) latest_.erase(latest);
  known_.erase(oldest);
  oldest_first_.pop_front();
}

}  // namespace usage
