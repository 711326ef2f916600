#pragma once

// The `act` of a rule: one table per action, named by the word that it has.

#include <cstddef>
#include <vector>

#include "app/config/rule_nodes.hpp"
#include "app/rewrite/rule.hpp"

namespace app {

/// `mock_size`: bytes of one file that is answered with.
std::vector<rewrite::action> read_actions(const rule_node& list, std::size_t mock_size, rule_faults& faults);

}  // namespace app
