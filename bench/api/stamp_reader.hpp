#pragma once

// Takes the stamps of the language server's simulator out of a text that comes in pieces, whatever is around them: it
// writes "t=" and the time, in nanoseconds of CLOCK_MONOTONIC, and a space.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bench {

class stamp_reader {
 public:
  void feed(std::string_view text, const std::function<void(std::uint64_t stamp)>& then);

 private:
  std::string kept_;  // what may be the beginning of one
};

}  // namespace bench
