#include "app/accounting/rewrite_service.hpp"

#include <algorithm>
#include <utility>

namespace app {
namespace {

namespace asio = boost::asio;

bool asks_who(const rewrite::rule_set& rules) {
  return std::ranges::any_of(rules.rules(), [](const rewrite::rule& each) { return !each.match.uids.empty(); });
}

}  // namespace

rewrite_service::rewrite_service(parts dependencies, rules first) : dependencies_(std::move(dependencies)) {
  use(std::move(first));
}

void rewrite_service::use(rules next) {
  if (!next) next = std::make_shared<const rewrite::rule_set>();
  std::stop_source before;
  {
    std::lock_guard lock(mutex_);
    rules_ = std::move(next);
    before = std::exchange(changing_, std::stop_source());
  }
  before.request_stop();  // without the lock: it asks concern()
}

bool rewrite_service::concern(std::string_view host) const {
  return current()->concerns(host);
}

asio::awaitable<std::unique_ptr<mitm::request_rewriter>> rewrite_service::begin(const mitm::connection_facts& facts) {
  std::optional<std::int64_t> uid;
  if (asks_who(*current()) && dependencies_.who) uid = co_await user_of(dependencies_.who(facts));
  co_return std::make_unique<rewrite::rewriter>(
      rewrite::rewriter_setup{[this] { return current(); },
                              {facts.host, uid},
                              dependencies_.body_limit,
                              [this](const rewrite::audit_entry& what) { audit(what); }});
}

std::stop_token rewrite_service::changing() const {
  std::lock_guard lock(mutex_);
  return changing_.get_token();
}

rewrite_service::rules rewrite_service::current() const {
  std::lock_guard lock(mutex_);
  return rules_;
}

void rewrite_service::audit(const rewrite::audit_entry& what) {
  dependencies_.counters.rewrite(what.what);
  const auto line = what.what == rewrite::audit_entry::outcome::not_applied ? &logger::warn : &logger::info;
  (dependencies_.log.*line)("a rule and a request", {{"outcome", to_string(what.what)},
                                                     {"rule", what.rule},
                                                     {"host", what.host},
                                                     {"path", what.path},
                                                     {"changes", what.changes}});
}

}  // namespace app
