#include "cascade/rpc/rpc_queue.hpp"

#include <algorithm>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#endif

namespace cascade {
namespace {

void taken_over([[maybe_unused]] void* tag) {
#if __has_feature(thread_sanitizer)
  __tsan_acquire(tag);
#endif
}

void serve(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
    taken_over(tag);
    static_cast<rpc_tag*>(tag)->proceed(ok);
  }
}

}  // namespace

void handed_over([[maybe_unused]] rpc_tag* tag) {
#if __has_feature(thread_sanitizer)
  __tsan_release(tag);
#endif
}

rpc_queue::rpc_queue(unsigned threads) {
  for (unsigned i = 0; i < std::max(threads, 1u); ++i) {
    threads_.emplace_back([this] { serve(queue_); });
  }
}

rpc_queue::~rpc_queue() {
  {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return calls_ == 0; });
  }
  queue_.Shutdown();
  threads_.clear();
}

void rpc_queue::call_begins() {
  std::lock_guard lock(mutex_);
  ++calls_;
}

void rpc_queue::call_ended() {
  std::lock_guard lock(mutex_);
  if (--calls_ == 0) none_.notify_all();
}

std::size_t rpc_queue::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

}  // namespace cascade
