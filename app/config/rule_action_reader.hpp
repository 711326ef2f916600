#pragma once

// The `act` of a rule: one table per action. One member of the table names the action.

#include <cstddef>
#include <vector>

#include "app/config/rule_nodes.hpp"
#include "app/rewrite/rule.hpp"

namespace app {

/// `mock_size`: largest file, in bytes, that a rule may answer with.
std::vector<rewrite::action> read_actions(const rule_node& list, std::size_t mock_size, rule_faults& faults);

}  // namespace app
