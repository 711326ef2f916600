#pragma once

// Reads TOML nodes of rules as values, and notes every mistake with its place. For the rule readers only, since toml++
// takes seconds to compile.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "app/config/config_load.hpp"

namespace app {

/// A member of a table and where it stands.
struct rule_node {
  std::string key;  // "rules.match.path"
  toml::source_position position;
  const toml::node* value;
};

class rule_faults {
 public:
  explicit rule_faults(std::string file) : file_(std::move(file)) {}

  /// file:line:column
  std::string place(toml::source_position position) const;

  void add(toml::source_position position, std::string_view key, std::string_view what);
  /// "…: expected `wanted`; got …"
  void expected(const rule_node& found, std::string_view wanted);

  bool empty() const noexcept { return found_.empty(); }
  /// In the order of the file.
  config_errors take();

 private:
  struct fault {
    toml::source_position position;
    std::string line;
  };

  std::string file_;
  std::vector<fault> found_;
};

/// `change` is std::tolower or std::toupper.
std::string in_case(std::string text, int (*change)(int));

/// In the order of the file, which TOML tables do not keep.
std::vector<rule_node> members_of(const toml::table& table, std::string_view prefix);

// Each notes what is wrong and then returns nullopt.
std::optional<std::string> text_of(const rule_node& node, std::string_view wanted, rule_faults& faults);
std::optional<std::int64_t> integer_of(const rule_node& node, std::int64_t least, std::int64_t most,
                                       rule_faults& faults);
bool boolean_of(const rule_node& node, rule_faults& faults);
/// One text or a list of them, none of them empty.
std::vector<std::string> texts_of(const rule_node& node, std::string_view wanted, rule_faults& faults);
/// Any node as JSON, except dates, times, infinity and NaN.
std::optional<std::string> json_of(const rule_node& node, rule_faults& faults);

}  // namespace app
