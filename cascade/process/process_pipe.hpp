#pragma once

// Pipes whose ends a child can be given: never 0, 1 or 2, so that placing one of them there cannot overwrite another.

#include "net/descriptor.hpp"
#include "net/errc.hpp"

namespace cascade {

struct process_pipe {
  net::descriptor read;
  net::descriptor write;

  /// Close-on-exec, both ends above 2.
  static net::result<process_pipe> open();
};

}  // namespace cascade
