#pragma once

// The growth of a conversation, seen in the requests of a client that sends its whole transcript again and again: each
// message of the client is a link of a chain of keyed hashes. The last link stands for the whole transcript so far, and
// is found again in the next request, before the messages that were added. Pure; nothing is kept of a text.
//
// Not in the chain:
//
//   answers (role assistant or model; in OpenAI's responses also items of a type that no client sends): clients shorten
//     them, drop the thoughts, and send them in another form than they came in
//   instructions (role system or developer): they name the time, the folder and what else changes
//
// Of a message only its texts, numbers and literals count, in their order: a plain text is the same as the text in a
// list of parts. Members named cache_control, role and type do not count; where the cache ends, changes each time.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "usage/json/json_watcher.hpp"
#include "usage/transcript/siphash.hpp"

namespace usage {

class transcript_hasher final : public json_watcher {
 public:
  /// Links that are kept of one request: the first ones, and the last ones.
  static constexpr std::size_t kept_first = 64, kept_last = 192;
  /// Bytes of one text that count; of the rest, only its length does. An image costs no time that is worth saving.
  static constexpr std::size_t max_text = 64 * 1024;

  explicit transcript_hasher(const hash_key& key) : key_(key), message_(key) {}

  void on_begin(int tag) override;
  void on_open(bool object) override;
  void on_close() override;
  void on_name(std::string_view part) override;
  void on_name_end() override;
  void on_text(std::string_view part) override;
  void on_text_end() override;
  void on_end() override {}

  /// The oldest first; empty: no message of the client was seen. Call once.
  std::vector<std::uint64_t> take_links();

 private:
  /// A name or word that is compared; a longer one is none that is looked for.
  class word {
   public:
    void clear() { size_ = 0; }
    void add(std::string_view part);
    /// Empty if it was too long.
    std::string_view view() const;

   private:
    std::array<char, 32> bytes_{};
    std::size_t size_ = 0;
  };

  void begin_message(std::size_t depth);
  void end_message();
  bool of_client() const;
  void add_link(std::uint64_t link);

  hash_key key_;
  std::vector<std::uint64_t> links_;  // when full, a ring behind the first ones
  std::uint64_t last_ = 0;            // link
  std::size_t count_ = 0;             // of links, with those that were dropped

  std::size_t depth_ = 0;  // open objects and arrays
  bool in_message_ = false;
  std::size_t message_depth_ = 0;  // of its members
  bool skipping_ = false;          // a member that does not count
  std::size_t skip_depth_ = 0;     // of that member
  word* caught_ = nullptr;         // takes the value of a role or type; null: not looked for
  word name_, role_, type_;
  siphash message_;
  std::uint64_t text_size_ = 0;
};

}  // namespace usage
