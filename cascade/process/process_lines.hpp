#pragma once

// Splits the bytes of a pipe into lines, in bounded memory. A longer line is cut. Pure; driven by
// process::read_lines().

#include <cstddef>
#include <string>
#include <string_view>

namespace cascade {

class process_lines {
 public:
  explicit process_lines(std::size_t longest) : longest_(longest) {}

  /// Calls on_line(std::string_view) for every line that ends in `bytes`, without its newline.
  template <class F>
  void feed(std::string_view bytes, F&& on_line) {
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      append(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      on_line(std::string_view(line_));
      line_.clear();
      bytes.remove_prefix(end + 1);
    }
  }

  /// The last line may lack its newline.
  template <class F>
  void end(F&& on_line) {
    if (!line_.empty()) on_line(std::string_view(line_));
    line_.clear();
  }

 private:
  void append(std::string_view part) { line_.append(part.substr(0, longest_ - line_.size())); }

  std::string line_;  // never longer than longest_
  std::size_t longest_;
};

}  // namespace cascade
