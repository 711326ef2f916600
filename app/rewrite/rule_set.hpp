#pragma once

// The rules in file order. A rule matches the request as its client sent it, and changes the result of the rules before
// it. Immutable: a reload makes a new set.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/rewrite/request_draft.hpp"
#include "app/rewrite/request_facts.hpp"
#include "app/rewrite/rule.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

/// The result of one rule for one request.
struct rule_step {
  enum class fate : std::uint8_t {
    no_match,    // `said`: the first condition that fails
    unneeded,    // it matches and changes nothing
    unfollowed,  // it may match, but the request is not what it expects. `said`: why
    followed,    // `said`: what it changed or answered
    rehearsed,   // as followed, but as a dry run
  };

  const rule* which = nullptr;
  fate what = fate::no_match;
  std::string said;
};

/// The result of all rules for a request.
struct rewriting {
  std::vector<rule_step> steps;  // up to the rule that ended it
  request_draft draft;
  std::optional<mitm::local_answer> answer;  // if set, the draft is not used
  std::vector<std::string> events{};         // … of a message

  /// Whether a rule changed something, or would have in a dry run of all rules.
  bool changed() const;
};

class rule_set {
 public:
  enum class interest : std::uint8_t {
    none,  // no rule can match
    head,  // one may, and the body does not matter
    body,  // the body is needed
  };

  rule_set() = default;
  rule_set(std::vector<rule> rules, bool dry_run) : rules_(std::move(rules)), dry_run_(dry_run) {}

  const std::vector<rule>& rules() const noexcept { return rules_; }
  /// A dry run of all rules.
  bool dry_run() const noexcept { return dry_run_; }

  /// False: no rule can match a request to that host.
  bool concerns(std::string_view host) const;
  interest wants(const head_facts& head) const;
  /// The names of the rules that may match, ", " between.
  std::string candidates(const head_facts& head) const;

  /// `draft` holds what the facts view. The steps point into this set.
  rewriting follow(const head_facts& head, const body_facts& body, request_draft draft) const;

 private:
  std::vector<rule> rules_;
  bool dry_run_ = false;
};

}  // namespace app::rewrite
