#pragma once

// Limits of a run beside the interceptor's own. The keys are limits.<name>, but for dns_queries and proxy_requests: one
// command never has as many at once, and what is beyond only waits.

#include <chrono>
#include <cstddef>

namespace app::run {

struct run_limits {
  std::chrono::milliseconds dns_answer{10'000};  // query → answer of its server; the program has given up by then
  std::size_t dns_queries = 256;                 // under way; further ones wait in the socket's buffer
  std::chrono::milliseconds proxy_head{10'000};  // accept to a whole CONNECT request
  std::size_t proxy_head_size = 16ul << 10;      // bytes of it
  std::size_t proxy_requests = 256;              // being answered; further ones wait in the backlog
  std::chrono::milliseconds kill_grace{5'000};   // between SIGTERM and SIGKILL for a tree whose budget is spent
};

}  // namespace app::run
