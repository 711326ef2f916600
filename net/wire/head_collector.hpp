#pragma once

// Puts the head of an HTTP/1.1 message together (RFC 9112 §2.1) for the exchange tracker. A head that lies in one block
// is viewed there; only one that is split over blocks is copied, and that copy is gone once the head is used.

#include <cstddef>
#include <string>
#include <string_view>

#include "net/wire/errc.hpp"

namespace net::wire {

class head_collector {
 public:
  /// `limit`: bytes of one head, its empty line included.
  explicit head_collector(std::size_t limit) : limit_(limit) {}

  struct step {
    std::size_t consumed;   // bytes of the input that belong to the head
    std::string_view head;  // the whole head, else empty; valid as long as the input and until release()
  };

  /// Call with what follows until the step has a head, then release(). Errors: too_large.
  result<step> feed(std::string_view input);

  /// Forgets the head, whole or not, and its memory.
  void release();

  /// No byte of a head is held.
  bool empty() const noexcept { return held_.empty(); }

 private:
  std::size_t limit_;
  std::string held_;
};

}  // namespace net::wire
