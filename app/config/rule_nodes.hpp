#pragma once

// Reads the TOML nodes of rules as values, and records every mistake with its place. Only the rule readers include
// this, because toml++ takes seconds to compile.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "app/config/config_load.hpp"

namespace app {

/// A member of a table and its place.
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

/// The members in the order of the file, which toml++ does not keep.
std::vector<rule_node> members_of(const toml::table& table, std::string_view prefix);

// Each records what is wrong. Then it returns nullopt, false or an empty list.
std::optional<std::string> text_of(const rule_node& node, std::string_view wanted, rule_faults& faults);
std::optional<std::int64_t> integer_of(const rule_node& node, std::int64_t least, std::int64_t most,
                                       rule_faults& faults);
bool boolean_of(const rule_node& node, rule_faults& faults);
/// One text or a list of texts. None may be empty.
std::vector<std::string> texts_of(const rule_node& node, std::string_view wanted, rule_faults& faults);
/// A name that is written to the ledger, the log or a header: up to 64 letters, digits, "-", "_" and ".".
std::optional<std::string> name_of(const rule_node& node, rule_faults& faults);
/// Any node as JSON, except dates, times, infinity and NaN.
std::optional<std::string> json_of(const rule_node& node, rule_faults& faults);

}  // namespace app
