#pragma once

// The text of an answer that comes in steps, each of which may be rewritten. A streaming client holds all that was
// sent, which can only grow; another client gets the last wording of every step. chat_writer owns one per kind of text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/openai/answer.hpp"

namespace app::openai {

class answer_text {
 public:
  /// Keeps at most `limit` bytes; a stream continues beyond it.
  answer_text(bool stream, std::size_t limit) : stream_(stream), limit_(limit) {}

  /// The words to send now, in two pieces. They are views into the argument.
  struct addition {
    std::string_view before{};
    std::string_view text{};
  };
  addition append(std::uint32_t step, std::string_view text);
  addition rewrite(std::uint32_t step, std::string_view text);

  /// What the client holds at the end.
  std::string held() const;
  bool empty() const { return held().empty(); }
  /// A part beyond the limit is missing.
  bool cut() const { return cut_; }

 private:
  struct part {
    std::uint32_t step;
    std::string text;
  };

  part* find(std::uint32_t step);
  bool last(const part* which) const { return which != nullptr && which == &parts_[last_]; }
  addition send(part& which, addition words);
  addition reword(part& which, std::string_view text);
  void keep(std::string& where, std::string_view text);

  bool stream_;
  bool cut_ = false;
  std::size_t limit_;
  std::size_t held_ = 0;
  std::size_t last_ = 0;     // the part that was sent last
  std::vector<part> parts_;  // the last wording of each step, in the order in which the steps came
  std::string sent_;         // in a stream
};

}  // namespace app::openai
