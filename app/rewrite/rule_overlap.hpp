#pragma once

// How what two rules match lies to each other. Judged condition by condition: two rules that meet in each may still
// have no request in common.

#include "app/rewrite/rule.hpp"

namespace app::rewrite {

/// There is a host that both mean.
bool hosts_meet(const mitm::host_pattern& a, const mitm::host_pattern& b);

/// A request may match both.
bool meet(const rule_match& a, const rule_match& b);

/// Every request that matches `inner` matches `outer`. False also where it cannot be told.
bool covers(const rule_match& outer, const rule_match& inner);

}  // namespace app::rewrite
