#pragma once

// Hands the note of a rewritten request to the tap of that request, which a tracker makes a moment later.

#include <memory>
#include <utility>

#include "mitm/policy/request_rewriter.hpp"
#include "mitm/tap/exchange_tap.hpp"

namespace mitm {

class annotated_observer final : public exchange_observer {
 public:
  explicit annotated_observer(exchange_observer& next) : next_(next) {}

  /// For the request that comes next.
  void annotate(rewrite_note note) { note_ = std::move(note); }

  std::unique_ptr<exchange_tap> on_request(const net::wire::request_head& head) override {
    auto tap = next_.on_request(head);
    const rewrite_note note = std::exchange(note_, {});
    if (tap && !note.empty()) tap->on_rewritten(note);
    return tap;
  }

 private:
  exchange_observer& next_;
  rewrite_note note_;
};

}  // namespace mitm
