#pragma once

// Finds what is legal in rules but probably a mistake, for check-config.

#include <span>
#include <string>
#include <vector>

#include "app/rewrite/rule.hpp"

namespace app::rewrite {

/// One line each, with the place of the rule: a change that a later rule overwrites where both match, a rule that an
/// earlier one always prevents, a host that is not in `watched`.
std::vector<std::string> conflicts_of(std::span<const rule> rules, std::span<const net::text::host_pattern> watched);

}  // namespace app::rewrite
