#include "mitm/relay/connection_tap.hpp"

#include "mitm/policy/alpn.hpp"
#include "mitm/rewrite/local_answer.hpp"
#include "mitm/rewrite/h2_local_answer.hpp"

namespace mitm {

std::unique_ptr<exchange_tap> connection_tap::requests::on_request(const net::wire::request_head& head) {
  last_is_head_ = head.method == "HEAD";
  return next_.on_request(head);
}

connection_tap::connection_tap(exchange_observer& next, const limits& bounds, std::string_view protocol)
    : requests_(next) {
  if (protocol == h2) {
    h2_ = std::make_unique<h2_tracker>(
        requests_, h2_tracker::limits{bounds.head_size, bounds.h2_open_streams, bounds.h2_header_table,
                                      bounds.h2_continuations, bounds.h2_resets});
  } else {
    http1_.emplace(requests_, exchange_tracker::limits{bounds.head_size, bounds.pipelined_requests});
  }
}

connection_tracker& connection_tap::tracker() {
  if (h2_) return *h2_;
  return *http1_;
}

std::string connection_tap::answer(const net::failure& failure, std::string_view host) const {
  const local_answer last = answer_to(failure, host);
  const bool with_body = !requests_.last_is_head();
  return h2_ ? last_h2_answers(last, h2_->unanswered(), with_body) : last_answer(last, with_body);
}

}  // namespace mitm
