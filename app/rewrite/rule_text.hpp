#pragma once

// Descriptions of rules for notes, the log and check-config. They contain names and places, never a value or text.

#include <string>

#include "app/rewrite/rule.hpp"

namespace app::rewrite {

/// "set /temperature", "system append", "model gpt-5-mini", "block".
std::string describe(const action& act);

/// "host api.openai.com, model gpt-5* or o3"; "every request".
std::string describe(const rule_match& match);

}  // namespace app::rewrite
