#include "mitm/rewrite/connection_rewriter.hpp"

#include <utility>

#include "mitm/policy/alpn.hpp"
#include "mitm/rewrite/h2_rewriter.hpp"
#include "mitm/rewrite/http1_rewriter.hpp"

namespace mitm {

std::unique_ptr<connection_rewriter> make_rewriter(request_rewriter& rules, exchange_observer& observer,
                                                   const limits& bounds, std::string_view protocol, mask_source masks,
                                                   net::memory_budget* held) {
  if (protocol == h2) {
    return std::make_unique<h2_rewriter>(
        rules, observer, h2_rewriter::limits{bounds.head_size, bounds.rewrite_body, bounds.h2_open_streams, held},
        std::move(masks));
  }
  return std::make_unique<http1_rewriter>(
      rules, observer, http1_rewriter::limits{bounds.head_size, bounds.rewrite_body, held}, std::move(masks));
}

}  // namespace mitm
