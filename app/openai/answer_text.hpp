#pragma once

// The text of an answer that comes in steps, each of which may be rewritten. What is told of it: in a stream all that
// was sent, which can only grow; otherwise the last wording of every step. Both writers own one per kind of text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace app::openai {

/// Between the replies of two steps.
inline constexpr std::string_view step_break = "\n\n";
/// In a stream, before a text that replaces one already sent; withdrawn_mark if nothing replaces it.
inline constexpr std::string_view rewritten_mark = "\n\n[The text above was rewritten:]\n\n";
inline constexpr std::string_view withdrawn_mark = "\n\n[The text above was withdrawn.]\n\n";

class answer_text {
 public:
  answer_text(bool stream, std::size_t limit) : stream_(stream), limit_(limit) {}

  /// The words to send now, at most two pieces; they view this object or the argument until the next call.
  struct addition {
    std::string_view before;
    std::string_view text;

    bool empty() const { return before.empty() && text.empty(); }
  };
  addition append(std::uint32_t step, std::string_view text);
  addition rewrite(std::uint32_t step, std::string_view text);

  /// What the client holds at the end.
  std::string told() const;
  bool empty() const;
  /// Something was beyond the limit and left away.
  bool cut() const { return cut_; }

 private:
  struct part {
    std::uint32_t step;
    std::string text;
  };

  part& part_of(std::uint32_t step);
  addition send(std::string_view before, std::string_view text);
  std::string_view fitting(std::string_view text);

  bool stream_;
  bool cut_ = false;
  std::size_t limit_;
  std::size_t held_ = 0;
  std::vector<part> parts_;  // the last wording of each step, in the order in which the steps came
  std::string sent_;         // in a stream
};

}  // namespace app::openai
