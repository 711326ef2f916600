#pragma once

// JSON pointers (RFC 6901): the place in a body to change. "-" as the last token stands for the end of an
// array.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace app::rewrite {

class json_pointer {
 public:
  json_pointer() = default;  // the whole document
  json_pointer(std::initializer_list<std::string_view> tokens) : tokens_(tokens.begin(), tokens.end()) {}

  /// nullopt if it is not empty and does not begin with "/", or has a "~" without 0 or 1 after it.
  static std::optional<json_pointer> parse(std::string_view text);

  /// A place inside this one.
  json_pointer operator/(std::string_view token) const;

  const std::vector<std::string>& tokens() const noexcept { return tokens_; }  // decoded
  std::string text() const;

  /// The same place, or inside this one.
  bool covers(const json_pointer& other) const noexcept;

  bool operator==(const json_pointer&) const = default;

 private:
  std::vector<std::string> tokens_;
};

}  // namespace app::rewrite
