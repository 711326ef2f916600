#pragma once

// Finds the time stamps of the language server's simulator in a text that arrives in pieces. A stamp is "t=", the time
// in nanoseconds of CLOCK_MONOTONIC, and a space. Any text may surround it.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bench {

class stamp_reader {
 public:
  void feed(std::string_view text, const std::function<void(std::uint64_t stamp)>& then);

 private:
  std::string kept_;  // what may be the beginning of a stamp
};

}  // namespace bench
