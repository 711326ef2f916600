#pragma once

// Applies the rules to the requests of one connection. It keeps no state between calls and gets the current rules for
// each request, so that one set of rules judges a request, and perhaps a newer set the next one.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/rewrite/audit_entry.hpp"
#include "app/rewrite/rule_set.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

/// The client and the host that it asks.
struct requester {
  std::string host;                 // of the connection, in lower case
  std::optional<std::int64_t> uid;  // of its client; nullopt: not known
};

/// What the rules do to a request. `body_limit`: bytes that its body may decode to.
rewriting judge(const rule_set& rules, const requester& who, const mitm::held_request& request, std::size_t body_limit);

struct rewriter_setup {
  std::function<std::shared_ptr<const rule_set>()> rules;  // in force; never null
  requester who;
  std::size_t body_limit = 0;  // bytes that a body may decode to
  std::function<void(const audit_entry&)> audit;
};

class rewriter final : public mitm::request_rewriter {
 public:
  explicit rewriter(rewriter_setup setup);

  bool wants(const net::wire::request_head& head) override;
  bool reads_messages(const net::wire::request_head& head) override;
  mitm::rewritten rewrite(mitm::held_request& request) override;
  mitm::rewrite_note passed_over(const net::wire::request_head& head, std::string_view why) override;

 private:
  void report(const rule_set& rules, const rewriting& made, std::string_view path) const;

  rewriter_setup setup_;
};

}  // namespace app::rewrite
