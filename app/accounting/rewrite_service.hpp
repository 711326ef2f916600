#pragma once

// The user's rules in the service: holds the set in force, finds out who made a connection if a rule asks, and writes
// audit lines and counters of what was done. Called from the strands of all connections.

#include <memory>
#include <mutex>
#include <stop_token>

#include "app/accounting/usage_recorder.hpp"
#include "app/log/logging.hpp"
#include "app/metrics/metrics.hpp"
#include "app/rewrite/rewriter.hpp"
#include "mitm/relay/request_rules.hpp"

namespace app {

class rewrite_service final : public mitm::request_rules {
 public:
  using rules = std::shared_ptr<const rewrite::rule_set>;

  struct parts {
    metrics& counters;
    logger& log;
    usage_recorder::process_source who;
    std::size_t body_limit;  // limits.rewrite_body
  };

  /// What `parts` refers to outlives it. A null set is an empty one.
  rewrite_service(parts dependencies, rules first);

  /// Applies to requests that begin from now on; those under way finish under the rules that they began with.
  /// Connections that were relayed unchanged to a host that the new rules concern end once they are idle. From any
  /// thread.
  void use(rules next);

  bool concern(std::string_view host) const override;
  boost::asio::awaitable<std::unique_ptr<mitm::request_rewriter>> begin(const mitm::connection_facts& facts) override;
  std::stop_token changing() const override;

 private:
  rules current() const;
  void audit(const rewrite::audit_entry& what);

  parts dependencies_;
  mutable std::mutex mutex_;  // guards the two below; held for a copy
  rules rules_;
  std::stop_source changing_;
};

}  // namespace app
