#pragma once

// Limits how many turns run at once. Others wait in order of arrival, up to a second limit. One per
// language server; entered by requests from any strand.

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "net/by.hpp"
#include "net/errc.hpp"

namespace cascade {

namespace asio = boost::asio;

enum class turnstile_errc { full = 1 };  // the limit on waiting turns is reached

const boost::system::error_category& turnstile_category() noexcept;

inline boost::system::error_code make_error_code(turnstile_errc code) noexcept {
  return {static_cast<int>(code), turnstile_category()};
}

class turnstile {
 public:
  turnstile(std::size_t places, std::size_t waiting) : free_(places), may_wait_(waiting) {}
  turnstile(const turnstile&) = delete;
  turnstile& operator=(const turnstile&) = delete;

  /// The right to run, given back by the destructor.
  class place {
   public:
    place() = default;
    explicit place(turnstile& owner) : owner_(&owner) {}
    place(place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    place& operator=(place&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~place() {
      if (owner_ != nullptr) owner_->leave();
    }

   private:
    turnstile* owner_ = nullptr;
  };

  /// Errors: full at once, timed_out, operation_aborted.
  asio::awaitable<net::result<place>> enter(net::deadline limit);

  std::size_t waiting() const;
  std::size_t free() const;

 private:
  struct waiter;

  void leave();
  bool forget(const std::shared_ptr<waiter>& one);

  mutable std::mutex mutex_;  // guards all below; held for a queue operation
  std::size_t free_;
  std::size_t may_wait_;
  std::deque<std::shared_ptr<waiter>> queue_;
};

}  // namespace cascade

template <>
struct boost::system::is_error_code_enum<cascade::turnstile_errc> : std::true_type {};
