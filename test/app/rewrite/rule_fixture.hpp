#pragma once

// Rules and requests in few words.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/rewrite/rule.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

inline rule make_rule(std::string name, std::vector<action> actions, rule_match match = {}) {
  rule made;
  made.name = std::move(name);
  made.match = std::move(match);
  made.actions = std::move(actions);
  return made;
}

inline net::text::host_pattern host(std::string_view pattern) {
  return *net::text::host_pattern::parse(pattern);
}

inline mitm::held_request chat_request(std::string body, std::vector<net::wire::field> fields = {}) {
  return {"POST", "/v1/chat/completions", std::move(fields), std::move(body)};
}

}  // namespace app::rewrite
