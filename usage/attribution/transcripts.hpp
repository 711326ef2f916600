#pragma once

// Which conversation a transcript continues, where a request says no more than its messages. A request continues the
// one whose whole transcript is found at the beginning of its own, the longest first. Pure; the app's
// attribution_service owns one, under its lock.
//
//   by the same process   that is enough. The same transcript once more is a retry, another continuation of it the
//                         user's correction: the same conversation
//   by another process    only from where the conversation has got to, and behind an answer: a session that is
//                         continued. The same first message, or a branch from the middle, is another conversation
//
// A transcript of which nothing is known begins a conversation: also after the client has replaced it by a summary.

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>

#include "usage/attribution/kept_memory.hpp"

namespace usage {

class transcripts {
 public:
  /// Transcripts that are remembered; the ones seen longest ago are forgotten.
  explicit transcripts(std::size_t capacity) : capacity_(capacity) {}

  /// The conversation of a request. `links` as transcript_hasher gives them, at least one; `process` stands for the
  /// client's process. nullopt: none is known, and this request is not to begin one.
  std::optional<std::uint64_t> place(std::span<const std::uint64_t> links, std::uint64_t process, bool begins);

  /// A transcript of an earlier run, the latest first. False: there is no room for more.
  bool recall(std::uint64_t whole, std::uint64_t process, std::uint64_t conversation);

  std::size_t size() const { return known_.size(); }

 private:
  using key = std::uint64_t;  // of a whole transcript and the process that sent it
  using ages = std::list<key, kept_allocator<key>>;
  struct entry {
    std::uint64_t whole = 0;
    std::uint64_t conversation = 0;
    key before = 0;        // which it continues; 0: none
    bool left = false;     // the conversation has got further: what continues this was continued itself
    ages::iterator age{};  // in oldest_first_
  };
  struct match {
    key at = 0;
    bool whole = false;  // the request's own transcript, sent before
  };

  static key key_of(std::uint64_t whole, std::uint64_t process);
  std::optional<match> find(std::span<const std::uint64_t> links, std::uint64_t process) const;
  void go_on(const match& from);
  void remember(const entry& added, std::uint64_t process, ages::iterator before);
  void touch(entry& known);
  void forget_oldest();

  std::size_t capacity_;
  kept_map<key, entry> known_;
  kept_map<std::uint64_t, key> latest_;             // by whole: of the process that sent it last
  kept_map<std::uint64_t, std::uint8_t> recalled_;  // transcripts of a conversation that recall() has told of, up to 2
  ages oldest_first_;
};

}  // namespace usage
