#include "mitm/relay/connection_tap.hpp"

#include "mitm/policy/alpn.hpp"
#include "mitm/rewrite/h2_local_answer.hpp"
#include "mitm/rewrite/local_answer.hpp"

namespace mitm {

connection_tap::connection_tap(exchange_observer& observer, const limits& bounds, std::string_view protocol) {
  if (protocol == h2) {
    h2_ = std::make_unique<h2_tracker>(
        observer, h2_tracker::limits{bounds.head_size, bounds.h2_open_streams, bounds.h2_header_table,
                                     bounds.h2_continuations, bounds.h2_resets});
  } else {
    http1_.emplace(observer, exchange_tracker::limits{bounds.head_size, bounds.pipelined_requests});
  }
}

connection_tracker& connection_tap::tracker() {
  if (h2_) return *h2_;
  return *http1_;
}

std::string connection_tap::answer(const net::failure& failure, std::string_view host) const {
  const local_answer last = answer_to(failure, host);
  if (h2_) return last_h2_answers(last, h2_->unanswered(), !h2_->last_is_head());
  return last_answer(last, !http1_->last_is_head());
}

}  // namespace mitm
