#pragma once

// A memory budget and the shares taken from it. Whoever holds bytes covers them with a share; the share's destructor
// returns them. Lock-free. Different shares may be used on different threads, but each by one thread at a time.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

namespace net {

class memory_budget {
 public:
  /// Shares up to this size may use the whole budget, larger ones seven eighths, so that large ones cannot keep small
  /// ones out.
  static constexpr std::size_t small = 64 * 1024;

  explicit memory_budget(std::size_t limit) : limit_(limit) {}
  memory_budget(const memory_budget&) = delete;
  memory_budget& operator=(const memory_budget&) = delete;

  std::size_t limit() const noexcept { return limit_; }
  std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

  class share;

 private:
  bool take(std::size_t more, std::size_t most) noexcept {
    auto used = used_.load(std::memory_order_relaxed);
    do {
      if (used > most || more > most - used) return false;
    } while (!used_.compare_exchange_weak(used, used + more, std::memory_order_relaxed));
    return true;
  }

  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

class memory_budget::share {
 public:
  /// Without a budget: covers anything.
  share() = default;
  explicit share(memory_budget* budget) : budget_(budget) {}
  share(share&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  share& operator=(share&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~share() { shrink_to(0); }

  /// True: the share now covers at least `size` bytes. False: the budget has no room, and the share is unchanged.
  bool cover(std::size_t size) {
    if (budget_ == nullptr || size <= size_) return true;
    const std::size_t wanted = (size + step - 1) / step * step;
    const std::size_t most = wanted <= small ? budget_->limit_ : budget_->limit_ / 8 * 7;
    if (!budget_->take(wanted - size_, most)) return false;
    size_ = wanted;
    return true;
  }

  /// Returns what exceeds `size`.
  void shrink_to(std::size_t size) noexcept {
    const std::size_t kept = (size + step - 1) / step * step;
    if (budget_ == nullptr || kept >= size_) return;
    budget_->used_.fetch_sub(size_ - kept, std::memory_order_relaxed);
    size_ = kept;
  }

  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t step = 4096;  // so that a slowly growing body does not touch the budget for every piece

  memory_budget* budget_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace net
