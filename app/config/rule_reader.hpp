#pragma once

// Reads the [[rules]] of a configuration file. Each mistake is one line with its place, as elsewhere in the
// configuration. A single mistake refuses all rules. The files that rules answer with are read here, too, so that they
// are checked.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_load.hpp"
#include "app/rewrite/rule.hpp"

namespace app {

struct rule_source {
  std::size_t rules = 0;                                                  // at most
  std::size_t mock_size = 0;                                              // bytes of one file that a rule answers with
  std::function<std::optional<std::int64_t>(const std::string&)> uid_of;  // finds a user by name
};

/// Reads only the rules of `text`. Errors call the file `name`.
config_result<std::vector<rewrite::rule>> read_rules(std::string_view text, const std::string& name,
                                                     const rule_source& source);

/// Looks the user up in the system's user database.
std::optional<std::int64_t> uid_of_user(const std::string& name);

}  // namespace app
