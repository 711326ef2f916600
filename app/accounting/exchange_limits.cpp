#include "app/accounting/exchange_limits.hpp"

#include <string>
#include <utility>

#include "usage/limits/limit_headers.hpp"

namespace app {
namespace {

/// A call that counts tokens has limits of its own, under the same names.
constexpr std::string_view of_counting = "count_tokens ";

}  // namespace

exchange_limits::exchange_limits(const limit_watch& watch, usage::provider provider,
                                 const net::wire::request_head& head)
    : watch_(watch), account_(watch.accounts ? watch.accounts->of(head) : 0), provider_(provider) {}

usage::account_window exchange_limits::window_of(usage::limit_window&& told, std::string_view host) const {
  usage::account_window made;
  made.account = account_key::to_text(account_);
  made.host = host;
  made.provider = provider_;
  made.window = std::move(told);
  made.since = made.seen_at = seen_at_;
  return made;
}

void exchange_limits::on_response(std::string_view host, const net::wire::response_head& head, std::int64_t now) {
  if (!watch_.accounts) return;
  seen_at_ = now;
  for (usage::limit_window& each : usage::read_limit_headers(head.fields, now)) {
    if (each.of_model) {
      of_model_.push_back(std::move(each));
    } else {
      watch_.tell(window_of(std::move(each), host));
    }
  }
}

void exchange_limits::on_end(const usage::usage_record& record) {
  const std::string& model = record.requested_model.empty() ? record.served_model : record.requested_model;
  // Without a model it is not known whose limit it is.
  if (model.empty()) return;
  for (usage::limit_window& each : of_model_) {
    if (record.kind == usage::call_kind::count_tokens) each.name.insert(0, of_counting);
    auto told = window_of(std::move(each), record.host);
    told.model = model;
    watch_.tell(std::move(told));
  }
  of_model_.clear();
}

}  // namespace app
