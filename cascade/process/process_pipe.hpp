#pragma once

// File descriptors that are owned, and pipes whose ends a child can be given: never 0, 1 or 2, so that placing one of
// them there cannot overwrite another.

#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "net/errc.hpp"

namespace cascade {

class process_descriptor {
 public:
  process_descriptor() = default;
  explicit process_descriptor(int number) : number_(number) {}
  process_descriptor(process_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  process_descriptor& operator=(process_descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~process_descriptor() { close(); }

  int get() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }
  void close() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_ = -1;
};

struct process_pipe {
  process_descriptor read;
  process_descriptor write;

  /// Close-on-exec, both ends above 2.
  static net::result<process_pipe> open();
};

}  // namespace cascade
