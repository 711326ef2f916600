#pragma once

// Limits of a run beyond the interceptor's own; the keys are limits.<name>.

#include <chrono>
#include <cstddef>

namespace app::run {

struct run_limits {
  std::chrono::milliseconds dns_answer{10'000};  // query → answer; clients give up before
  std::size_t dns_queries = 256;                 // under way; further ones wait in the socket's buffer
  std::chrono::milliseconds proxy_head{10'000};  // accept to a whole CONNECT request
  std::size_t proxy_head_size = 16ul << 10;      // bytes of it
  std::size_t proxy_requests = 256;              // being answered; further ones wait in the backlog
  std::chrono::milliseconds kill_grace{5'000};   // SIGTERM → SIGKILL for a process tree that is over budget
};

}  // namespace app::run
