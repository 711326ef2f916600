#pragma once

// The limits that the answer of one exchange tells of its account. Those of the account are told with the head of the
// answer, those of a model once the exchange has ended: only then it is known which model it was. Used on the strand of
// a connection.

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "app/accounting/account_key.hpp"
#include "net/wire/message_head.hpp"
#include "usage/limits/account_window.hpp"
#include "usage/usage_record.hpp"

namespace app {

/// Where limits go.
struct limit_watch {
  const account_key* accounts = nullptr;                // null: nobody wants to know; outlives all exchanges
  std::function<void(usage::account_window&&)> tell{};  // must not block
};

class exchange_limits {
 public:
  /// `watch` outlives it. `provider`: whose API the request speaks.
  exchange_limits(const limit_watch& watch, usage::provider provider, const net::wire::request_head& head);

  /// `now` in Unix ms.
  void on_response(std::string_view host, const net::wire::response_head& head, std::int64_t now);
  /// `record` is complete, its host included.
  void on_end(const usage::usage_record& record);

 private:
  usage::account_window window_of(usage::limit_window&& told, std::string_view host) const;

  const limit_watch& watch_;
  std::uint64_t account_ = 0;
  usage::provider provider_;
  std::int64_t seen_at_ = 0;
  std::vector<usage::limit_window> of_model_;
};

}  // namespace app
