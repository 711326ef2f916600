#pragma once

// How the conditions of two rules overlap. Each condition is compared separately, so two rules that overlap in each may
// still match no common request.

#include "app/rewrite/rule.hpp"

namespace app::rewrite {

/// Some host matches both.
bool hosts_meet(const net::text::host_pattern& a, const net::text::host_pattern& b);

/// A request may match both rules.
bool meet(const rule_match& a, const rule_match& b);

/// Every request that matches `inner` matches `outer`. Also false if that is not known.
bool covers(const rule_match& outer, const rule_match& inner);

}  // namespace app::rewrite
