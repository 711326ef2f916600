#pragma once

// The limits within which the state of a followed cascade is kept. Their keys: app/config/config_keys.

#include <cstddef>
#include <cstdint>

namespace cascade {

struct diff_limits {
  int max_depth = 64;                      // nested messages
  std::uint32_t max_length = 500'000;      // elements of a repeated field
  std::size_t max_new_elements = 500'000;  // that one apply() may add to all repeated fields together
};

struct view_limits {
  diff_limits diff;
  std::size_t max_bytes = 256u << 20;  // of the state, measured whenever updates may have filled it
};

}  // namespace cascade
