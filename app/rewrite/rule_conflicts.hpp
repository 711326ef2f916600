#pragma once

// What about rules is legal and probably not meant. check-config tells it.

#include <span>
#include <string>
#include <vector>

#include "app/rewrite/rule.hpp"

namespace app::rewrite {

/// One line each, with the place of the rule: a change that a later rule undoes where both match, a rule that one
/// before it always keeps from its turn, a host that is not among the `watched`.
std::vector<std::string> conflicts_of(std::span<const rule> rules, std::span<const mitm::host_pattern> watched);

}  // namespace app::rewrite
