#pragma once

// Collects the head of an HTTP/1.1 message (RFC 9112 §2.1) for the exchange tracker. A head within one block is a view;
// only a head split over blocks is copied, until release().

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
    std::string_view head;  // the whole head, else empty; valid while the input is, and until release()
  };

  /// Call it with the following bytes until the step has a head, then call release(). Errors: too_large.
  result<step> feed(std::string_view input);

  /// Drops the head, complete or not, and frees its memory.
  void release();

  /// No byte of a head is held.
  bool empty() const noexcept { return held_.empty(); }

 private:
  std::size_t limit_;
  std::string held_;
};

}  // namespace net::wire
